from odoo import models

from odoo.addons.crm_pipeline_ext.batch import batch_of


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _generate_journal_entry(
        self, write_off_line_vals=None, force_balance=None, line_ids=None
    ):
        """Core writes its entry on each payment, and looks each time which invoices
        change with it; a step of the chain looks once.
        """
        if not batch_of(self.env) or write_off_line_vals or force_balance or line_ids:
            return super()._generate_journal_entry(
                write_off_line_vals, force_balance, line_ids
            )
        payments = self.filtered(lambda x: not x.move_id and x.outstanding_account_id)
        moves = self.env["account.move"].create(
            [payment._generate_move_vals() for payment in payments]
        )
        field = self._fields["move_id"]
        payments.modified(["move_id"], before=True)
        for payment, move in zip(payments, moves, strict=True):
            field.write(payment, move.id)
        payments.modified(["move_id"])
        payments.state = "in_process"
        return None
