from . import test_all_and_manager
from . import test_core_untouched
from . import test_core_users
from . import test_own_flow
from . import test_own_role
from . import test_reports
from . import test_user_form
