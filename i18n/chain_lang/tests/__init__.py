from . import test_res_currency
from . import test_res_lang
