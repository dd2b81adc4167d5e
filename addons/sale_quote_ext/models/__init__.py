from . import account_analytic_distribution_model
from . import chain_policy
from . import crm_lead
from . import crm_lead_line
from . import sale_order
