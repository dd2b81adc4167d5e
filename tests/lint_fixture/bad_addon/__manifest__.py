{
    "name": "Bad Addon",
    "version": "16.0.1.0.0",
    "license": "MIT",
    "depends": ["base"],
    "data": ["views/res_partner_views.xml"],
    "installable": True,
}
