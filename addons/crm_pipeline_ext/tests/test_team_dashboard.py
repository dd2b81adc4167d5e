from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .test_stage_history import StayCase


@tagged("post_install", "-at_install")
class TestTeamDashboard(StayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, login="team_manager", groups="sales_team.group_sale_manager"
        )
        cls.team_seen = cls.team.with_user(cls.manager)

    def funnel(self, team):
        """:return: figures of the team's own stages; there are others, of all teams"""
        own = (self.new | self.qualified | self.offer | self.won).ids
        return {
            stage["name"]: (stage["count"], stage["value"])
            for stage in team.pipeline_funnel["stages"]
            if stage["id"] in own
        }

    def test_the_funnel_counts_open_opportunities_by_stage(self):
        self.deals(2)
        self.deals(stage_id=self.offer.id, expected_revenue=70)
        self.deals(stage_id=self.won.id)
        self.deals().action_set_lost()
        self.deals(type="lead")
        self.assertEqual(
            self.funnel(self.team_seen),
            {"New": (2, 200), "Qualified": (0, 0), "Offer": (1, 70)},
        )

    def test_a_folded_stage_is_shown_only_if_something_is_in_it(self):
        self.qualified.fold = self.offer.fold = True
        self.deals(stage_id=self.offer.id)
        self.assertIn("Offer", self.funnel(self.team_seen))
        self.assertNotIn("Qualified", self.funnel(self.team_seen))

    def test_a_salesperson_sees_the_funnel_of_what_he_may_see(self):
        self.deals(2)
        self.deals().sudo().user_id = self.colleague
        own = self.team.with_user(self.salesperson)
        self.assertEqual(self.funnel(own)["New"], (2, 200))
        self.assertEqual(self.funnel(self.team_seen)["New"], (3, 300))

    def test_next_actions_are_overdue_for_today_or_missing(self):
        today = fields.Date.today()
        for days in (-3, -1, 0, 5):
            self.deals().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=today + timedelta(days=days),
                user_id=self.salesperson.id,
            )
        self.deals()
        team = self.team_seen
        self.assertEqual(team.next_action_overdue_count, 2)
        self.assertEqual(team.next_action_today_count, 1)
        self.assertEqual(team.next_action_missing_count, 1)

    def test_each_count_opens_what_it_counted(self):
        self.deals(2)
        action = self.env.ref("crm_pipeline_ext.crm_lead_next_action_action_team")
        search = self.env["crm.lead"].get_view(action.search_view_id.id, "search")
        for name in ("overdue", "today", "missing"):
            self.assertIn(f'name="next_action_{name}"', search["arch"])
        view = self.env["crm.team"].get_view(
            self.env.ref("sales_team.crm_team_view_kanban_dashboard").id, "kanban"
        )
        self.assertIn("search_default_next_action_missing", view["arch"])

    def test_cards_cost_the_same_queries_for_one_team_and_for_many(self):
        names = (
            "pipeline_funnel",
            "next_action_overdue_count",
            "next_action_today_count",
            "next_action_missing_count",
            "chain_policy_id",
        )
        teams = self.team | self.env["crm.team"].create(
            [{"name": f"Team {number}"} for number in range(20)]
        )
        self.deals(3)
        teams = teams.with_user(self.manager)

        def queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        queries(teams)
        self.assertLessEqual(abs(queries(teams) - queries(teams[0])), 1)

    def test_members_have_a_capacity_and_open_opportunities(self):
        self.deals(2)
        self.deals(stage_id=self.won.id)
        member = self.team.crm_team_member_ids.filtered(
            lambda member: member.user_id == self.salesperson
        )
        self.assertEqual(member.with_user(self.manager).open_opportunity_count, 2)
        with Form(self.team_seen) as form:
            for place in range(len(form.capacity_member_ids)):
                with form.capacity_member_ids.edit(place) as line:
                    line.assignment_max = 45
        self.assertEqual(self.team.assignment_max, 90)
        self.assertEqual(self.team_seen.pipeline_funnel["capacity"]["total"], 90)

    def test_a_team_tells_its_policy_and_gets_its_own(self):
        self.assertFalse(self.team_seen.chain_policy_id.team_id)
        action = self.team_seen.action_chain_policy()
        self.assertFalse(action["res_id"])
        Policy = self.env["crm.chain.policy"].with_user(self.manager)
        with Form(Policy.with_context(**action["context"])) as form:
            self.assertEqual(form.team_id, self.team)
        self.env.invalidate_all()
        own = self.team_seen.chain_policy_id
        self.assertEqual(own.team_id, self.team)
        self.assertEqual(self.team_seen.action_chain_policy()["res_id"], own.id)

    def test_a_salesperson_makes_no_policy(self):
        action = self.team.with_user(self.salesperson).action_chain_policy()
        with self.assertRaises(AccessError):
            self.env["crm.chain.policy"].with_user(self.salesperson).create(
                {
                    name.removeprefix("default_"): value
                    for name, value in action["context"].items()
                }
            )

    def test_a_new_team_has_a_form_too(self):
        with Form(self.env["crm.team"].with_user(self.manager)) as form:
            form.name = "East"
            form.user_id = self.manager
        self.assertEqual(form.record.user_id, self.manager)
