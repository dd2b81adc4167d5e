from . import account_move
from . import chain_policy
from . import crm_lead
from . import product_product
from . import sale_advance_payment_inv
from . import sale_order
from . import stock_move
from . import stock_picking
