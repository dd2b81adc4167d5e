from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common_level import LevelCase


@tagged("post_install", "-at_install")
class TestLeadLinePrice(LevelCase):
    def make_rated_company(self):
        """:return: a currency of which one of the company's is worth two"""
        currency = self.env["res.currency"].create(
            {"name": "TWO", "symbol": "T", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": 2, "currency_id": currency.id}
        )
        return currency

    def test_products_make_the_expected_revenue(self):
        deal = self.make_deals()
        self.assertEqual(deal.line_ids.mapped("price_unit"), [100, 40])
        self.assertEqual(deal.line_ids.mapped("price_subtotal"), [270, 40])
        self.assertEqual(deal.expected_revenue, 310)

    def test_revenue_given_with_the_products_gives_way_to_them(self):
        self.assertEqual(self.make_deals(expected_revenue=5).expected_revenue, 310)

    def test_prorated_revenue_follows(self):
        deal = self.make_deals(expected_revenue=5, probability=50)
        self.assertEqual(deal.prorated_revenue, 155)
        deal.line_ids[0].product_uom_qty = 1
        self.assertEqual(deal.prorated_revenue, 65)

    def test_revenue_of_a_person_stays_without_products(self):
        deal = self.make_deals(line_ids=[], expected_revenue=5000)
        self.env.flush_all()
        deal.partner_id = self.make_customers()
        self.assertEqual(deal.expected_revenue, 5000)
        self.assertFalse(deal.revenue_from_lines)

    def test_each_change_of_the_products_counts(self):
        deal = self.make_deals()
        pumps, service = deal.line_ids
        pumps.product_uom_qty = 1
        self.assertEqual(deal.expected_revenue, 130)
        service.unlink()
        self.assertEqual(deal.expected_revenue, 90)
        deal.write({"line_ids": [(0, 0, {"product_id": self.service.id})]})
        self.assertEqual(deal.expected_revenue, 130)
        deal.line_ids.unlink()
        self.assertEqual(deal.expected_revenue, 130)

    def test_setting_leaves_the_revenue_to_people(self):
        param = "sale_quote_ext.lines_feed_revenue"
        self.env["ir.config_parameter"].set_param(param, False)
        deal = self.make_deals(expected_revenue=5)
        deal.line_ids[0].product_uom_qty = 1
        self.assertEqual(deal.expected_revenue, 5)
        self.assertFalse(deal.revenue_from_lines)

    def test_form_shows_price_and_revenue_before_it_is_saved(self):
        form = Form(self.Lead.with_context(default_type="opportunity"))
        form.name = "Pumps for the north"
        form.partner_id = self.customer
        with form.line_ids.new() as line:
            line.product_id = self.pump
            line.product_uom_qty = 5
            self.assertEqual(line.price_unit, 100)
        self.assertEqual(form.expected_revenue, 500)
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.expected_revenue = 7
        deal = form.save()
        self.assertEqual(deal.expected_revenue, 500)
        self.assertFalse(deal.line_ids.price_agreed)

    def test_price_is_that_of_the_pricelist_of_the_customer(self):
        self.make_rule(80)
        self.make_rule(70, min_quantity=10)
        deal = self.make_deals()
        self.assertEqual(deal.line_ids[0].price_unit, 80)
        deal.line_ids[0].product_uom_qty = 10
        self.assertEqual(deal.line_ids[0].price_unit, 70)

    def test_level_of_the_customer_counts_and_another_customer_has_another_price(self):
        self.make_rule(80, self.gold)
        deal = self.make_deals()
        self.assertEqual(deal.line_ids[0].price_unit, 100)
        self.gold.default_pricelist_id = False
        deal.partner_id = self.make_customers(grade_id=self.gold.id)
        self.assertEqual(deal.line_ids[0].price_unit, 80)
        self.assertEqual(deal.expected_revenue, 80 * 3 * 0.9 + 40)

    def test_price_is_in_the_currency_of_the_opportunity(self):
        self.retail.currency_id = self.make_rated_company()
        self.make_rule(60)
        deal = self.make_deals()
        self.assertEqual(deal.line_ids[0].price_unit, 30)
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.order_line[0].price_unit, 60)

    def test_price_is_without_the_taxes_it_includes(self):
        tax = self.env["account.tax"].create(
            {
                "name": "Included 25",
                "amount": 25,
                "price_include_override": "tax_included",
            }
        )
        self.pump.taxes_id = tax
        deal = self.make_deals()
        self.assertAlmostEqual(deal.line_ids[0].price_unit, 80)
        self.assertAlmostEqual(deal.line_ids[0].price_subtotal, 216)
        deal.line_ids[0].price_unit = 64
        deal._chain_quotation_do()
        line = deal.order_ids.order_line[0]
        self.assertAlmostEqual(line.price_unit, 80)
        self.assertAlmostEqual(line.price_subtotal, 64 * 3 * 0.9)

    def test_discount_stands_in_the_place_of_a_rule_shown_as_discount(self):
        """As on the quotation."""
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        self.make_rule(0, compute_price="percentage", percent_price=20)
        deal = self.make_deals()
        self.assertEqual(deal.line_ids[0].price_unit, 100)
        self.assertEqual(deal.line_ids[0].price_subtotal, 270)
        deal.line_ids[0].discount = 0
        self.assertEqual(deal.line_ids[0].price_subtotal, 240)

    def test_quotation_asks_what_was_expected(self):
        self.make_rule(80, self.gold)
        deal = self.make_deals(partner_id=self.make_customers(grade_id=self.gold.id).id)
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.amount_untaxed, deal.expected_revenue)

    def test_breaks_are_counted_over_lines_where_quotations_do_so(self):
        param = "sale_quote_ext.break_scope"
        self.env["ir.config_parameter"].set_param(param, "template")
        self.make_rule(70, min_quantity=10)
        pump = self.pump.id
        lines = [(0, 0, {"product_id": pump, "product_uom_qty": n}) for n in (4, 6)]
        deal = self.make_deals(line_ids=lines)
        self.assertEqual(deal.line_ids.mapped("price_unit"), [70, 70])
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.amount_untaxed, deal.expected_revenue)
        deal.line_ids[0].product_uom_qty = 3
        self.assertEqual(deal.line_ids.mapped("price_unit"), [100, 100])
        deal.line_ids[0].product_uom_qty = 4
        deal.line_ids[0].unlink()
        self.assertEqual(deal.line_ids.price_unit, 100)

    def test_note_is_added_to_the_description(self):
        deal = self.make_deals()
        deal.line_ids[0].note = "Blue, please"
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.order_line[0].name, "Pump\nBlue, please")
        self.assertEqual(deal.order_ids.order_line[1].name, "Assembly")

    def test_imported_price_is_kept_on_the_quotation(self):
        names = [
            "name",
            "type",
            "partner_id/.id",
            "user_id/.id",
            "line_ids/product_id/.id",
            "line_ids/product_uom_qty",
            "line_ids/price_unit",
        ]
        row = ["Imported", "opportunity", self.customer.id, self.salesperson.id]
        found = self.Lead.load(names, [[*map(str, row), str(self.pump.id), "2", "75"]])
        self.assertFalse(found["messages"])
        deal = self.Lead.browse(found["ids"])
        self.assertTrue(deal.line_ids.price_agreed)
        self.assertEqual(deal.expected_revenue, 150)
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.amount_untaxed, 150)
        deal.line_ids.product_id = self.service
        self.assertEqual(deal.line_ids.price_unit, 40)

    def test_prices_are_asked_for_again(self):
        deals = self.make_deals(2)
        deals[0].line_ids[0].price_unit = 90
        self.make_rule(80)
        self.assertEqual(deals[1].line_ids[0].price_unit, 100)
        deals.action_update_line_prices()
        pumps = deals.line_ids.filtered("discount")
        self.assertEqual(pumps.mapped("price_unit"), [80, 80])
        self.assertEqual(deals.mapped("expected_revenue"), [256, 256])
        with self.assertRaises(AccessError):
            deals.with_user(self.colleague).action_update_line_prices()

    def test_merged_opportunities_expect_all_their_products(self):
        deals = self.make_deals(2)
        deals[1].line_ids[0].product_id = self.make_product("Valve")
        merged = deals.merge_opportunity()
        self.assertEqual(len(merged.line_ids), 3)
        self.assertEqual(
            merged.expected_revenue, sum(merged.line_ids.mapped("price_subtotal"))
        )

    def count(self, number, **vals):
        """:return: the queries it takes to create so many opportunities"""
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        self.make_deals(number, **vals)
        self.env.flush_all()
        return self.cr.sql_log_count - start

    def test_queries_for_prices_do_not_grow_with_the_opportunities(self):
        """Core's own do, by team and stage."""
        self.count(1)
        growth = self.count(40) - self.count(4)
        core = self.count(40, line_ids=[]) - self.count(4, line_ids=[])
        self.assertLessEqual(growth - core, 2)

    def test_a_lead_without_products_costs_no_query_more(self):
        param = "sale_quote_ext.lines_feed_revenue"
        counts = []
        for feed in (False, True):
            self.env["ir.config_parameter"].set_param(param, feed)
            self.count(1, line_ids=[])
            counts.append(self.count(1, line_ids=[]))
        self.assertEqual(*counts)
