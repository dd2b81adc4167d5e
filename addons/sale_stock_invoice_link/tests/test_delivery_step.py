from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestDeliveryStep(LinkCase):
    def test_whole_delivery_or_none(self):
        """Without enough stock nothing moves and no backorder arises."""
        self.put_in_stock(self.pump, -98)
        order = self.make_order()
        with self.assertRaisesRegex(UserError, r"Not enough Pump in stock: 1\.0"):
            order.action_chain_step("delivery")
        self.assertEqual(len(order.picking_ids), 1)
        self.assertNotEqual(order.picking_ids.state, "done")
        self.assertEqual(self.on_hand(self.pump), 2)

    def test_the_last_pieces_go_to_the_first_order(self):
        self.put_in_stock(self.pump, -100)
        orders = self.make_order(count=2)
        self.put_in_stock(self.pump, 5)
        result = orders.chain_run_step("delivery")
        self.assertEqual(result["done"], orders[0].ids)
        self.assertEqual(list(result["blocked"]), [str(orders[1].id)])
        self.assertEqual(self.on_hand(self.pump), 2)

    def test_services_need_no_delivery(self):
        order = self.make_order(
            line_ids=[(0, 0, {"product_id": self.service.id})]
        )
        self.assertEqual(
            order.chain_run_step("delivery"), {"done": [], "blocked": {}}
        )
        self.assertEqual(order.opportunity_id.chain_step, "delivery")

    def test_warehouse_that_picks_before_it_ships(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.make_order()
        order.chain_run_step("delivery")
        self.env.invalidate_all()
        self.assertEqual(set(order.picking_ids.mapped("state")), {"done"})
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(self.on_hand(self.pump), 97)

    def test_serial_numbers_in_stock_are_taken(self):
        tracked = self.env["product.product"].create(
            {"name": "Meter", "is_storable": True, "tracking": "serial"}
        )
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": tracked.id} for name in ("A", "B")]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(
                tracked, self.stock, 1, lot_id=lot
            )
        order = self.make_order(
            line_ids=[(0, 0, {"product_id": tracked.id, "product_uom_qty": 2})]
        )
        order.chain_run_step("delivery")
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, lots)
        self.assertEqual(order.picking_ids.state, "done")

    def test_unconfirmed_quotation_is_not_delivered(self):
        order = self.make_order("quotation")
        with self.assertRaisesRegex(UserError, "Confirm it first"):
            order.action_chain_step("delivery")

    def test_backorder_made_by_hand_is_delivered(self):
        order = self.make_order()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(order.opportunity_id.chain_step, "order")
        order.chain_run_step("delivery")
        self.assertEqual(order.order_line[0].qty_delivered, 3)
        self.assertEqual(order.opportunity_id.chain_step, "delivery")
