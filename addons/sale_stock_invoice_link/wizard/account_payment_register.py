from odoo import models
from odoo.fields import Command

from odoo.addons.crm_pipeline_ext.batch import batch_of


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payment_vals_from_batch(self, batch_result):
        """A payment without write-off lines is created like any other, so that core
        makes the entries of all payments at once when it posts them; and it knows
        its invoices from the start, as an online payment does.
        """
        vals = super()._create_payment_vals_from_batch(batch_result)
        if batch_of(self.env) and not vals["write_off_line_vals"]:
            del vals["write_off_line_vals"]
            vals["invoice_ids"] = [Command.set(batch_result["lines"].move_id.ids)]
        return vals

    def _reconcile_payments(self, to_process, edit_mode=False):
        """Reconcile all payments of the sale chain by one plan, not one by one."""
        if not batch_of(self.env) or edit_mode:
            return super()._reconcile_payments(to_process, edit_mode=edit_mode)
        plan = []
        for vals in to_process:
            paid = vals["payment"].move_id.line_ids.filtered(
                lambda line: line.account_type
                in self.env["account.payment"]._get_valid_payment_account_types()
            )
            for account in paid.account_id:
                lines = (paid + vals["to_reconcile"]).filtered(
                    lambda line, account=account: line.account_id == account
                    and line.parent_state == "posted"
                    and not line.reconciled
                )
                plan.append(lines)
        return self.env["account.move.line"]._reconcile_plan(plan)
