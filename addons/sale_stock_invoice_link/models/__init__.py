from . import account_move
from . import crm_lead
from . import sale_order
from . import stock_move
from . import stock_picking
