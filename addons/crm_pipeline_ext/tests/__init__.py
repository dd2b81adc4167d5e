from . import test_batch
from . import test_chain
from . import test_chain_bar
from . import test_chain_policy
from . import test_chain_run
from . import test_opportunity_step
from . import test_stage_history
from . import test_stage_rule
