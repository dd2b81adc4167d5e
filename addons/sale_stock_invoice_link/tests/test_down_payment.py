from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestDownPayment(LinkCase):
    """One press, one invoice; never more than the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order()

    def wizard(self, **vals):
        wizards = self.env["sale.advance.payment.inv"].with_user(self.salesperson)
        return wizards.with_context(active_ids=self.order.ids).create(
            {"sale_order_ids": [(6, 0, self.order.ids)], **vals}
        )

    def down_payment(self, percent):
        return self.wizard(advance_payment_method="percentage", amount=percent)

    def invoices(self):
        return self.order.sudo().invoice_ids

    def test_same_wizard_makes_its_invoice_once(self):
        """Core makes one for each press."""
        wizard = self.down_payment(60)
        first = wizard.create_invoices()
        again = wizard.create_invoices()
        self.assertEqual(len(self.invoices()), 1)
        self.assertEqual(first["res_id"], again["res_id"])

    def test_down_payments_stop_at_the_total(self):
        """Core invoices 120 % of the order."""
        self.down_payment(60).create_invoices()
        with self.assertRaisesRegex(UserError, "would be too much"):
            self.down_payment(60).create_invoices()
        self.down_payment(40).create_invoices()
        total = sum(self.invoices().mapped("amount_total"))
        self.assertAlmostEqual(total, self.order.amount_total)
        with self.assertRaisesRegex(UserError, "would be too much"):
            one = self.wizard(advance_payment_method="fixed", fixed_amount=1)
            one.create_invoices()

    def test_setting_takes_core_s_way(self):
        settings = self.env["res.config.settings"]
        self.assertTrue(settings.create({}).sale_down_payment_within_order)
        settings.create({"sale_down_payment_within_order": False}).execute()
        self.down_payment(120).create_invoices()
        self.assertGreater(self.invoices().amount_total, self.order.amount_total)

    def test_cancelled_and_credited_down_payments_leave_room(self):
        self.down_payment(60).create_invoices()
        self.invoices().button_cancel()
        self.down_payment(100).create_invoices()
        invoice = self.invoices().filtered(lambda move: move.state == "draft")
        invoice.action_post()
        invoice._reverse_moves(cancel=True)
        self.down_payment(100).create_invoices()

    def test_chain_invoices_what_the_down_payment_left(self):
        self.down_payment(60).create_invoices()
        self.invoices().action_post()
        self.order.chain_run_step("delivery")
        self.order.with_user(self.accountant).chain_run_step("invoice")
        total = sum(self.invoices().mapped("amount_total"))
        self.assertAlmostEqual(total, self.order.amount_total)
