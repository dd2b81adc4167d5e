from . import chain_mixin
from . import crm_lead
