from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_level import LevelCase


@tagged("post_install", "-at_install")
class TestBreakScope(LevelCase):
    """Ten pumps cost 80 each, ten of the category 90."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env["product.category"].create({"name": "Machines"})
        cls.fan = cls.make_product("Fan")
        cls.fan.list_price = 100
        cls.fan.taxes_id = False
        (cls.pump | cls.fan).categ_id = cls.category
        cls.make_rule(80, min_quantity=10)
        cls.customer.property_product_pricelist = cls.retail
        cls.scope("template")

    @classmethod
    def scope(cls, scope):
        cls.env["ir.config_parameter"].set_param("sale_quote_ext.break_scope", scope)

    @classmethod
    def discounts_are_shown(cls):
        """The rule of pumps is shown as a discount of 20 %."""
        cls.env.ref("base.group_user").implied_ids += cls.env.ref(
            "sale.group_discount_per_so_line"
        )
        cls.retail.item_ids.write({"compute_price": "percentage", "percent_price": 20})

    def quote(self, *lines):
        """:return: a quotation of the salesperson; a number is a quantity of pumps"""
        vals_list = [
            line if isinstance(line, dict) else {"product_uom_qty": line}
            for line in lines
        ]
        return (
            self.env["sale.order"]
            .with_user(self.salesperson)
            .create(
                {
                    "partner_id": self.customer.id,
                    "pricelist_id": self.retail.id,
                    "order_line": [
                        Command.create({"product_id": self.pump.id, **vals})
                        for vals in vals_list
                    ],
                }
            )
        )

    def assertPrices(self, order, *prices):
        found = [round(x._get_discounted_price(), 2) for x in order.order_line]
        self.assertEqual(found, list(prices))

    def test_each_line_by_itself_without_the_setting(self):
        self.scope(False)
        order = self.quote(6, 4)
        self.assertPrices(order, 100, 100)
        self.assertEqual(order.order_line.mapped("counted_qty"), [0, 0])

    def test_lines_of_a_new_quotation_count_together(self):
        self.assertPrices(self.quote(6, 4), 80, 80)
        self.assertPrices(self.quote(6, 3), 100, 100)

    def test_change_of_one_line_reaches_the_other(self):
        order = self.quote(6, 3)
        order.order_line[1].product_uom_qty = 4
        self.assertPrices(order, 80, 80)
        order.order_line[0].product_uom_qty = 5
        self.assertPrices(order, 100, 100)

    def test_mass_edit_reaches_all(self):
        order = self.quote(1, 1, 1)
        order.order_line[:2].write({"product_uom_qty": 5})
        self.assertPrices(order, 80, 80, 80)

    def test_line_added_or_deleted_reaches_the_other(self):
        order = self.quote(6)
        order.order_line = [
            Command.create({"product_id": self.pump.id, "product_uom_qty": 4})
        ]
        self.assertPrices(order, 80, 80)
        order.order_line[1].unlink()
        self.assertPrices(order, 100)

    def test_line_that_becomes_another_product_counts_no_more(self):
        order = self.quote(6, 4)
        order.order_line[1].product_id = self.fan
        self.assertPrices(order, 100, 100)

    def test_form_shows_it_before_it_is_saved(self):
        with Form(self.quote(6, 3)) as form:
            with form.order_line.edit(1) as line:
                line.product_uom_qty = 4
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 80)
            with form.order_line.new() as line:
                line.product_id = self.pump
            with form.order_line.edit(2) as line:
                self.assertEqual(line.price_unit, 80)
            form.order_line.remove(0)
            with form.order_line.edit(0) as line:
                self.assertEqual(line.price_unit, 100)
        self.assertPrices(form.record, 100, 100)

    def test_form_counts_a_new_line_once_while_it_is_changed(self):
        self.discounts_are_shown()
        with Form(self.env["sale.order"].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            for _line in range(2):
                with form.order_line.new() as line:
                    line.product_id = self.pump
                    line.product_uom_qty = 4
            with form.order_line.edit(1) as line:
                line.product_uom_qty = 5
            for number in range(2):
                with form.order_line.edit(number) as line:
                    self.assertEqual(line.discount, 0)
        self.assertPrices(form.record, 100, 100)
        self.assertEqual(form.record.order_line.mapped("counted_qty"), [9, 9])

    def test_form_of_a_new_quotation_saves_what_it_shows(self):
        self.discounts_are_shown()
        with Form(self.env["sale.order"].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            for quantity in (6, 4):
                with form.order_line.new() as line:
                    line.product_id = self.pump
                    line.product_uom_qty = quantity
            with form.order_line.edit(0) as line:
                self.assertEqual(line.discount, 20)
        self.assertPrices(form.record, 80, 80)
        form.record.order_line[1].unlink()
        self.assertPrices(form.record, 100)

    def test_price_by_hand_stays(self):
        order = self.quote(6, 3)
        order.order_line[0].price_unit = 95
        order.order_line[1].product_uom_qty = 4
        self.assertPrices(order, 95, 80)

    def test_discount_by_hand_stays(self):
        self.discounts_are_shown()
        order = self.quote(6, 3)
        order.order_line[0].discount = 5
        order.order_line[1].product_uom_qty = 4
        self.assertPrices(order, 95, 80)
        order.order_line[1].product_uom_qty = 3
        self.assertPrices(order, 95, 100)

    def test_discount_of_the_rule_comes_and_goes(self):
        self.discounts_are_shown()
        order = self.quote(6, 4)
        self.assertEqual(order.order_line.mapped("discount"), [20, 20])
        order.order_line[1].product_uom_qty = 3
        self.assertEqual(order.order_line.mapped("discount"), [0, 0])

    def test_lines_in_different_units_count_together(self):
        dozen = self.env.ref("uom.product_uom_dozen").id
        order = self.quote(1, {"product_uom_qty": 1, "product_uom_id": dozen})
        self.assertPrices(order, 80, 960)

    def test_products_of_one_category_count_together(self):
        self.make_rule(
            90,
            applied_on="2_product_category",
            categ_id=self.category.id,
            product_tmpl_id=False,
            min_quantity=10,
        )
        order = self.quote(6, {"product_id": self.fan.id, "product_uom_qty": 4})
        self.assertPrices(order, 100, 100)
        self.scope("category")
        order.order_line[0].product_uom_qty = 7
        self.assertPrices(order, 80, 90)

    def test_next_break_counts_over_the_lines(self):
        order = self.quote(6, 3)
        for ahead in order.order_line._next_breaks().values():
            self.assertAlmostEqual(ahead.missing, 1)
            self.assertAlmostEqual(ahead.percent, 20)
        self.assertEqual(len(order.order_line._next_breaks()), 2)

    def test_confirmed_order_keeps_the_prices_of_its_other_lines(self):
        order = self.quote(6)
        order.action_confirm()
        order.order_line = [
            Command.create({"product_id": self.pump.id, "product_uom_qty": 4})
        ]
        self.assertEqual(order.order_line[0].price_unit, 100)

    def test_quotation_older_than_the_setting_is_left_alone(self):
        self.scope(False)
        order = self.quote(6, {"product_id": self.fan.id})
        self.make_rule(55)
        self.scope("template")
        order.order_line[1].product_uom_qty = 2
        self.assertEqual(order.order_line[0].price_unit, 100)

    def test_update_prices_counts_together(self):
        self.scope(False)
        order = self.quote(6, 4)
        self.scope("template")
        order.action_update_prices()
        self.assertPrices(order, 80, 80)

    def test_nothing_to_do_takes_no_query_for_each_line(self):
        counts = []
        for number in (5, 50):
            order = self.quote(*[1] * number)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            order._recount()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
