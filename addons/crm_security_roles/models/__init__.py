from . import account_move
from . import crm_lead
from . import purchase_order
from . import res_groups
from . import res_users
from . import sale_order
