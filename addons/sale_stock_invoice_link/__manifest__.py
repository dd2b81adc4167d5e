{
    "name": "Sale, Delivery and Invoice Link: Sale Chain",
    "summary": "From the confirmed order through delivery and invoice to the payment",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": ["sale_quote_ext", "sale_stock"],
    "post_init_hook": "post_init_hook",
    "data": [
        "security/ir.model.access.csv",
        "data/ir_actions_server.xml",
        "data/ir_config_parameter.xml",
        "views/chain_policy_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "sale_stock_invoice_link/static/tests/tours/**/*",
        ],
    },
}
