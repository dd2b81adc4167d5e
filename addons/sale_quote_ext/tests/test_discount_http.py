from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .test_discount_authority import DiscountCase

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw"
    "AAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestDiscountHttp(HttpCase, DiscountCase):
    """In the browser: the leader, and the customer on the portal."""

    def sign(self, order):
        params = {
            "access_token": order.sudo()._portal_ensure_token(),
            "name": "Sara",
            "signature": PIXEL,
        }
        return self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params)

    def page(self, order):
        return self.url_open(order.sudo().get_portal_url())

    def test_customer_cannot_sign_what_nobody_approved(self):
        order = self.make_order(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        self.assertIn('data-bs-target="#modalaccept"', self.page(order).text)
        order.order_line.discount = 50
        self.env.flush_all()
        page = self.page(order)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn('data-bs-target="#modalaccept"', page.text)
        self.assertIn("not in a state requiring", self.sign(order)["error"])
        order.invalidate_recordset()
        self.assertEqual(order.state, "sent")
        self.assertFalse(order.signature)

    def test_customer_signs_what_was_approved(self):
        order = self.make_order(
            {"discount": 25}, require_signature=True, require_payment=False
        )
        order.action_discount_request()
        order.with_user(self.leader).action_discount_approve()
        order.action_quotation_sent()
        self.assertNotIn("error", self.sign(order))
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")

    def test_customer_reads_nothing_of_it(self):
        names = self.env["sale.order"].with_user(self.env.ref("base.public_user"))
        shown = {name for name in names.fields_get() if name.startswith("discount_")}
        self.assertFalse(shown)

    def test_by_rpc_the_state_is_held_too(self):
        order = self.make_order({"discount": 25})
        self.authenticate("chain_sales", "chain_sales")
        for method, args in (
            ("write", [order.ids, {"state": "sale"}]),
            ("write", [order.ids, {"state": "sent"}]),
            ("action_confirm", [order.ids]),
            ("action_quotation_sent", [order.ids]),
            (
                "create",
                [
                    {
                        "partner_id": self.customer.id,
                        "state": "sale",
                        "order_line": [
                            Command.create(
                                {"product_id": self.pump.id, "price_unit": 1}
                            )
                        ],
                    }
                ],
            ),
        ):
            params = {"model": "sale.order", "method": method, "args": args}
            refused = self.assertRaisesRegex(JsonRpcException, "UserError")
            with mute_logger("odoo.http"), refused:
                self.make_jsonrpc_request(
                    "/web/dataset/call_kw", {**params, "kwargs": {}}
                )
        order.invalidate_recordset()
        self.assertEqual(order.state, "draft")

    def test_leader_decides_in_the_activity(self):
        order = self.make_order({"discount": 25})
        order.action_discount_request()
        url = f"/odoo/sales/{order.id}"
        self.start_tour(url, "sale_quote_ext.discount", login="disc_leader")
        approvals = order.sudo().discount_approval_ids
        self.assertEqual(approvals.mapped("state"), ["refused"])
        order.action_discount_request()
        self.start_tour(url, "sale_quote_ext.discount_approve", login="disc_leader")
        order.invalidate_recordset()
        self.assertEqual(order.discount_state, "approved")
