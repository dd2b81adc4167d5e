{
    "name": "Document Roles for CRM, Sales and Purchase",
    "summary": "Own documents, all documents, manager: three roles that hold",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": [
        "crm",
        "sale_crm",
        "sale_management",
        "sale_stock",
        "purchase_stock",
    ],
    "data": [
        "security/crm_security_roles_groups.xml",
        "security/crm_lead_security.xml",
        "security/sale_order_security.xml",
        "security/purchase_order_security.xml",
        "security/account_move_security.xml",
        "security/report_security.xml",
        "views/res_users_views.xml",
    ],
}
