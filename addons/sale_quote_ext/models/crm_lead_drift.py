from odoo import models


class CrmLead(models.Model):
    """The opportunity's buttons confirm its quotation: a person is asked there too."""

    _inherit = "crm.lead"

    def action_chain_step(self, step):
        if step == "order" and (dialog := self._drift_dialog()):
            return dialog
        return super().action_chain_step(step)

    def action_chain_next(self):
        dialog = self._drift_dialog()
        if dialog and "order" in self._chain_next():
            return dialog
        return super().action_chain_next()

    def _drift_dialog(self):
        """:return: the dialog on the only quotation of one opportunity, or False"""
        if len(self) != 1:
            return False
        self._chain_check_ids(self._ids)
        self.check_access("write")
        if not self.active:
            return False
        orders = self._chain_orders_needing("order")
        if len(orders) != 1 or not orders.has_access("write"):
            return False
        return orders._drift_dialog()
