{
    "name": "Sale Quotation: Sale Chain",
    "summary": "Quotations from the opportunity's own products, sent and confirmed",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": ["crm_pipeline_ext", "partnership", "sale_crm", "sale_management"],
    "post_init_hook": "post_init_hook",
    "data": [
        "security/ir.model.access.csv",
        "security/crm_lead_line_security.xml",
        "data/ir_actions_server.xml",
        "data/ir_config_parameter.xml",
        "data/mail_activity_type.xml",
        "views/chain_policy_views.xml",
        "views/crm_lead_views.xml",
        "views/product_pricelist_item_level_views.xml",
        "views/res_partner_level_views.xml",
        "views/res_config_settings_views.xml",
        "views/crm_lead_level_views.xml",
        "views/sale_order_views.xml",
        "views/sale_order_discount_views.xml",
        "wizard/sale_discount_refuse_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sale_quote_ext/static/src/**/*",
        ],
        "web.assets_tests": [
            "sale_quote_ext/static/tests/tours/**/*",
        ],
    },
}
