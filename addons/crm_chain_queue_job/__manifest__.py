{
    "name": "Chain Runs as Queue Jobs",
    "summary": "Large runs of the sale chain on any number of Odoo processes and hosts",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sale Chain contributors",
    "license": "LGPL-3",
    "depends": ["crm_pipeline_ext", "queue_job"],
    "data": ["data/queue_job.xml"],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
