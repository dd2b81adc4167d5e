from . import account_analytic_distribution_model
from . import chain_policy
from . import crm_lead
from . import crm_lead_line
from . import crm_lead_order
from . import res_config_settings
from . import sale_order
from . import sale_order_opportunity
