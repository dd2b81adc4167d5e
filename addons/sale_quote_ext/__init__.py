from . import models
from . import report
from . import wizard


def post_init_hook(env):
    env["crm.lead"]._chain_read_documents_anew()
    env["crm.lead"]._touch_from_orders()
