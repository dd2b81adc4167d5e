from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .common import ChainCase


class LostCase(ChainCase):
    """Opportunities and why they may be lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason, cls.later = cls.env["crm.lost.reason"].create(
            [
                {"name": "Too expensive"},
                {"name": "No budget this year", "win_back_days": 90},
            ]
        )
        cls.require_lost_reason(True)
        cls.rival = cls.env["crm.competitor"].create({"name": "Northern Pumps"})

    @classmethod
    def make_deals(cls, count=1, **vals):
        return cls.make_leads(*[{"type": "opportunity", **vals}] * count)

    def win_backs(self, leads):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "crm.lead"),
                ("res_id", "in", leads.ids),
                ("win_back", "=", True),
            ]
        )


@tagged("post_install", "-at_install")
class TestLostDefaults(TransactionCase):
    def test_a_reason_is_required_where_nobody_chose(self):
        param = "crm_pipeline_ext.lost_reason_required"
        self.assertTrue(self.env["ir.config_parameter"].get_param(param))


@tagged("post_install", "-at_install")
class TestLostReason(LostCase):
    """Nobody loses an opportunity without a reason, by any path."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.make_deals()

    def refused(self):
        return self.assertRaisesRegex(UserError, "Enquiry 1: Choose a lost reason.")

    def wizard(self, **vals):
        wizards = self.env["crm.lead.lost"].with_user(self.salesperson)
        return wizards.create({"lead_ids": self.deal.ids, **vals})

    def test_by_the_action(self):
        with self.refused():
            self.deal.action_set_lost()
        self.assertTrue(self.deal.active)
        self.deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.deal.won_status, "lost")

    def test_improbable_one_by_the_action(self):
        """Core archives it first, and it is lost before its reason is written."""
        self.deal.probability = 0
        self.deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.deal.won_status, "lost")

    def test_by_the_wizard(self):
        with self.refused():
            self.wizard().action_lost_reason_apply()
        self.wizard(lost_reason_id=self.reason.id).action_lost_reason_apply()
        self.assertEqual(self.deal.lost_reason_id, self.reason)

    def test_form_of_the_wizard_asks_for_it(self):
        context = {"default_lead_ids": self.deal.ids}
        wizards = self.env["crm.lead.lost"].with_user(self.salesperson)
        form = Form(wizards.with_context(**context))
        with self.assertRaisesRegex(AssertionError, "lost_reason_id is a required"):
            form.save()

    def test_by_writing(self):
        with self.refused():
            self.deal.write({"active": False, "probability": 0})
        self.deal.write({"active": False, "probability": 20})
        with self.refused():
            self.deal.probability = 0

    def test_by_archiving_without_probability(self):
        self.deal.probability = 0
        with self.refused():
            self.deal.action_archive()

    def test_archiving_a_likely_one_is_not_losing(self):
        self.deal.probability = 20
        self.deal.action_archive()
        self.assertEqual(self.deal.won_status, "pending")

    def test_by_creating(self):
        lost = {"name": "Old", "active": False, "probability": 0}
        with self.assertRaisesRegex(UserError, "Old: Choose a lost reason."):
            self.Lead.create(lost)
        lead = self.Lead.create({**lost, "lost_reason_id": self.reason.id})
        self.assertEqual(lead.won_status, "lost")

    def test_by_import(self):
        header = [".id", "active", "probability"]
        row = [str(self.deal.id), "False", "0"]
        result = self.Lead.load(header, [row])
        self.assertIn("Choose a lost reason", result["messages"][0]["message"])
        header.append("lost_reason_id")
        result = self.Lead.load(header, [[*row, self.reason.name]])
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(self.deal.won_status, "lost")

    def test_by_mass_edit(self):
        others = self.make_deals(2, lost_reason_id=self.reason.id)
        with self.refused() as caught:
            (self.deal | others).write({"active": False, "probability": 0})
        self.assertNotIn("Enquiry 2", str(caught.exception))

    def test_reason_of_a_lost_one_is_changed_and_not_taken_away(self):
        self.deal.action_set_lost(lost_reason_id=self.reason.id)
        self.deal.lost_reason_id = self.later
        with self.refused():
            self.deal.lost_reason_id = False

    def test_setting_off_asks_for_nothing(self):
        self.require_lost_reason(False)
        self.deal.action_set_lost()
        self.assertEqual(self.deal.won_status, "lost")

    def test_competitor_and_note_are_kept(self):
        self.deal = self.deal.with_context(tracking_disable=False)
        self.env.cr.flush()
        wizard = self.wizard(
            lost_reason_id=self.reason.id,
            competitor_id=self.rival.id,
            lost_feedback="<p>They deliver tomorrow</p>",
        )
        wizard.with_context(tracking_disable=False).action_lost_reason_apply()
        self.env.cr.flush()
        self.assertEqual(self.deal.competitor_id, self.rival)
        message = self.deal.message_ids.sudo()[0]
        self.assertIn("They deliver tomorrow", message.body)
        values = message.tracking_value_ids.mapped("new_value_char")
        self.assertLessEqual({"Too expensive", "Northern Pumps"}, set(values))

    def test_others_are_not_told_why(self):
        with self.assertRaises(AccessError):
            self.deal.with_user(self.colleague).action_set_lost()

    def test_salesperson_adds_competitors_and_managers_change_them(self):
        rival = self.rival.with_user(self.salesperson)
        self.assertTrue(rival.create({"name": "New One"}))
        with self.assertRaises(AccessError):
            rival.name = "Renamed"

    def test_queries_do_not_grow_with_the_number_lost(self):
        counts = []
        for size in (2, 2, 40):
            leads = self.make_deals(size)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            leads._check_losing({"lost_reason_id": self.reason.id})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])


