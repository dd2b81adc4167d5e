from . import test_chain_policy
from . import test_chain_to_payment
from . import test_delivery_step
from . import test_invoice_form
from . import test_invoice_step
from . import test_rights
from . import test_step_follows_documents
from . import test_tour
