from odoo.tests import tagged

from odoo.addons.sale_stock_invoice_link import post_init_hook

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestStepFollowsDocuments(LinkCase):
    """``chain_step`` after core's own buttons, pressed by people who never use ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order()
        cls.deal = cls.order.opportunity_id
        cls.order = cls.order.with_env(cls.env)

    def assertStep(self, step):
        self.env.flush_all()
        self.cr.execute(
            "SELECT chain_step FROM crm_lead WHERE id = %s", [self.deal.id]
        )
        self.assertEqual(self.cr.fetchone()[0], step)
        self.env.invalidate_all()
        self.env.add_to_compute(self.deal._fields["chain_step"], self.deal)
        self.assertEqual(self.deal.chain_step, step, "what the documents say")

    def deliver(self):
        self.order.picking_ids.button_validate()

    def invoice(self):
        invoice = self.order._create_invoices()
        invoice.action_post()
        return invoice

    def pay(self, invoice):
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({})
            ._create_payments()
        )

    def test_straight_on(self):
        self.assertStep("order")
        self.deliver()
        self.assertStep("delivery")
        invoice = self.order._create_invoices()
        self.assertStep("delivery")
        invoice.action_post()
        self.assertStep("invoice")
        invoice.is_move_sent = True
        self.assertStep("send_invoice")
        self.pay(invoice)
        self.assertStep("payment")

    def test_what_was_there_before_the_addon(self):
        self.deliver()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE crm_lead SET chain_step = 'opportunity' WHERE id = %s",
            [self.deal.id],
        )
        self.env.invalidate_all()
        post_init_hook(self.env)
        self.assertStep("delivery")

    def test_payment_cancelled(self):
        self.deliver()
        invoice = self.invoice()
        payments = self.pay(invoice)
        self.assertStep("payment")
        payments.action_draft()
        payments.action_cancel()
        self.assertStep("invoice")

    def test_invoice_back_to_draft_and_deleted(self):
        self.deliver()
        invoice = self.invoice()
        invoice.button_draft()
        self.assertStep("delivery")
        invoice.with_context(force_delete=True).unlink()
        self.assertStep("delivery")

    def test_order_cancelled_and_confirmed_again(self):
        self.order.action_cancel()
        self.assertStep("opportunity")
        self.order.action_draft()
        self.assertStep("quotation")
        self.order.action_confirm()
        self.assertStep("order")

    def test_delivery_cancelled(self):
        """Nothing is left to ship: what was ordered for services goes on."""
        self.order.picking_ids.action_cancel()
        self.assertStep("delivery")

    def test_goods_returned_and_credited(self):
        self.deliver()
        invoice = self.invoice()
        self.pay(invoice)
        self.assertStep("payment")
        picking = self.order.picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.assertStep("payment")
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertStep("delivery")
        credit = self.order._create_invoices(final=True)
        self.assertEqual(credit.move_type, "out_refund")
        credit.action_post()
        self.assertStep("payment")

    def test_more_ordered_later(self):
        self.deliver()
        self.pay(self.invoice())
        self.assertStep("payment")
        self.order.order_line[0].product_uom_qty += 1
        self.assertStep("order")

    def test_second_order_on_the_same_opportunity(self):
        self.deliver()
        self.pay(self.invoice())
        other = self.order.copy({"opportunity_id": self.deal.id})
        self.assertStep("payment")
        other.action_confirm()
        self.assertStep("order")
        other.opportunity_id = False
        self.assertStep("payment")
