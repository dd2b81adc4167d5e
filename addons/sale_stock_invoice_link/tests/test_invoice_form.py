from odoo.tests import Form, tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestInvoiceForm(LinkCase):
    def test_salesperson_opens_his_invoice_before_and_after_the_payment(self):
        """The chain bar links to it; core alone refuses its form to him."""
        order = self.make_order("invoice")
        invoice = order.invoice_ids.with_user(self.salesperson)
        for count in (0, 1):
            self.env.invalidate_all()
            with Form(invoice) as form:
                self.assertEqual(form.payment_count, count)
                self.assertEqual(len(form.invoice_line_ids), 2)
            order.with_user(self.accountant).chain_run_step("payment")
