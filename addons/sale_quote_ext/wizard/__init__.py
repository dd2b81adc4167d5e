from . import level_proposal
from . import mail_compose_message
from . import portal_share
from . import sale_discount_refuse
from . import sale_order_revision_compare
from . import sale_quotation_drift
from . import sale_order_send
from . import sale_order_take_back
