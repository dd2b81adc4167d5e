from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .common_level import LevelCase


class ReportCase(LevelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order"].search([]).write({"company_id": cls.env.company.id})
        cls.pump.list_price = 100

    def make_order(self, *lines, age=0, **vals):
        """:return: a quotation made ``age`` days ago, of lines of the pump"""
        order = (
            self.env["sale.order"]
            .with_user(vals.pop("user", self.salesperson))
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        (0, 0, {"product_id": self.pump.id, **line}) for line in lines
                    ],
                    **vals,
                }
            )
        )
        order.flush_recordset()
        self.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=age), order.id],
        )
        order.invalidate_recordset()
        return order

    def groups(self, model, orders, groupby, *aggregates):
        """:return: ``{group: values}`` of the rows of these orders"""
        self.env.flush_all()
        field = "order_id" if model != "sale.report" else "name"
        values = orders.ids if field == "order_id" else orders.mapped("name")
        return {
            key: tuple(rest)
            for key, *rest in self.env[model]._read_group(
                [(field, "in", values)], [groupby], list(aggregates)
            )
        }


@tagged("post_install", "-at_install")
class TestSaleReport(ReportCase):
    def test_sales_are_told_by_opportunity_and_level(self):
        deal = self.make_deals(partner_id=self.make_customers(grade_id=self.gold.id).id)
        deal._chain_quotation_do()
        orders = deal.order_ids
        found = self.groups(
            "sale.report", orders, "opportunity_id", "price_subtotal:sum"
        )
        self.assertEqual(found, {deal.sudo(): (310,)})
        found = self.groups("sale.report", orders, "customer_level_id", "__count")
        self.assertEqual(list(found), [self.gold])

    def test_level_of_the_company_counts_before_that_of_the_contact(self):
        company = self.make_customers(grade_id=self.gold.id, is_company=True)
        contact = self.make_customers(parent_id=company.id, grade_id=self.silver.id)
        orders = self.make_order({}, partner_id=contact.id)
        found = self.groups("sale.report", orders, "customer_level_id", "__count")
        self.assertEqual(list(found), [self.gold])

    def test_days_to_confirm(self):
        fast, slow, open_ = (self.make_order({}, age=age) for age in (2, 6, 9))
        (fast | slow).action_confirm()
        orders = fast | slow | open_
        found = self.groups("sale.report", orders, "user_id", "days_to_confirm:avg")
        self.assertAlmostEqual(found[self.salesperson][0], 4, places=2)

    def test_discount_given_is_that_of_rule_price_and_line_together(self):
        self.make_rule(80)
        order = self.make_order(
            {"product_uom_qty": 2, "discount": 10},  # 56 of 200
            {"price_unit": 50},  # 50 of 100
        )
        found = self.groups(
            "sale.report",
            order,
            "name",
            "discount_given:sum",
            "list_amount:sum",
            "discount_given_percent:avg",
        )
        given, listed, percent = found[order.name]
        self.assertEqual((given, listed), (106, 300))
        self.assertAlmostEqual(percent, 100 * 106 / 300)

    def test_discount_of_the_whole_order_is_given_too(self):
        order = self.make_order({}, {"product_id": self.service.id, "price_unit": -30})
        found = self.groups("sale.report", order, "name", "discount_given:sum")
        self.assertEqual(found[order.name], (30,))

    def test_list_price_is_that_of_the_day(self):
        order = self.make_order({"discount": 10})
        self.pump.list_price = 1000
        order.order_line.discount = 20
        found = self.groups("sale.report", order, "name", "discount_given:sum")
        self.assertEqual(found[order.name], (20,))
        order._recompute_prices()
        self.assertEqual(order.order_line.list_price_unit, 1000)

    def test_lines_of_the_past_are_measured_by_their_own_price(self):
        order = self.make_order({"price_unit": 70, "discount": 10})
        order.flush_recordset()
        self.cr.execute("UPDATE sale_order_line SET list_price_unit = NULL")
        found = self.groups("sale.report", order, "name", "discount_given:sum")
        self.assertEqual(found[order.name], (7,))

    def test_a_quotation_costs_no_query_for_its_list_prices(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.make_order({}, {"product_id": self.service.id})
            self.env.flush_all()
            return self.cr.sql_log_count - start

        count()
        own = count()
        self.patch(
            type(self.env["sale.order.line"]),
            "_discount_list_prices",
            lambda lines: {},
        )
        self.assertEqual(own, count())


@tagged("post_install", "-at_install")
class TestQuotationReport(ReportCase):
    def report(self, orders, groupby, *aggregates):
        return self.groups("sale.quotation.report", orders, groupby, *aggregates)

    def test_a_quotation_counts_once_however_many_lines_it_has(self):
        won = self.make_order({}, {}, {})
        won.action_confirm()
        lost, still_open = self.make_order({}), self.make_order({})
        lost._action_cancel()
        found = self.report(
            won | lost | still_open,
            "user_id",
            "order_id:count_distinct",
            "win_rate:avg",
        )
        self.assertEqual(found, {self.salesperson: (3, 0.5)})

    def test_win_rate_by_product_level_and_discount(self):
        gold = self.make_customers(grade_id=self.gold.id)
        won = self.make_order({"discount": 25}, partner_id=gold.id)
        won.action_confirm()
        lost = self.make_order({}, {"product_id": self.service.id, "discount": 4})
        lost._action_cancel()
        orders = won | lost
        self.assertEqual(
            self.report(orders, "product_id", "win_rate:avg"),
            {self.pump: (0.5,), self.service: (0,)},
        )
        self.assertEqual(
            self.report(orders, "customer_level_id", "win_rate:avg"),
            {self.gold: (1,), self.gold.browse(): (0,)},
        )
        self.assertEqual(
            self.report(orders, "discount_band", "win_rate:avg"),
            {"0": (0,), "1": (0,), "4": (1,)},
        )

    def test_win_rate_by_value(self):
        won, lost = self.make_order({"product_uom_qty": 3}), self.make_order({})
        won.action_confirm()
        lost._action_cancel()
        orders = won | lost | self.make_order({})
        found = self.report(orders, "user_id", "value_rate:avg")
        self.assertEqual(found[self.salesperson], (0.75,))

    def test_age_ends_with_the_decision(self):
        ages = {"won": 3, "lost": 20, "open": 100}
        orders = {key: self.make_order({}, age=age) for key, age in ages.items()}
        orders["won"].action_confirm()
        orders["lost"]._action_cancel()
        self.assertTrue(orders["lost"].cancelled_on)
        everything = self.env["sale.order"].union(*orders.values())
        found = self.report(everything, "age_band", "age:avg", "days_to_confirm:avg")
        self.assertEqual(list(found), ["0", "1", "3"])
        self.assertEqual([round(x[0]) for x in found.values()], [3, 20, 100])
        self.assertEqual(found["1"][1] or 0, 0)
        orders["lost"].action_draft()
        self.assertFalse(orders["lost"].cancelled_on)

    def test_orders_dated_before_they_existed_have_no_days(self):
        order = self.make_order({})
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=30)
        found = self.report(order, "user_id", "days_to_confirm:avg")
        self.assertFalse(found[self.salesperson][0])

    def test_pivot_has_totals_and_columns(self):
        won, lost = self.make_order({}, {}), self.make_order({})
        won.action_confirm()
        lost._action_cancel()
        self.env.flush_all()
        aggregates = ["order_id:count_distinct", "win_rate:avg", "amount:sum"]
        total, by_result = self.env["sale.quotation.report"]._read_grouping_sets(
            [("order_id", "in", (won | lost).ids)], [[], ["result"]], aggregates
        )
        self.assertEqual(total, [(2, 0.5, 300)])
        self.assertEqual(
            sorted(by_result), [("lost", 1, 0, 100), ("won", 1, 1, 200)]
        )

    def test_rows_open_their_quotations(self):
        order = self.make_order({})
        self.env.flush_all()
        report = self.env["sale.quotation.report"]
        action = report.search([("order_id", "=", order.id)]).action_open()
        self.assertEqual(action["res_id"], order.id)

    def test_salesperson_sees_the_rows_of_whoever_sees_the_order(self):
        own, other, nobody = (
            self.make_order({}, user=self.env.user, user_id=user_id)
            for user_id in (self.salesperson.id, self.colleague.id, False)
        )
        orders = own | other | nobody
        self.env.flush_all()
        for model, field in (
            ("sale.quotation.report", "order_id"),
            ("sale.report", "order_reference"),
        ):
            with self.subTest(model=model):
                rows = self.env[model].with_user(self.salesperson)
                domain = [("product_id", "=", self.pump.id)]
                seen = {row[field] for row in rows.search(domain)}
                self.assertEqual(seen & set(orders), {own, nobody})
        rows = self.env["sale.quotation.report"].with_user(self.seller_of_all)
        found = rows.search([("order_id", "in", orders.ids)]).order_id
        self.assertEqual(found, orders.sorted())

    def test_rows_of_another_company_are_hidden(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        order = self.make_order({}, user=self.env.user)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE id = %s",
            [elsewhere.id, order.id],
        )
        rows = self.env["sale.quotation.report"].with_user(self.seller_of_all)
        self.assertFalse(rows.search([("order_id", "=", order.id)]))

    def test_report_is_for_sales_alone_and_cannot_be_written(self):
        clerk = new_test_user(self.env, login="clerk", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["sale.quotation.report"].with_user(clerk).search([])
        self.make_order({})
        self.env.flush_all()
        rows = self.env["sale.quotation.report"].with_user(self.manager)
        row = rows.search([], limit=1)
        with self.assertRaises(AccessError):
            row.write({"amount": 1})


@tagged("post_install", "-at_install")
class TestQuotationReportOpens(HttpCase, ReportCase):
    def test_pivot_graph_and_list_open_in_a_browser(self):
        self.make_order({"discount": 10}).action_confirm()
        self.start_tour(
            "/odoo/action-sale_quote_ext.sale_quotation_report_action",
            "sale_quote_ext.quotation_report",
            login="level_manager",
        )
