from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .test_quotation_revision import RevisionCase

DIALOG = "sale.quotation.drift"


class DriftCase(RevisionCase):
    """A quotation that was sent: pumps for 100 at −10 % by hand, assembly for 40."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discount_feature()
        cls.deal.line_ids.discount = 0
        cls.order = cls.send(cls.order)
        cls.pumps, cls.assembly = cls.order.order_line

    @classmethod
    def discount_feature(cls):
        group = cls.env.ref("sale.group_discount_per_so_line")
        cls.env.ref("base.group_user").implied_ids |= group

    @classmethod
    def send(cls, order):
        order.order_line.discount = 0
        order.action_quotation_sent()
        order.quotation_sent_date -= timedelta(minutes=5)
        return order

    def ask(self, order=None):
        """:return: what the button on the form answers"""
        order = order or self.order
        return order.with_context(quotation_drift_ask=True).action_confirm()

    def drifts(self, order=None):
        order = order or self.order
        order.env.flush_all()
        order.env.invalidate_all()
        return {
            (x.line.product_id.name, x.kind): (x.was, x.now)
            for drifts in order._drift().values()
            for x in drifts
        }

    def dialog(self):
        action = self.ask()
        self.assertEqual(action["res_model"], DIALOG)
        wizards = self.env[DIALOG].with_user(self.salesperson)
        return wizards.with_context(**action["context"]).create({})


@tagged("post_install", "-at_install")
class TestQuotationDrift(DriftCase):
    """What has changed since a quotation was sent is shown before it is confirmed."""

    def test_nothing_changed_confirms_at_once(self):
        self.assertTrue(self.ask() is True)
        self.assertEqual(self.order.state, "sale")

    def test_changed_price_asks(self):
        self.pump.list_price = 130
        html = self.dialog().changes_html
        self.assertIn("100.00", html)
        self.assertIn("130.00", html)
        self.assertNotIn("Assembly", html)
        self.assertEqual(self.order.state, "sent")

    def test_accepted_as_sent(self):
        self.pump.list_price = 130
        self.dialog().action_accept()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.pumps.price_unit, 100)
        said = " ".join(self.order.message_ids.mapped("body"))
        self.assertIn("Confirmed as sent", said)
        self.assertIn("130.00", said)

    def test_refreshed_is_a_quotation_again(self):
        self.pump.list_price = 130
        self.dialog().action_refresh()
        self.assertEqual(self.order.state, "draft")
        self.assertEqual(self.pumps.price_unit, 130)
        self.assertEqual(self.assembly.price_unit, 40)
        said = " ".join(self.order.message_ids.mapped("body"))
        self.assertIn("Not confirmed", said)
        self.send(self.order)
        self.assertTrue(self.ask() is True)

    def test_refreshing_keeps_what_was_given_by_hand(self):
        order = self.order.copy()
        order.order_line[1].price_unit = 33
        order.action_quotation_sent()
        self.pump.list_price, self.service.list_price = 130, 50
        self.assertEqual(len(self.drifts(order)), 2)
        order.action_quotation_refresh()
        self.assertEqual(order.order_line.mapped("price_unit"), [130, 33])

    def test_price_by_hand_is_no_drift(self):
        order = self.order.copy()
        order.order_line.write({"discount": 15})
        order.order_line[1].price_unit = 33
        order.action_quotation_sent()
        self.assertFalse(self.drifts(order))

    def test_line_changed_since_is_another_line(self):
        self.pump.list_price = 130
        self.pumps.product_uom_qty = 50
        self.assertFalse(self.drifts())

    def test_break_that_another_line_took_away_is_no_drift(self):
        """Where breaks are counted over lines, a person has changed it."""
        self.env["ir.config_parameter"].sudo().set_param(
            "sale_quote_ext.break_scope", "template"
        )
        item = {"compute_price": "fixed", "fixed_price": 70, "min_quantity": 5}
        pricelist = self.env["product.pricelist"].create(
            {"name": "Breaks", "item_ids": [(0, 0, item)]}
        )
        order = self.order.copy({"pricelist_id": pricelist.id})
        order.order_line[1].product_id = self.pump
        order.order_line[1].product_uom_qty = 2
        order._recompute_prices()
        self.assertEqual(set(order.order_line.mapped("price_unit")), {70})
        order.action_quotation_sent()
        self.assertFalse(self.drifts(order))
        order.order_line[1].product_uom_qty = 1
        self.assertEqual(set(order.order_line.mapped("price_unit")), {100})
        self.assertFalse(self.drifts(order))

    def test_rule_that_ended_is_a_drift(self):
        now = fields.Datetime.now()
        item = {
            "applied_on": "1_product",
            "product_tmpl_id": self.pump.product_tmpl_id.id,
            "compute_price": "percentage",
            "percent_price": 20,
            "min_quantity": 2,
            "date_end": now + timedelta(days=1),
        }
        season = {"name": "Season", "item_ids": [(0, 0, item)]}
        pricelist = self.env["product.pricelist"].create(season)
        order = self.order.copy({"pricelist_id": pricelist.id})
        order._recompute_prices()
        self.assertEqual(order.order_line[0].price_subtotal, 240)
        order.action_quotation_sent()
        self.assertFalse(self.drifts(order))
        pricelist.item_ids.date_end = now - timedelta(days=1)
        self.assertEqual(self.drifts(order), {("Pump", "price"): (80, 100)})

    def test_other_tax_is_a_drift(self):
        taxes = self.env["account.tax"].create(
            [{"name": f"VAT {rate}", "amount": rate} for rate in (9, 10)]
        )
        self.pump.taxes_id = taxes[0]
        order = self.send(self.order.copy())
        order.order_line._compute_tax_ids()
        self.assertFalse(self.drifts(order))
        self.pump.taxes_id = taxes[1]
        found = self.drifts(order)[("Pump", "tax")]
        self.assertEqual([x.name for x in found], ["VAT 9", "VAT 10"])
        order.action_quotation_refresh()
        self.assertEqual(order.order_line[0].tax_ids, taxes[1])

    def test_other_rate_is_a_drift(self):
        tax = self.env["account.tax"].create({"name": "VAT", "amount": 9})
        self.pump.taxes_id = tax
        order = self.order.copy()
        order.order_line[0].tax_ids = tax
        self.send(order)
        tax.amount = 10
        self.assertIn(("Pump", "tax"), self.drifts(order))
        order.action_quotation_refresh()
        self.assertAlmostEqual(order.amount_tax, 30)

    def test_cost_beyond_its_tolerance_is_a_drift(self):
        self.pump.standard_price = 50
        order = self.send(self.order.copy())
        self.pump.standard_price = 52
        self.assertFalse(self.drifts(order))
        self.pump.standard_price = 53
        self.assertEqual(self.drifts(order), {("Pump", "cost"): (50, 53)})
        order.company_id.sudo().quotation_drift_cost = 0
        self.pump.standard_price = 50.5
        self.assertEqual(len(self.drifts(order)), 1)

    def test_draft_is_not_compared(self):
        self.order.action_draft()
        self.pump.list_price = 130
        self.assertFalse(self.drifts())

    def test_without_the_setting_nothing_is_asked(self):
        self.order.company_id.sudo().quotation_drift_check = False
        self.pump.list_price = 130
        self.assertTrue(self.ask() is True)

    def test_program_confirms_as_sent(self):
        self.pump.list_price = 130
        self.assertTrue(self.order.action_confirm() is True)
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.pumps.price_unit, 100)

    def test_customer_confirms_as_sent(self):
        self.pump.list_price = 130
        public = self.env.ref("base.public_user")
        self.order.with_user(public).sudo()._validate_order()
        self.assertEqual(self.order.state, "sale")

    def test_expired_is_said_before(self):
        self.pump.list_price = 130
        self.order.validity_date = fields.Date.today() - timedelta(days=1)
        with self.assertRaisesRegex(Exception, "expired on"):
            self.ask()

    def test_accepting_needs_the_authority_for_what_it_has_become(self):
        """The quoted price is a discount off the list price of today."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("sale_quote_ext.discount_limited_own", "True")
        parameters.set_param("sale_quote_ext.discount_limit_own", "10")
        self.pump.list_price = 130
        dialog = self.dialog()
        with self.assertRaisesRegex(UserError, "the limit is 10 %"):
            dialog.action_accept()
        self.assertEqual(self.order.state, "sent")
        dialog.action_refresh()
        self.order.action_quotation_sent()
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_chain_button_asks_on_order_and_opportunity(self):
        self.pump.list_price = 130
        for record in (self.order, self.deal):
            for action in (
                record.action_chain_step("order"),
                record.action_chain_next(),
            ):
                self.assertEqual(action["res_model"], DIALOG)

    def test_chain_step_of_a_program_keeps_what_was_sent(self):
        self.pump.list_price = 130
        self.assertEqual(self.deal.chain_run_step("order")["done"], self.deal.ids)
        self.assertEqual(self.pumps.price_unit, 100)

    def test_policy_may_leave_it_to_a_person(self):
        self.deal.sudo()._chain_policy().quotation_drift = "stop"
        self.pump.list_price = 130
        result = self.deal.chain_run_step("order")
        [reason] = result["blocked"][str(self.deal.id)]
        self.assertIn("Confirm it by hand", reason)
        self.dialog().action_accept()
        self.assertEqual(self.order.state, "sale")

    def test_preview_names_it_where_the_policy_stops(self):
        self.deal.sudo()._chain_policy().quotation_drift = "stop"
        self.pump.list_price = 130
        run = self.make_run(self.deal)
        run.action_preview()
        self.assertIn("Confirm it by hand", run.line_ids.message)

    def test_colleague_decides_nothing(self):
        self.pump.list_price = 130
        wizard = self.dialog().with_user(self.colleague)
        theirs = wizard.create({"order_id": self.order.id})
        for decide in (theirs.action_accept, theirs.action_refresh):
            with self.assertRaises(AccessError):
                decide()
        with self.assertRaises(AccessError):
            theirs.read(["changes_html"])

    def test_context_of_a_request_is_no_answer(self):
        """Rules of pricelists are kept for an object only, which none can send."""
        context = {"quotation_today": {"rules": {}}, "quotation_refresh_lines": "all"}
        order = self.order.with_context(**context)
        self.assertFalse(self.drifts(order))

    def test_many_are_compared_in_few_queries(self):
        pricelist = self.env["product.pricelist"].create({"name": "P"})
        item = {"compute_price": "fixed", "fixed_price": 80}
        pricelist.item_ids = [(0, 0, {**item, "min_quantity": n}) for n in range(1, 4)]

        def cost(count):
            orders = self.env["sale.order"].browse()
            for number in range(count):
                order = self.order.copy({"pricelist_id": pricelist.id})
                order.order_line[0].product_uom_qty = number + 1
                orders |= order
            orders.action_quotation_sent()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._drift()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(12), cost(6))


@tagged("post_install", "-at_install")
class TestQuotationDriftWeb(HttpCase, DriftCase):
    """The dialog in the browser."""

    def test_refresh_then_accept(self):
        self.pump.list_price = 130
        url = f"/odoo/sales/{self.order.id}"
        self.start_tour(url, "sale_quote_ext.drift_refresh", login="chain_sales")
        self.order.invalidate_recordset()
        self.assertEqual(self.pumps.price_unit, 130)
        self.pump.list_price = 100
        self.order._recompute_prices()
        self.send(self.order)
        self.pump.list_price = 130
        self.start_tour(url, "sale_quote_ext.drift_accept", login="chain_sales")
        self.order.invalidate_recordset()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.pumps.price_unit, 100)
