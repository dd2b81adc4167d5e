{
    "name": "CRM Pipeline: Sale Chain",
    "summary": "Carry a sale step by step, from enquiry to opportunity and beyond",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": ["crm"],
    "data": [
        "data/ir_actions_server.xml",
        "views/crm_lead_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_pipeline_ext/static/src/**/*",
        ],
        "web.assets_unit_tests": [
            "crm_pipeline_ext/static/tests/**/*.test.js",
        ],
    },
}
