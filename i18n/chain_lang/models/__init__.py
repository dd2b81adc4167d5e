from . import res_currency
from . import res_lang
