from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.product.models import product_pricelist_item as core

from .common_level import LevelCase


@tagged("post_install", "-at_install")
class TestLevelRules(LevelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.gold | cls.silver).default_pricelist_id = False
        cls.gold_customer = cls.make_customers(grade_id=cls.gold.id)
        cls.silver_customer = cls.make_customers(grade_id=cls.silver.id)

    def price(self, level=None, quantity=1, **kwargs):
        return self.retail._get_product_price(
            self.pump, quantity, customer_level=level, **kwargs
        )

    def quote(self, customer, quantity=1, user=None):
        Order = self.env["sale.order"].with_user(user or self.salesperson)
        line = {"product_id": self.pump.id, "product_uom_qty": quantity}
        return Order.create(
            {"partner_id": customer.id, "order_line": [Command.create(line)]}
        )

    # Which rule

    def test_core_orders_rules_this_way(self):
        """Ours is core's with one more place; mind it when core's changes."""
        self.assertEqual(
            core.ProductPricelistItem._order,
            "applied_on, min_quantity desc, categ_id desc, id desc",
        )

    def test_rule_applies_to_its_levels_only(self):
        self.make_rule(80, self.gold | self.silver)
        self.assertEqual(self.price(self.gold), 80)
        self.assertEqual(self.price(self.silver), 80)
        self.assertEqual(self.price(self.plain), 100)
        self.assertEqual(self.price(), 100)

    def test_rule_with_levels_goes_before_the_same_without(self):
        for first, second in ((self.gold, None), (None, self.gold)):
            rules = self.make_rule(80 if first else 90, first)
            rules |= self.make_rule(80 if second else 90, second)
            self.assertEqual(self.price(self.gold), 80)
            self.assertEqual(self.price(self.silver), 90)
            rules.unlink()

    def test_larger_quantity_and_nearer_product_go_before_the_level(self):
        self.make_rule(80, self.gold)
        self.make_rule(85, min_quantity=10)
        self.assertEqual(self.price(self.gold, 9), 80)
        self.assertEqual(self.price(self.gold, 10), 85)
        self.make_rule(
            70, applied_on="0_product_variant", product_id=self.pump.id
        )
        self.assertEqual(self.price(self.gold, 10), 70)

    def test_quantity_level_and_period_together(self):
        self.make_rule(95, min_quantity=5)
        self.make_rule(
            75,
            self.gold,
            min_quantity=5,
            date_start="2026-06-01 00:00:00",
            date_end="2026-06-30 23:59:59",
        )
        june, july = datetime(2026, 6, 15), datetime(2026, 7, 15)
        self.assertEqual(self.price(self.gold, 5, date=june), 75)
        self.assertEqual(self.price(self.gold, 5, date=july), 95)
        self.assertEqual(self.price(self.gold, 4, date=june), 100)
        self.assertEqual(self.price(self.silver, 5, date=june), 95)

    def test_levels_count_in_the_pricelist_another_is_based_on(self):
        base = self.make_pricelists("Base")
        self.make_rule(60, self.gold, pricelist_id=base.id)
        self.make_rule(
            0,
            compute_price="percentage",
            percent_price=10,
            base="pricelist",
            base_pricelist_id=base.id,
        )
        self.assertEqual(self.price(self.gold), 54)
        self.assertEqual(self.price(self.silver), 90)

    def test_archived_level_keeps_its_prices_to_itself(self):
        rule = self.make_rule(80, self.gold)
        self.gold.active = False
        self.env.invalidate_all()
        self.assertEqual(self.price(self.gold), 80)
        self.assertEqual(self.price(), 100)
        rule.write({"fixed_price": 81})
        rule.modified(["level_ids"])
        self.assertTrue(rule.has_levels)
        self.assertEqual(rule.level_ids, self.gold)

    def test_level_of_a_rule_cannot_be_deleted(self):
        self.make_rule(80, self.gold)
        with self.assertRaisesRegex(UserError, "Gold Club.*Retail.*Archive"):
            self.gold.unlink()

    def test_copied_pricelist_keeps_the_levels(self):
        self.make_rule(80, self.gold)
        self.assertEqual(self.retail.copy().item_ids.level_ids, self.gold)

    # Where a price is asked for

    def test_quotation_line_gets_the_price_of_the_level(self):
        self.make_rule(80, self.gold)
        rule = self.make_rule(70, self.gold, min_quantity=10)
        self.assertEqual(self.quote(self.gold_customer).order_line.price_unit, 80)
        line = self.quote(self.gold_customer, 10).order_line
        self.assertEqual(line.price_unit, 70)
        self.assertEqual(line.pricelist_item_id, rule)
        self.assertEqual(self.quote(self.silver_customer).order_line.price_unit, 100)

    def test_quotation_shows_the_discount_of_the_level(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        self.make_rule(0, self.gold, compute_price="percentage", percent_price=20)
        line = self.quote(self.gold_customer).order_line
        self.assertEqual((line.price_unit, line.discount), (100, 20))

    def test_contact_gets_the_price_of_his_company(self):
        self.make_rule(80, self.gold)
        self.gold_customer.is_company = True
        contact = self.make_customers(parent_id=self.gold_customer.id)
        self.assertEqual(self.quote(contact).order_line.price_unit, 80)

    def test_quotation_on_the_form_gets_the_price_of_the_level(self):
        self.make_rule(80, self.gold)
        form = Form(self.env["sale.order"].with_user(self.salesperson))
        form.partner_id = self.gold_customer
        with form.order_line.new() as line:
            line.product_id = self.pump
            self.assertEqual(line.price_unit, 80)
        self.assertEqual(form.save().order_line.price_unit, 80)

    def test_opportunity_expects_and_quotes_the_price_of_the_level(self):
        self.make_rule(80, self.gold)
        for customer, price in ((self.gold_customer, 80), (self.silver_customer, 100)):
            line = Command.create({"product_id": self.pump.id})
            deal = self.make_deals(partner_id=customer.id, line_ids=[line])
            self.assertEqual(deal._chain_amounts()[deal.id][0], price)
            deal.chain_run_step("quotation")
            self.assertEqual(deal.order_ids.order_line.price_unit, price)

    def test_catalog_shows_the_price_of_the_level(self):
        self.make_rule(80, self.gold)
        self.make_rule(35, self.gold, product_tmpl_id=self.service.product_tmpl_id.id)
        order = self.quote(self.gold_customer)
        products = self.pump | self.service
        shown = order._get_product_catalog_order_line_info(products.ids)
        self.assertEqual([shown[x.id]["price"] for x in products], [80, 35])
        order.order_line.copy({"order_id": order.id})  # on two lines
        shown = order._get_product_catalog_order_line_info(products.ids)
        self.assertEqual([shown[x.id]["price"] for x in products], [80, 35])

    # What happens later

    def test_new_level_does_not_reprice_quotations(self):
        self.make_rule(80, self.gold)
        order = self.quote(self.silver_customer)
        self.silver_customer.grade_id = self.gold
        self.gold.default_pricelist_id = self.gold_prices
        self.env.flush_all()
        self.assertEqual(order.order_line.price_unit, 100)
        self.assertEqual(order.pricelist_id, self.retail)
        self.assertFalse(order.show_update_pricelist)
        order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 80)

    def test_another_customer_offers_to_update_the_prices(self):
        self.make_rule(80, self.gold)
        order = self.quote(self.silver_customer)
        with Form(order) as form:
            form.partner_id = self.gold_customer
            self.assertTrue(form.show_update_pricelist)
            form.partner_id = self.silver_customer
            self.assertFalse(form.show_update_pricelist)
            form.partner_id = self.gold_customer
        self.assertEqual(order.order_line.price_unit, 100)
        order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 80)

    def test_another_customer_of_the_same_level_has_the_same_prices(self):
        order = self.quote(self.silver_customer)
        other = self.make_customers(grade_id=self.silver.id)
        with Form(order) as form:
            form.partner_id = other
            self.assertFalse(form.show_update_pricelist)

    # Who may

    def test_manager_gives_a_rule_its_levels_on_the_form(self):
        Item = self.env["product.pricelist.item"].with_user(self.manager)
        form = Form(Item.with_context(default_pricelist_id=self.retail.id))
        form.product_tmpl_id = self.pump.product_tmpl_id
        form.fixed_price = 80
        form.level_ids.add(self.gold)
        form.save()
        self.assertEqual(self.price(self.gold), 80)

    def test_rules_with_levels_are_imported(self):
        Item = self.env["product.pricelist.item"].with_user(self.manager)
        fields = ["pricelist_id/.id", "product_tmpl_id/.id", "fixed_price", "level_ids"]
        template = str(self.pump.product_tmpl_id.id)
        row = [str(self.retail.id), template, "80", "Gold Club,Silver Club"]
        result = Item.load(fields, [row])
        self.assertFalse(result["messages"])
        self.assertEqual(Item.browse(result["ids"]).level_ids, self.gold | self.silver)
        result = Item.with_user(self.product_manager).load(fields, [row])
        self.assertIn("Only sales managers", result["messages"][0]["message"])

    def test_only_sales_managers_change_rules_with_levels(self):
        """Product managers keep the others, as in core."""
        rule, common = self.make_rule(80, self.gold), self.make_rule(90)
        common.with_user(self.product_manager).fixed_price = 95
        theirs = rule.with_user(self.product_manager)
        for change in (
            lambda: theirs.write({"fixed_price": 1}),
            lambda: theirs.write({"level_ids": [Command.clear()]}),
            lambda: common.with_user(self.product_manager).write(
                {"level_ids": [Command.link(self.gold.id)]}
            ),
            lambda: theirs.create(
                {"pricelist_id": self.retail.id, "level_ids": self.gold.ids}
            ),
            theirs.copy,
            theirs.unlink,
        ):
            with self.assertRaisesRegex(AccessError, "Only sales managers"):
                change()
        self.assertEqual(rule.fixed_price, 80)
        rule.with_user(self.manager).write({"fixed_price": 79})
        rule.with_user(self.manager).unlink()

    def test_salespeople_change_no_rules(self):
        rule = self.make_rule(80, self.gold)
        for user in (self.salesperson, self.seller_of_all):
            theirs = rule.with_user(user)
            self.assertEqual(theirs.level_ids, self.gold)
            for change in (
                lambda x=theirs: x.write({"fixed_price": 1}),
                lambda x=theirs: x.create({"pricelist_id": self.retail.id}),
                theirs.unlink,
            ):
                with self.assertRaises(AccessError):
                    change()

    # What it costs

    @freeze_time("2026-06-15")
    def test_levels_cost_no_query(self):
        """50 products by 500 rules, priced by core and by us."""
        products = self.env["product.product"].create(
            [{"name": f"Product {number}", "list_price": 10} for number in range(50)]
        )
        self.env["product.pricelist.item"].create(
            [
                {
                    "pricelist_id": self.retail.id,
                    "applied_on": "1_product",
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "min_quantity": number,
                    "fixed_price": 9 - number / 10,
                    "level_ids": self.gold.ids if number % 2 else [],
                }
                for product in products
                for number in range(10)
            ]
        )
        self.env.flush_all()
        counts = []
        customer = self.gold_customer
        for ask in ({}, {}, {"customer_level": customer._customer_level()}):
            self.env.invalidate_all()
            customer.fetch(["grade_id", "commercial_partner_id"])
            before = self.cr.sql_log_count
            prices = self.retail._get_products_price(products, 9, **ask)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(set(prices.values()), {8.1})
        self.assertEqual(counts[1], counts[2])

    def test_quotation_of_many_lines_costs_one_query_for_the_level(self):
        counts = []
        for grade in (self.plain, self.plain, self.env["res.partner.grade"]):
            customer = self.make_customers(grade_id=grade.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            line = Command.create({"product_id": self.pump.id})
            self.env["sale.order"].create(
                {"partner_id": customer.id, "order_line": [line] * 20}
            )
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[2] + 1)
