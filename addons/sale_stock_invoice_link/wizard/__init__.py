from . import account_payment_register
from . import sale_advance_payment_inv
