from . import test_chain_policy
from . import test_lead_line
from . import test_next_action
from . import test_order_step
from . import test_quotation_step
from . import test_stage_documents
from . import test_won_lost
