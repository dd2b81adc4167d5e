{
    "name": "CRM Pipeline: Sale Chain",
    "summary": "Carry a sale step by step, from enquiry to opportunity and beyond",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": ["crm"],
    "data": [
        "security/ir.model.access.csv",
        "security/chain_security.xml",
        "security/crm_lead_stay_security.xml",
        "data/ir_actions_server.xml",
        "data/ir_cron.xml",
        "data/ir_config_parameter.xml",
        "data/res_company.xml",
        "views/chain_policy_views.xml",
        "views/chain_run_views.xml",
        "views/crm_lead_views.xml",
        "views/crm_lead_stage_rule_views.xml",
        "views/crm_stage_rule_views.xml",
        "views/res_config_settings_views.xml",
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
