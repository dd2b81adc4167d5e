from collections import defaultdict

from odoo import models
from odoo.tools import float_compare


class CrmLead(models.Model):
    """Discounts noted on the opportunity that its quotation could not be sent with."""

    _inherit = "crm.lead"

    def _chain_send_foreseen(self):
        found = super()._chain_send_foreseen()
        for lead_id, reasons in self._discount_foreseen().items():
            found[lead_id] += reasons
        return found

    def _chain_order_foreseen(self):
        return self._discount_foreseen()

    def _discount_foreseen(self):
        """No query where nobody has a limit.

        :return: ``{lead id: reasons}`` of lines beyond the user's authority
        """
        found = defaultdict(list)
        user = self.env.user
        if user._discount_lowest_limit() is None:
            return found
        limits = {lead.id: user._discount_limit(lead.team_id) for lead in self}
        limited = self.filtered(lambda lead: limits[lead.id] is not None)
        for line, percent in limited.line_ids._discounts_foreseen().items():
            limit = limits[line.lead_id.id]
            if float_compare(percent, limit, precision_digits=2) > 0:
                found[line.lead_id.id].append(line._discount_reason(percent, limit))
        return found
