from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestMerge(ChainCase):
    """Whatever was done with the leads that are merged stays with the one left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.customer = cls.env["res.partner"].create({"name": "Sara"})
        cls.deal, cls.lead = cls.make_leads(
            {"type": "opportunity", "partner_id": cls.customer.id},
            {"company_number": "1400"},
        )

    def merge(self):
        merged = (self.deal | self.lead).merge_opportunity()
        self.assertEqual(merged, self.deal)
        self.assertFalse(self.lead.exists())

    def test_open_and_done_activities_stay(self):
        type_xmlid = "mail.mail_activity_data_todo"
        done = self.lead.activity_schedule(type_xmlid, summary="Done")
        theirs = self.lead.sudo().activity_schedule(
            type_xmlid, summary="Theirs", user_id=self.colleague.id
        )
        todo = self.lead.activity_schedule(type_xmlid, summary="To do")
        done.action_feedback(feedback="He called back")
        self.merge()
        self.assertEqual(
            (done | theirs | todo).exists().mapped("res_id"), [self.deal.id] * 3
        )
        self.assertEqual(self.deal.activity_ids, theirs | todo)
        self.assertIn("He called back", "".join(self.deal.message_ids.mapped("body")))

    def test_meetings_stay_and_those_of_others_too(self):
        start = self.now + timedelta(days=1)
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "opportunity_id": self.lead.id,
                    "user_id": user.id,
                    "partner_ids": user.partner_id.ids,
                    "privacy": privacy,
                }
                for name, user, privacy in (
                    ("Mine", self.salesperson, "public"),
                    ("Theirs", self.colleague, "private"),
                )
            ]
        )
        self.merge()
        self.assertEqual(meetings.opportunity_id, self.deal)
        self.assertEqual(self.deal.open_meeting_date, start + timedelta(hours=1))

    def test_latest_touch_stays(self):
        for of_deal, of_lead in ((5, 2), (2, 5), (None, 3), (3, None)):
            self.deal, self.lead = self.make_leads({"type": "opportunity"}, {})
            for lead, days in ((self.deal, of_deal), (self.lead, of_lead)):
                if days:
                    lead._touch(self.now - timedelta(days=days))
            latest = min(filter(None, (of_deal, of_lead)))
            self.merge()
            with self.subTest(of_deal=of_deal, of_lead=of_lead):
                self.assertEqual(
                    self.deal.last_touch_date, self.now - timedelta(days=latest)
                )

    def test_company_number_stays(self):
        self.merge()
        self.assertEqual(self.deal.company_number, "1400")

    def test_step_and_stage_stay(self):
        stage = self.deal.stage_id
        self.merge()
        self.assertEqual(self.deal.chain_step, "opportunity")
        self.assertEqual(self.deal.stage_id, stage)
        self.assertEqual(self.deal.partner_id, self.customer)

    def test_lines_of_earlier_runs_lead_to_the_sale(self):
        run = self.make_run(self.lead)
        other = self.make_run(self.deal | self.lead)
        (run | other).sudo().line_ids.write({"state": "done"})
        self.merge()
        self.assertEqual(run.line_ids.res_id, self.deal.id)
        self.assertEqual(len(other.line_ids), 2)

    def test_checks_stay_checked(self):
        rule = self.env["crm.stage.rule"].create({"stage_id": self.deal.stage_id.id})
        checks = self.env["crm.stage.check"].create(
            [{"name": name, "rule_id": rule.id} for name in ("One", "Two")]
        )
        self.deal.stage_check_ids = checks[0]
        self.lead.stage_check_ids = checks[1]
        self.merge()
        self.assertEqual(self.deal.stage_check_ids, checks)

    def test_customers_first_lets_merge(self):
        settings = self.env["res.config.settings"]
        settings.create({"crm_customer_required": True}).execute()
        self.merge()
        self.assertEqual(self.deal.partner_id, self.customer)
