from . import sale_report
from . import sale_quotation_report
