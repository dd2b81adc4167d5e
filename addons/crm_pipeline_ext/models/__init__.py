from . import chain_mixin
from . import chain_plan
from . import chain_policy
from . import chain_run
from . import chain_run_line
from . import crm_lead
from . import res_company
