from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A payment confirms no discount that nobody has approved: the quotation waits
        for a leader, and the customer sees no error.
        """
        held = self.sale_order_ids._discount_held()
        held._discount_report()
        free = self.filtered(lambda x: not x.sale_order_ids & held)
        return super(PaymentTransaction, free)._check_amount_and_confirm_order()