@tagged("post_install", "-at_install")
class TestWinBack(LostCase):
    """Lost for now: an activity for the salesperson, until it is restored."""

    @freeze_time("2026-03-02 10:00:00")
    def test_planned_after_the_days_of_the_reason(self):
        deal = self.make_deals()
        deal.action_set_lost(lost_reason_id=self.later.id)
        activity = self.win_backs(deal)
        self.assertEqual(activity.date_deadline, date(2026, 5, 31))
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(activity.summary, "Win back (No budget this year)")
        call = self.env.ref("mail.mail_activity_data_call")
        self.assertEqual(activity.activity_type_id, call)

    def test_each_way_of_losing_plans_once(self):
        wizards = self.env["crm.lead.lost"].with_user(self.salesperson)
        reason = {"lost_reason_id": self.later.id}
        for lose in (
            lambda deal: deal.action_set_lost(**reason),
            lambda deal: deal.write({"active": False, "probability": 0, **reason}),
            lambda deal: wizards.create(
                {"lead_ids": deal.ids, **reason}
            ).action_lost_reason_apply(),
        ):
            for probability in (0, 30):
                deal = self.make_deals(probability=probability)
                lose(deal)
                self.assertEqual(len(self.win_backs(deal)), 1)
        deal.action_set_lost(**reason)
        self.assertEqual(len(self.win_backs(deal)), 1)

    def test_other_reasons_plan_nothing(self):
        deal = self.make_deals()
        deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertFalse(self.win_backs(deal))

    def test_kind_of_activity_is_that_of_the_reason(self):
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.later.win_back_activity_type_id = todo
        deal = self.make_deals()
        deal.action_set_lost(lost_reason_id=self.later.id)
        self.assertEqual(self.win_backs(deal).activity_type_id, todo)

    def test_salesperson_sees_it_among_his_activities_when_it_is_due(self):
        with freeze_time("2026-03-02 10:00:00"):
            deal = self.make_deals()
            deal.action_set_lost(lost_reason_id=self.later.id)
            self.env.flush_all()
        with freeze_time("2026-05-31 10:00:00"):
            mine = self.env["res.users"].with_user(self.salesperson)
            [group] = [
                x for x in mine._get_activity_groups() if x.get("model") == "crm.lead"
            ]
            self.assertEqual(group["today_count"], 1)
            domain = [*group["domain"], ("activity_user_id", "=", self.salesperson.id)]
            self.assertEqual(self.Lead.search(domain), deal)

    def test_nobody_is_told_months_ahead(self):
        manager = new_test_user(
            self.env, login="lost_manager", groups="sales_team.group_sale_manager"
        )
        deal = self.make_deals().with_user(manager)
        before = self.env["mail.mail"].search_count([])
        deal.action_set_lost(lost_reason_id=self.later.id)
        self.env.cr.flush()
        self.assertEqual(self.win_backs(deal).user_id, self.salesperson)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def test_many_are_planned_together(self):
        counts = []
        for size in (5, 5, 50):
            leads = self.make_deals(size, lost_reason_id=self.later.id)
            leads.write({"active": False})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            leads._after_losing()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_restoring_cancels_it_and_keeps_the_history(self):
        deal = self.make_deals().with_context(tracking_disable=False)
        self.env.cr.flush()
        with freeze_time("2026-03-02 10:00:00"):
            deal.write({"competitor_id": self.rival.id})
            deal.action_set_lost(lost_reason_id=self.later.id)
            self.env.cr.flush()
        deal.action_restore()
        self.env.cr.flush()
        self.assertFalse(self.win_backs(deal))
        self.assertFalse(deal.lost_reason_id)
        message = deal.message_ids.sudo()[0]
        self.assertIn("03/02/2026", message.body)
        self.assertIn("No budget this year, Northern Pumps", message.body)
        values = message.tracking_value_ids.mapped("old_value_char")
        self.assertIn("No budget this year", values)

    def test_each_way_of_restoring_cancels_it(self):
        for restore in (
            lambda deal: deal.action_unarchive(),
            lambda deal: deal.write({"active": True, "probability": 10}),
            lambda deal: deal.action_set_won(),
        ):
            deal = self.make_deals()
            deal.action_set_lost(lost_reason_id=self.later.id)
            restore(deal)
            self.assertFalse(self.win_backs(deal))

    def test_other_activities_stay(self):
        deal = self.make_deals()
        own = deal.activity_schedule("mail.mail_activity_data_todo")
        deal.action_set_lost(lost_reason_id=self.later.id)
        deal.action_restore()
        self.assertEqual(deal.activity_ids, own)
