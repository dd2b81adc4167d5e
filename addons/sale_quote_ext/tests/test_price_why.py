from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_level import LevelCase


class WhyCase(LevelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.gold | cls.silver).default_pricelist_id = False
        cls.customer.grade_id = cls.gold
        cls.customer.property_product_pricelist = cls.retail

    def quote(self, *lines, **vals):
        """:return: a quotation of the salesperson"""
        lines = [{"product_id": self.pump.id, **line} for line in lines or [{}]]
        vals = {
            "partner_id": self.customer.id,
            "pricelist_id": self.retail.id,
            "order_line": [Command.create(line) for line in lines],
            **vals,
        }
        return self.env["sale.order"].with_user(self.salesperson).create(vals)

    def why(self, order, **kwargs):
        return order.explain_price(order.order_line[:1].id, **kwargs)

    def rows(self, order, **kwargs):
        return dict(self.why(order, **kwargs)["rows"])


@tagged("post_install", "-at_install")
class TestNextBreak(WhyCase):
    def breaks(self, order):
        return [
            (round(x.missing, 6), round(x.percent, 6))
            for x in order.order_line._next_breaks().values()
        ]

    def test_next_break_tells_how_many_more_and_how_much_less(self):
        self.make_rule(100)
        self.make_rule(92, min_quantity=10)
        self.assertEqual(self.breaks(self.quote({"product_uom_qty": 6})), [(4, 8)])

    def test_nothing_beyond_the_last_break(self):
        self.make_rule(92, min_quantity=10)
        self.assertFalse(self.breaks(self.quote({"product_uom_qty": 10})))

    def test_break_that_costs_more_is_passed_over(self):
        self.make_rule(90)
        self.make_rule(95, min_quantity=5)
        self.make_rule(81, min_quantity=20)
        self.assertEqual(self.breaks(self.quote()), [(19, 10)])

    def test_break_of_another_level_or_time_is_none(self):
        self.make_rule(50, self.silver, min_quantity=10)
        self.make_rule(50, min_quantity=10, date_end=datetime(2020, 1, 1))
        self.assertFalse(self.breaks(self.quote()))
        self.make_rule(75, self.gold, min_quantity=10)
        self.assertEqual(self.breaks(self.quote()), [(9, 25)])

    def test_break_in_the_unit_of_the_line(self):
        self.make_rule(90, min_quantity=36)
        dozen = self.env.ref("uom.product_uom_dozen").id
        self.assertEqual(self.breaks(self.quote({"product_uom_id": dozen})), [(2, 10)])

    def test_break_of_the_pricelist_it_is_based_on(self):
        self.make_rule(80, min_quantity=10)
        base = {"base": "pricelist", "base_pricelist_id": self.retail.id}
        rule = {"compute_price": "percentage", "percent_price": 10, **base}
        order = self.quote(
            pricelist_id=self.make_pricelists(
                "Partners", item_ids=[Command.create(rule)]
            ).id
        )
        self.assertEqual(self.breaks(order), [(9, 20)])

    def test_price_set_by_hand_has_no_break(self):
        self.make_rule(90, min_quantity=10)
        self.assertFalse(self.breaks(self.quote({"price_unit": 70})))
        self.assertFalse(self.breaks(self.quote({"discount": 30})))

    def test_discount_of_the_rule_is_not_one_by_hand(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        third = {"compute_price": "percentage", "percent_price": 33.333}
        self.make_rule(0, **third)
        self.make_rule(60, min_quantity=10)
        self.assertEqual(len(self.breaks(self.quote())), 1)

    def test_confirmed_order_has_no_break(self):
        self.make_rule(90, min_quantity=10)
        order = self.quote()
        order.action_confirm()
        self.assertFalse(self.breaks(order))

    def test_many_lines_take_no_more_queries_than_few(self):
        self.make_rule(90, min_quantity=10)
        base = {"base": "pricelist", "base_pricelist_id": self.retail.id}
        rule = {"compute_price": "percentage", "percent_price": 10, **base}
        partners = self.make_pricelists("Partners", item_ids=[Command.create(rule)])
        counts = []
        for number in (2, 40):
            order = self.quote(*[{}] * number, pricelist_id=partners.id)
            self.env.invalidate_all()
            order.order_line._next_breaks()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(order.order_line._next_breaks()), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestPriceWhy(WhyCase):
    @freeze_time("2026-06-15")
    def test_rule_with_break_level_and_period_is_told(self):
        self.make_rule(
            60,
            self.gold | self.silver,
            min_quantity=5,
            date_start=datetime(2026, 6, 1),
            date_end=datetime(2026, 7, 1),
        )
        order = self.quote({"product_uom_qty": 6, "discount": 10})
        rows = self.rows(order)
        self.assertIn("Retail", rows["Rule"])
        self.assertIn("60.00", rows["Rule"])
        self.assertEqual(rows["Quantity Break"], "from 5 Units")
        self.assertEqual(rows["Customer Level"], "Gold Club")
        self.assertEqual(rows["Period"], "from 06/01/2026 to 07/01/2026")
        self.assertIn("100.00", rows["List Price"])
        self.assertIn("60.00", rows["Unit Price"])
        self.assertEqual(rows["Discount"], "10 %")
        self.assertEqual(rows["Off the List Price"], "46 %")

    def test_list_price_without_a_rule(self):
        why = self.why(self.quote())
        self.assertEqual(
            [label for label, _text in why["rows"]],
            ["List Price", self.retail.display_name, "Unit Price"],
        )
        self.assertFalse(why["note"] or why["next"])

    def test_base_price_of_a_chain_of_pricelists_is_told(self):
        self.make_rule(80, min_quantity=2)
        base = {"base": "pricelist", "base_pricelist_id": self.retail.id}
        rule = {"compute_price": "percentage", "percent_price": 10, **base}
        partners = self.make_pricelists("Partners", item_ids=[Command.create(rule)])
        order = self.quote({"product_uom_qty": 2}, pricelist_id=partners.id)
        rows = self.why(order)["rows"]
        self.assertEqual([label for label, _text in rows].count("Rule"), 2)
        told = dict(rows)
        self.assertIn("80.00", told["Base Price"])
        self.assertIn("Retail", told["Base Price"])
        self.assertEqual(told["Quantity Break"], "from 2 Units")
        self.assertIn("72.00", told["Unit Price"])

    def test_price_set_by_hand_is_told(self):
        self.assertFalse(self.why(self.quote())["note"])
        self.assertIn("by hand", self.why(self.quote({"price_unit": 70}))["note"])

    def test_next_break_is_told_in_words(self):
        self.make_rule(92, min_quantity=10)
        order = self.quote({"product_uom_qty": 6})
        self.assertEqual(self.why(order)["next"], "4 more Units: −8 % each")

    def test_form_that_is_not_saved_is_explained_as_it_stands(self):
        self.make_rule(92, min_quantity=10)
        order = self.quote({"product_uom_qty": 6})
        line = order.order_line
        change = Command.update(line.id, {"product_uom_qty": 10, "price_unit": 92})
        rows = self.rows(order, changes={"order_line": [change]})
        self.assertEqual(rows["Quantity Break"], "from 10 Units")
        self.assertIn("92.00", rows["Unit Price"])
        line.invalidate_recordset()
        self.assertEqual(line.product_uom_qty, 6)

    def test_new_line_of_a_saved_order_is_explained(self):
        order = self.quote()
        self.assertIn("40.00", dict(self.new_line(order, order)["rows"])["Unit Price"])

    def new_line(self, order, source):
        vals = {
            "product_id": self.service.id,
            "product_uom_id": self.service.uom_id.id,
            "product_uom_qty": 1,
            "price_unit": 40,
            "technical_price_unit": 40,
        }
        changes = {
            "partner_id": source.partner_id.id,
            "pricelist_id": source.pricelist_id.id,
            "order_line": [[0, "virtual_7", vals]],
        }
        return order.explain_price("virtual_7", changes)

    def test_new_line_of_a_new_order_is_explained(self):
        order = self.quote()
        why = self.new_line(order.browse(), order)
        self.assertIn("40.00", dict(why["rows"])["List Price"])
        self.assertFalse(why["note"])

    def test_combo_is_explained_by_its_head(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Kit",
                "combo_item_ids": [Command.create({"product_id": self.pump.id})],
            }
        )
        product = self.env["product.product"].create(
            {
                "name": "Set",
                "type": "combo",
                "list_price": 120,
                "combo_ids": [Command.set(combo.ids)],
            }
        )
        order = self.quote({"product_id": product.id})
        order.order_line = [
            Command.create(
                {
                    "product_id": self.pump.id,
                    "combo_item_id": combo.combo_item_ids.id,
                    "linked_line_id": order.order_line.id,
                }
            )
        ]
        for line in order.order_line:
            rows = dict(order.explain_price(line.id)["rows"])
            self.assertIn("120.00", rows["List Price"])

    # Who may ask, and for what

    def test_line_of_another_order_is_refused(self):
        other = self.quote()
        with self.assertRaisesRegex(UserError, "not part of the quotation"):
            self.quote().explain_price(other.order_line.id)
        change = Command.update(other.order_line.id, {"product_uom_qty": 3})
        with self.assertRaisesRegex(UserError, "not part of the quotation"):
            self.quote().explain_price(other.order_line.id, {"order_line": [change]})

    def test_changes_that_are_none_are_refused(self):
        order = self.quote()
        for changes in (
            7,
            ["x"],
            {"order_line": "abc"},
            {"order_line": [[0]]},
            {"order_line": [[0, "v", None]]},
            {"order_line": [[0, "v", {"product_id": "x"}]]},
            {"partner_id": "x"},
            {"partner_id": [1]},
        ):
            with self.subTest(changes=changes), self.assertRaises(UserError):
                order.explain_price("v", changes)

    def test_order_of_somebody_else_is_refused(self):
        order = self.quote(user_id=self.salesperson.id)
        with self.assertRaises(AccessError):
            self.why(order.with_user(self.colleague))

    def test_portal_user_is_refused(self):
        portal = new_test_user(self.env, login="why_portal", groups="base.group_portal")
        order = self.quote()
        order.sudo().partner_id = portal.partner_id
        with self.assertRaises(AccessError):
            self.why(order.with_user(portal))

    def test_pricelist_one_may_not_read_is_not_told(self):
        self.make_rule(60)
        order = self.quote()
        rule = {
            "name": "Secret",
            "model_id": self.env["ir.model"]._get_id("product.pricelist"),
            "domain_force": [("id", "!=", self.retail.id)],
        }
        self.env["ir.rule"].create(rule)
        why = self.why(order)
        self.assertIn("may not read the pricelist", why["note"])
        self.assertNotIn("Rule", dict(why["rows"]))
        self.assertIn("60.00", dict(why["rows"])["Unit Price"])


@tagged("post_install", "-at_install")
class TestPriceWhyHttp(WhyCase, HttpCase):
    """In the browser: the salesperson, and the customer on the portal."""

    def page(self, order):
        return self.url_open(order.sudo().get_portal_url()).text

    def test_customer_sees_the_next_break(self):
        self.make_rule(92, min_quantity=10)
        order = self.quote({"product_uom_qty": 6})
        order.action_quotation_sent()
        page = self.page(order)
        self.assertIn("4 more Units: −8 % each", page)
        self.assertNotIn("Gold Club", page)
        order.action_confirm()
        self.assertNotIn("4 more Units", self.page(order))

    def test_salesperson_asks_in_the_line_by_mouse_and_by_keyboard(self):
        self.make_rule(92, min_quantity=10)
        order = self.quote({"product_uom_qty": 6})
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "sale_quote_ext.price_why",
            login=self.salesperson.login,
        )
