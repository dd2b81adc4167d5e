from . import crm_lean_report
from . import crm_funnel_report
from . import crm_forecast_report
