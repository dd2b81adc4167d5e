from . import crm_next_activity_mixin
from . import crm_lead_lost
from . import crm_lead_plan_next
from . import crm_lead_to_opportunity
from . import crm_meeting_outcome
