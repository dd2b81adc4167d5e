from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestChainPolicy(LinkCase):
    """What a policy says of deliveries, invoices and payments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "Shop", "company_id": cls.env.company.id}
        )
        cls.policy = cls.env["crm.chain.policy"].create(
            {"name": "Shop", "team_id": cls.team.id, "send_quotation": False}
        )
        cls.cash = cls.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.Order = cls.env["sale.order"].with_user(cls.accountant)
        cls.env["mail.template"].search([]).report_template_ids = False

    def run_of(self, count=1, user=None, **vals):
        """:return: the orders of new opportunities after a run of the policy"""
        deals = self.make_deals(count, team_id=self.team.id, **vals)
        if user:
            deals.sudo().user_id = user
        run = self.make_run(deals)
        self.start(run)
        self.run = run
        return deals.order_ids.sudo()

    def test_delivery_can_stop_at_the_reservation(self):
        self.policy.write({"delivery": "reserve", "last_step": "delivery"})
        order = self.run_of()
        self.assertEqual(self.run.state, "done", self.run.line_ids.message)
        self.assertEqual(order.picking_ids.state, "assigned")
        again = self.make_run(order.opportunity_id.with_user(self.salesperson))
        self.start(again)
        self.assertEqual(again.line_ids.mapped("steps"), [False])

    def test_delivery_can_be_left_to_the_warehouse(self):
        self.policy.write({"delivery": "none", "invoice_state": "posted"})
        self.pump.invoice_policy = "order"
        order = self.run_of()
        self.assertEqual(self.run.state, "done", self.run.line_ids.message)
        self.assertNotEqual(order.picking_ids.state, "done")
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_invoice_can_wait_for_the_delivery(self):
        self.policy.write({"delivery": "none", "invoice_on": "delivery"})
        self.pump.invoice_policy = "order"
        order = self.run_of()
        self.assertIn("once everything is delivered", self.run.line_ids.message)
        self.assertFalse(order.invoice_ids)
        order.picking_ids.move_ids.picked = True
        order.picking_ids.with_context(skip_sms=True).button_validate()
        with self.own_transaction(self.run) as again:
            again.action_retry()
        self.assertTrue(order.invoice_ids)

    def test_invoices_can_be_left_in_draft_for_accounting(self):
        self.policy.invoice_state = "draft"
        order = self.run_of()
        self.assertEqual(self.run.state, "done", self.run.line_ids.message)
        self.assertEqual(order.invoice_ids.state, "draft")
        again = self.make_run(order.opportunity_id.with_user(self.salesperson))
        self.start(again)
        self.assertEqual(len(order.invoice_ids), 1)

    def test_orders_of_a_customer_can_share_an_invoice(self):
        self.policy.write({"invoice_grouping": "customer", "invoice_state": "posted"})
        orders = self.run_of(3)
        self.assertEqual(len(orders.invoice_ids), 1)
        self.assertEqual(orders.invoice_ids.state, "posted")
        self.assertAlmostEqual(
            orders.invoice_ids.amount_total, sum(orders.mapped("amount_total"))
        )

    def test_payment_is_registered_in_the_journal_of_the_policy(self):
        self.policy.write(
            {"register_payment": True, "payment_journal_id": self.cash.id}
        )
        self.accountant.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        ) | self.env.ref("stock.group_stock_user")
        deals = self.make_deals(2, team_id=self.team.id).with_user(self.accountant)
        run = self.make_run(deals)
        self.start(run)
        self.assertEqual(run.state, "done", run.line_ids.mapped("message"))
        invoices = deals.order_ids.invoice_ids.sudo()
        self.assertEqual(invoices.matched_payment_ids.journal_id, self.cash)
        self.assertEqual(len(invoices.matched_payment_ids), 2)
        self.assertEqual(set(invoices.mapped("amount_residual")), {0})

    def test_payment_can_bear_the_date_of_the_invoice(self):
        self.policy.write(
            {
                "register_payment": True,
                "payment_journal_id": self.cash.id,
                "payment_date": "invoice",
            }
        )
        order = self.make_order("delivery", team_id=self.team.id)
        order.with_user(self.accountant).chain_run_step("invoice")
        yesterday = fields.Date.today() - timedelta(days=1)
        invoice = order.invoice_ids.sudo()
        invoice.button_draft()
        invoice.invoice_date = yesterday
        invoice.action_post()
        order.with_user(self.accountant).chain_run_step("payment")
        self.assertEqual(invoice.matched_payment_ids.date, yesterday)

    def test_payments_without_a_journal_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Payment Journal"):
            self.policy.register_payment = True
        with self.assertRaisesRegex(ValidationError, "State of Invoices"):
            self.policy.write(
                {
                    "register_payment": True,
                    "payment_journal_id": self.cash.id,
                    "invoice_state": "draft",
                }
            )


@tagged("post_install", "-at_install")
class TestChainPreview(LinkCase):
    """What is known of later steps before their documents exist."""

    def preview(self, records, user=None):
        run = self.make_run(records.with_user(user or self.salesperson))
        run.action_preview()
        return run.line_ids

    def test_stock_is_counted_over_all_records_in_turn(self):
        self.put_in_stock(self.pump, -95)
        lines = self.preview(self.make_deals(3))
        self.assertFalse(lines[0].reasons)
        self.assertIn("Not enough Pump in stock: 1", lines[1].message)
        self.assertIn("Not enough Pump in stock: 3", lines[2].message)
        [reason] = lines[1].reasons
        self.assertEqual(
            (reason["model"], reason["id"]), ("product.product", self.pump.id)
        )

    def test_stock_is_counted_for_quotations_too(self):
        self.put_in_stock(self.pump, -95)
        orders = self.make_order("quotation", count=2)
        lines = self.preview(orders)
        self.assertFalse(lines[0].reasons)
        self.assertIn("Not enough Pump in stock: 1", lines[1].message)

    def test_missing_rights_are_told(self):
        self.salesperson.group_ids -= self.env.ref("stock.group_stock_user")
        [line] = self.preview(self.make_deals())
        self.assertIn("You may not validate deliveries", line.message)

    def test_colleagues_order_is_invoiced_by_him_or_accounting(self):
        self.salesperson.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        deal = self.make_deals()
        deal.sudo().user_id = self.colleague
        [line] = self.preview(deal)
        self.assertIn("Only its salesperson", line.message)

    def test_closed_period_is_told(self):
        self.env.company.sale_lock_date = fields.Date.today()
        [line] = self.preview(self.make_deals())
        self.assertIn("are closed until", line.message)
        order = self.make_order("delivery")
        result = order.chain_run_step("invoice")
        self.assertIn("are closed until", result["blocked"][str(order.id)][0])

    def test_missing_sales_journal_is_told(self):
        journals = self.env["account.journal"].search([("type", "=", "sale")])
        journals.active = False
        [line] = self.preview(self.make_deals())
        self.assertIn("no sales journal", line.message)

    def test_missing_income_account_is_told(self):
        journals = self.env["account.journal"].search([("type", "=", "sale")])
        journals.default_account_id = False
        self.env.company.income_account_id = False
        self.pump.property_account_income_id = False
        self.pump.categ_id.property_account_income_categ_id = False
        order = self.make_order("delivery")
        result = order.chain_run_step("invoice")
        self.assertIn(
            "Pump has no income account", result["blocked"][str(order.id)][0]
        )

    def test_open_preview_and_run_agree(self):
        """What the preview has no objection to, the run does."""
        self.put_in_stock(self.pump, -95)
        self.env["mail.template"].search([]).report_template_ids = False
        deals = self.make_deals(3)
        run = self.make_run(deals, last_step="delivery")
        run.action_preview()
        expected = ["blocked" if line.reasons else "done" for line in run.line_ids]
        self.assertEqual(expected, ["done", "blocked", "blocked"])
        self.start(run)
        self.assertEqual(run.line_ids.mapped("state"), expected)
