from odoo import Command
from odoo.tests import tagged

from .common import EXTRA_INVOICING, RolesCommon


@tagged("post_install", "-at_install")
class TestReports(RolesCommon):
    """Analysis models show a user of the own role nothing but his own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = [cls.env.ref(xmlid).id for xmlid in EXTRA_INVOICING.split(",")]
        (cls.seller | cls.core_own).group_ids = [Command.link(i) for i in groups]
        wide = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.seller.group_ids = [Command.link(wide.id)]
        cls.worker = cls._new_user("worker", EXTRA_INVOICING)
        cls.env.flush_all()

    def _owners(self, user, model, field="user_id"):
        return self.env[model].with_user(user).search([]).mapped(field)

    def test_order_analysis(self):
        self.assertEqual(self._owners(self.seller, "sale.report"), self.seller)
        self.assertIn(self.colleague, self._owners(self.sees_all, "sale.report"))

    def test_order_analysis_hides_orders_of_nobody(self):
        report = self.env["sale.report"].with_user(self.seller)
        self.assertFalse(report.search([("user_id", "=", False)]))
        of_core = self.env["sale.report"].with_user(self.core_own)
        self.assertTrue(of_core.search([("user_id", "=", False)]))

    def test_purchase_analysis(self):
        self.assertEqual(self._owners(self.seller, "purchase.report"), self.seller)
        self.assertIn(self.colleague, self._owners(self.core_own, "purchase.report"))

    def test_invoice_analysis(self):
        self._of("invoice", "own").action_post()
        self._of("invoice", "other").action_post()
        self.env.flush_all()
        model, field = "account.invoice.report", "invoice_user_id"
        self.assertEqual(self._owners(self.seller, model, field), self.seller)
        self.assertIn(self.colleague, self._owners(self.worker, model, field))

    def test_activity_analysis(self):
        for case in ("own", "other", "nobody"):
            lead = self._of("lead", case)
            lead.message_post(body="Called", subtype_xmlid="mail.mt_note")
            activity = lead.activity_schedule("mail.mail_activity_data_call")
            activity.action_feedback(feedback="Done")
        self.env.flush_all()
        model = "crm.activity.report"
        self.assertEqual(self._owners(self.seller, model), self.seller)
        self.assertIn(self.colleague, self._owners(self.sees_all, model))

    def test_purchases_and_bills_to_choose_from(self):
        for case in ("own", "other"):
            self._of("purchase", case).button_confirm()
        self.env.flush_all()
        model, field = "purchase.bill.union", "purchase_order_id"
        own, other = (self._of("purchase", case) for case in ("own", "other"))
        seen = self._owners(self.seller, model, field)
        self.assertIn(own, seen)
        self.assertNotIn(other, seen)
        self.assertIn(other, self._owners(self.core_own, model, field))

    def test_purchase_lines_to_match(self):
        for case in ("own", "other"):
            self._of("purchase", case).button_confirm()
        self.env.flush_all()
        model, field = "purchase.bill.line.match", "purchase_order_id"
        own, other = (self._of("purchase", case) for case in ("own", "other"))
        seen = self._owners(self.seller, model, field)
        self.assertIn(own, seen)
        self.assertNotIn(other, seen)
        self.assertIn(other, self._owners(self.core_own, model, field))

    def test_vendor_delays_and_average_costs_are_closed(self):
        for model in ("vendor.delay.report", "stock.avco.report"):
            rule = self.env["ir.rule"]
            closed = rule.with_user(self.seller)._compute_domain(model, "read")
            opened = rule.with_user(self.core_own)._compute_domain(model, "read")
            self.assertTrue(closed.is_false(), model)
            self.assertFalse(opened.is_false(), model)
