import logging

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

# Neither country has used its subunit for decades.
WHOLE_UNIT_CURRENCIES = ("base.IRR", "base.MNT")


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.model
    def _round_to_whole_units(self):
        """Give IRR and MNT no decimals where they still have core's two.

        Accounting refuses it for a currency that already has journal entries: such
        a currency keeps its decimals.

        :return: the currencies that were changed
        """
        changed = self.browse()
        for xmlid in WHOLE_UNIT_CURRENCIES:
            currency = self.env.ref(xmlid, raise_if_not_found=False)
            if not currency or currency.decimal_places != 2:
                continue
            try:
                currency.rounding = 1.0
            except UserError as error:
                _logger.info("%s keeps its decimals: %s", currency.name, error)
            else:
                changed |= currency
        return changed
