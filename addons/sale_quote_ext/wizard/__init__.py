from . import level_proposal
from . import mail_compose_message
from . import portal_share
from . import sale_discount_refuse
