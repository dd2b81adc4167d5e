from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.crm_lead_next_action_refresh import CURSOR
from .common import ChainCase

NOW = "2026-03-10 09:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNextActionRefresh(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "member_ids": [(4, cls.salesperson.id)]}
        )

    def make_deals(self, *vals_list):
        deals = self.make_leads(*vals_list, type="opportunity", team_id=self.team.id)
        deals._touch()
        self.env.flush_all()
        return deals.sudo()

    def run_cron(self):
        with self.own_transaction(self.env["crm.lead"].sudo()) as leads:
            leads._cron_next_actions()
        self.env.invalidate_all()

    def later(self, **delta):
        return freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(**delta))

    # As time passes

    def test_silence_raises_the_score_day_by_day(self):
        deal = self.make_deals({})
        before = deal.next_action_score
        with self.later(days=10):
            self.run_cron()
        self.assertGreater(deal.next_action_score, before)

    def test_what_was_due_is_overdue_the_next_day(self):
        deal = self.make_deals({})
        today = fields.Date.today()
        deal.activity_schedule("mail.mail_activity_data_todo", today)
        before = deal.next_action_score
        with self.later(days=1):
            self.run_cron()
            self.assertEqual(deal.next_action_reasons, "overdue 1 day")
        self.assertGreater(deal.next_action_score, before)

    def test_nobody_seems_to_have_changed_them(self):
        deals = self.make_deals(*[{}] * 3)
        old = SQL("UPDATE crm_lead SET write_date = '2020-01-01'")
        self.env.cr.execute(old)
        deals.invalidate_recordset()
        before = deals.mapped("next_action_score")
        with self.later(days=5):
            self.run_cron()
        self.assertNotEqual(deals.mapped("next_action_score"), before)
        years = {when.year for when in deals.mapped("write_date")}
        self.assertEqual(years, {2020})

    def test_a_run_out_of_time_goes_on_where_it_stopped(self):
        deals = self.make_deals(*[{}] * 5)
        before = deals.mapped("next_action_score")
        times = iter([9, 9, 0])
        Cron, Lead = type(self.env["ir.cron"]), type(self.env["crm.lead"])
        first = deals[0].id - 1
        self.env["ir.config_parameter"].set_param(CURSOR, first)
        self.patch(Lead, "_next_action_batch", 2)
        self.patch(Cron, "_commit_progress", lambda *a, **k: next(times, 0))
        with self.later(days=5):
            self.run_cron()
            after = deals.mapped("next_action_score")
            self.assertEqual(after[4:], before[4:])
            self.assertNotEqual(after[:4], before[:4])
            cursor = self.env["ir.config_parameter"].get_param(CURSOR)
            self.assertEqual(cursor, str(deals[3].id))
            self.patch(Cron, "_commit_progress", lambda *a, **k: 9)
            self.run_cron()
        self.assertNotEqual(deals[4].next_action_score, before[4])
        self.assertFalse(self.env["ir.config_parameter"].get_param(CURSOR))

    def test_a_thousand_cost_the_same_few_queries_however_many_there_are(self):
        deals = self.make_deals(*[{}] * 60)
        self.count_refresh(deals)
        with self.later(days=3):
            counts = [self.count_refresh(deals[:size]) for size in (10, 60)]
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 2)

    def count_refresh(self, deals):
        self.env["crm.team"]._next_action_settings(self.team.id)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        deals._next_action_refresh()
        return self.env.cr.sql_log_count - before

    # The team's numbers

    def test_median_and_top_are_those_of_the_team(self):
        revenues = [{"expected_revenue": 100 * x} for x in range(21)]
        self.make_deals(*[{**vals, "probability": 50} for vals in revenues])
        self.run_cron()
        team = self.team
        self.assertEqual(team.next_action_median, 525)
        self.assertAlmostEqual(team.next_action_top_25, 762.5)
        self.assertAlmostEqual(team.next_action_top_10, 905)
        values = self.env["crm.lead"].search([("value_band", "=", 10)])
        self.assertEqual(values.mapped("expected_revenue"), [2000, 1900])

    def test_of_a_few_none_is_top(self):
        self.make_deals(*[{"expected_revenue": 100, "probability": 50}] * 9)
        self.run_cron()
        self.assertEqual(self.team.next_action_median, 50)
        self.assertFalse(self.team.next_action_top_25)

    def test_new_weights_come_to_all_at_once(self):
        cron = self.env.ref("crm_pipeline_ext.ir_cron_next_actions")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        self.team.next_action_weight_touch = 60
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    # What was there before

    def test_what_was_there_before_gets_its_touch_date_and_score(self):
        deals = self.make_deals({}, {}, {})
        customer = self.env["res.partner"].create({"name": "Sara"})
        deals[0].message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=customer.ids,
        )
        deals[1].activity_schedule("mail.mail_activity_data_call").action_feedback()
        deals[2].message_post(body="Note", message_type="comment")
        deals[2].activity_schedule("mail.mail_activity_data_todo")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead SET last_touch_date = NULL, next_action_date = NULL,
                   next_action_score = 0 WHERE id IN %s""",
                deals._ids,
            )
        )
        self.env.invalidate_all()
        self.env["crm.lead"]._next_action_start()
        self.assertEqual(
            [bool(x) for x in deals.mapped("last_touch_date")], [True, True, False]
        )
        self.assertEqual(
            [bool(x) for x in deals.mapped("next_action_date")], [False, False, True]
        )
        self.assertTrue(all(deals.mapped("next_action_score")))

    def test_the_list_is_read_by_its_index(self):
        everybody = self.env["crm.lead"].sudo()._next_action_domain()
        mine = everybody & fields.Domain("user_id", "=", self.salesperson.id)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        self.check_plan(everybody, "crm_lead_next_action_idx")
        # On so few the planner may as well filter what this one finds.
        self.env.cr.execute("DROP INDEX crm_lead_next_action_idx")
        self.check_plan(mine, "crm_lead_next_action_user_idx")

    def check_plan(self, domain, index):
        leads = self.env["crm.lead"].sudo()
        query = leads._search(domain, order="next_action_score desc, id", limit=80)
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn(index, plan)
        self.assertNotIn("Sort", plan)
