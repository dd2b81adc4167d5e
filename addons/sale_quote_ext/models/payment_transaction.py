from odoo import models

# A key of the context, and the value that says that the customer has paid. It is an
# object: a request can put texts and numbers into the context, but not this.
PAYING = "sale_quotation_paying"
PAID = object()


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A payment confirms no discount that nobody has approved: the quotation waits
        for a leader, and the customer sees no error. One that has expired since is
        confirmed, as core does.
        """
        held = self.sale_order_ids._discount_held()
        held._discount_report()
        free = self.filtered(lambda x: not x.sale_order_ids & held)
        free = free.with_context(**{PAYING: PAID})
        return super(PaymentTransaction, free)._check_amount_and_confirm_order()
