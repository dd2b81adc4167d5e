from . import models
from . import wizards


def post_init_hook(env):
    env["crm.lead"]._chain_read_documents_anew()
