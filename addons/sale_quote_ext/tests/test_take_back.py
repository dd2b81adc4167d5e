from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import QuoteCase


class TakeBackCase(QuoteCase):
    @classmethod
    def make_quoted(cls, count=1, **vals):
        """:return: opportunities and a quotation of each"""
        deals = cls.make_deals(count, **vals)
        deals._chain_quotation_do()
        return deals, deals.order_ids

    def dialog(self, records):
        action = records.action_take_back()
        return Form(
            records.env["sale.order.take.back"].with_context(**action["context"])
        )


@tagged("post_install", "-at_install")
class TestTakeBack(TakeBackCase):
    def test_nothing_differs_after_quoting(self):
        deal, order = self.make_quoted()
        form = self.dialog(order)
        self.assertFalse(form.has_difference)
        self.assertIn("Nothing differs", form.difference)

    def test_difference_is_shown_before_anything_is_written(self):
        deal, order = self.make_quoted()
        order.order_line[0].write({"product_uom_qty": 5, "price_unit": 90})
        order.order_line[1].unlink()
        order.order_line = [(0, 0, {"product_id": self.make_product("Valve").id})]
        form = self.dialog(order)
        for text in ("3 Units", "5 Units", "100.00", "90.00", "Valve", "Removed"):
            self.assertIn(text, form.difference)
        self.assertEqual(deal.expected_revenue, 310)
        form.save().action_apply()
        self.assertEqual(deal.line_ids.product_id.mapped("name"), ["Pump", "Valve"])
        self.assertEqual(deal.line_ids[0].product_uom_qty, 5)
        self.assertEqual(deal.line_ids[0].discount, 10)
        self.assertEqual(deal.expected_revenue, order.amount_untaxed)
        self.assertFalse(self.dialog(deal).has_difference)

    def test_agreed_price_is_on_the_next_quotation(self):
        deal, order = self.make_quoted()
        order.order_line[0].write({"price_unit": 120, "discount": 0})
        self.dialog(order).save().action_apply()
        self.assertEqual(deal.line_ids.mapped("price_agreed"), [True, False])
        order.action_cancel()
        order.opportunity_id = False
        deal._chain_quotation_do()
        self.assertEqual(deal.order_ids.order_line[0].price_unit, 120)
        self.assertEqual(deal.order_ids.amount_untaxed, 400)

    def test_prices_come_back_in_the_currency_of_the_opportunity(self):
        deal, order = self.make_quoted()
        currency = self.env["res.currency"].create(
            {"name": "TWO", "symbol": "T", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": 2, "currency_id": currency.id}
        )
        prices = self.env["product.pricelist"].create(
            {"name": "Two", "currency_id": currency.id}
        )
        order.pricelist_id = prices
        order.order_line[0].write({"price_unit": 160, "discount": 0})
        order.order_line[1].price_unit = 80
        self.dialog(order).save().action_apply()
        self.assertEqual(deal.line_ids[0].price_unit, 80)
        self.assertEqual(deal.expected_revenue, 280)

    def test_same_product_twice_stays_twice(self):
        pump = self.pump.id
        twice = [(0, 0, {"product_id": pump, "product_uom_qty": n}) for n in (1, 2)]
        deal, order = self.make_quoted(line_ids=twice)
        self.assertFalse(self.dialog(order).has_difference)
        order.order_line[1].product_uom_qty = 7
        self.dialog(order).save().action_apply()
        self.assertEqual(deal.line_ids.mapped("product_uom_qty"), [1, 7])

    def test_what_is_no_product_stays_on_the_quotation(self):
        deal, order = self.make_quoted()
        order.order_line = [
            (0, 0, {"display_type": "line_note", "name": "Thank you"}),
            (0, 0, {"product_id": self.pump.id, "price_unit": -5}),
        ]
        self.assertFalse(self.dialog(order).has_difference)

    def test_opportunity_offers_its_quotations_to_choose_from(self):
        deal, first = self.make_quoted()
        second = first.copy()
        second.order_line[0].product_uom_qty = 8
        form = self.dialog(deal)
        self.assertEqual(form.order_ids[:], second)
        self.assertEqual(form.candidate_ids[:], first | second)
        form.order_ids.clear()
        form.order_ids.add(first)
        self.assertFalse(form.has_difference)

    def test_two_quotations_of_one_opportunity_are_not_taken_together(self):
        _deal, first = self.make_quoted()
        orders = first | first.copy()
        with self.assertRaisesRegex(UserError, "belong to the same opportunity"):
            orders.action_take_back()
        with self.assertRaisesRegex(UserError, "has no opportunity"):
            first.with_context(default_opportunity_id=False).create(
                {"partner_id": self.customer.id}
            ).action_take_back()
        with self.assertRaisesRegex(UserError, "no quotation yet"):
            self.make_deals().action_take_back()

    def test_what_was_changed_meanwhile_is_shown_again(self):
        deal, order = self.make_quoted()
        order.order_line[0].product_uom_qty = 5
        wizard = self.dialog(order).save()
        order.order_line[0].product_uom_qty = 6
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            wizard.action_apply()
        self.assertEqual(deal.line_ids[0].product_uom_qty, 3)

    def test_who_may_not_change_the_opportunity_takes_nothing_back(self):
        deal, order = self.make_quoted()
        order.order_line[0].product_uom_qty = 5
        order.sudo().user_id = self.colleague
        theirs = order.with_user(self.colleague)
        with self.assertRaises(AccessError):
            self.dialog(theirs)
        self.env.invalidate_all()
        wizard = theirs.env["sale.order.take.back"].create(
            {"order_ids": [(6, 0, order.ids)], "shown": "anything"}
        )
        with self.assertRaises(AccessError):
            wizard.action_apply()
        with self.assertRaises(AccessError):
            deal.with_user(self.colleague).action_take_back()
        self.assertEqual(deal.line_ids[0].product_uom_qty, 3)

    def test_many_at_once_cost_few_queries_each(self):
        def count(number):
            deals, orders = self.make_quoted(number)
            for order in orders:
                order.order_line[0].product_uom_qty = 9
            wizard = self.dialog(orders).save()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            wizard.action_apply()
            self.env.flush_all()
            self.assertEqual(set(deals.mapped("expected_revenue")), {850})
            return self.cr.sql_log_count - start

        count(1)
        few, many = count(5), count(30)
        self.assertLessEqual(many - few, 10)

    def test_chatter_says_where_it_came_from(self):
        deal, order = self.make_quoted()
        order.order_line[0].product_uom_qty = 5
        self.dialog(order).save().action_apply()
        self.assertIn(order.name, deal.message_ids[0].body)


@tagged("post_install", "-at_install")
class TestTakeBackTour(HttpCase, TakeBackCase):
    def test_salesperson_takes_a_quotation_back(self):
        deal, order = self.make_quoted()
        order.order_line[0].product_uom_qty = 5
        self.start_tour(
            f"/odoo/sales/{order.id}", "sale_quote_ext.take_back", login="chain_sales"
        )
        self.assertEqual(deal.line_ids[0].product_uom_qty, 5)
        self.assertEqual(deal.expected_revenue, 490)
