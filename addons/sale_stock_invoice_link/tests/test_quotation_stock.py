from datetime import timedelta

from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestQuotationStock(LinkCase):
    """Stock that sufficed when a quotation was sent and does not any more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.make_deals()
        cls.deal.chain_run_step("quotation")
        cls.order = cls.deal.order_ids
        cls.order.action_quotation_sent()
        cls.order.quotation_sent_date -= timedelta(minutes=5)

    def stock_drifts(self):
        self.env.invalidate_all()
        drifts = self.order._drift().get(self.order, [])
        return [(x.line.product_id, x.was, x.now) for x in drifts if x.kind == "stock"]

    def test_enough_left_is_no_drift(self):
        self.put_in_stock(self.pump, -97)
        self.assertFalse(self.stock_drifts())

    def test_too_little_left_is_shown(self):
        self.put_in_stock(self.pump, -98)
        self.assertEqual(self.stock_drifts(), [(self.pump, 100, 2)])
        dialog = self.order.with_context(quotation_drift_ask=True).action_confirm()
        self.assertEqual(dialog["res_model"], "sale.quotation.drift")

    def test_what_others_reserved_is_not_free(self):
        other = self.order.copy({"opportunity_id": False})
        other.order_line[0].product_uom_qty = 99
        other.action_confirm()
        self.assertEqual(self.stock_drifts(), [(self.pump, 100, 1)])

    def test_too_little_from_the_start_is_no_drift(self):
        self.order.order_line[0].product_uom_qty = 200
        self.order.action_draft()
        self.order.action_quotation_sent()
        self.put_in_stock(self.pump, -50)
        self.assertFalse(self.stock_drifts())

    def test_stock_of_many_costs_one_query(self):
        orders = self.order | self.order.copy() | self.order.copy()
        orders.order_line.mapped("product_id")
        orders.mapped("warehouse_id.name")
        with self.assertQueryCount(1):
            orders.order_line._drift_stock()
