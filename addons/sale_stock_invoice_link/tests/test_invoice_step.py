from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestInvoiceStep(LinkCase):
    def test_nothing_is_invoiced_before_its_time(self):
        order = self.make_order(line_ids=[(0, 0, {"product_id": self.pump.id})])
        with self.assertRaisesRegex(UserError, "nothing to invoice yet"):
            order.action_chain_step("invoice")
        self.assertFalse(order.invoice_ids)

    def test_down_payment_is_deducted(self):
        order = self.make_order()
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "percentage", "amount": 50}
        ).create_invoices()
        down_payment = order.invoice_ids
        down_payment.with_env(self.env).action_post()
        order.chain_run_step("delivery")
        order.chain_run_step("invoice")
        final = order.invoice_ids - down_payment
        self.assertEqual(len(final), 1)
        self.assertEqual(final.state, "posted")
        self.assertAlmostEqual(
            final.amount_total + down_payment.amount_total, order.amount_total
        )

    def test_orders_of_one_customer_get_an_invoice_each(self):
        """Core would put them on one."""
        orders = self.make_order("delivery", count=2)
        orders.chain_run_step("invoice")
        self.assertEqual(len(orders[0].invoice_ids), 1)
        self.assertFalse(orders[0].invoice_ids & orders[1].invoice_ids)

    def test_invoice_without_address_is_not_sent(self):
        order = self.make_order("invoice")
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "Sara has no e-mail address"):
            order.action_chain_step("send_invoice")
        self.assertFalse(order.invoice_ids.is_move_sent)

    def test_several_invoices_are_sent_one_by_one(self):
        """Core renders them together, which unpatched wkhtmltopdf cannot do."""
        orders = self.make_order("invoice", count=2)
        orders.chain_run_step("send_invoice")
        self.assertEqual(orders.invoice_ids.mapped("is_move_sent"), [True, True])
        for invoice in orders.invoice_ids:
            self.assertTrue(invoice.invoice_pdf_report_id)
            self.assertIn(
                self.customer, invoice.message_ids.notified_partner_ids
            )

    def test_partly_paid_invoice_is_paid_to_the_end(self):
        order = self.make_order("invoice").with_user(self.accountant)
        invoice = order.invoice_ids
        self.env["account.payment.register"].with_user(self.accountant).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 10})._create_payments()
        self.assertEqual(invoice.payment_state, "partial")
        order.chain_run_step("payment")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.amount_residual, 0)

    def test_instalments_are_paid_in_full(self):
        terms = self.pay_terms_b
        order = self.make_order()
        order.payment_term_id = terms
        order.chain_run_step("delivery")
        order.chain_run_step("invoice")
        order.with_user(self.accountant).chain_run_step("payment")
        self.assertEqual(order.invoice_ids.amount_residual, 0)

    def test_credited_invoice_needs_no_payment(self):
        order = self.make_order("invoice")
        self.refund(order.invoice_ids)
        self.assertEqual(order.opportunity_id.chain_step, "delivery")

    def refund(self, invoice):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.modify_moves()
