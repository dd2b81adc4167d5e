from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from .common import ChainCase

TODAY = fields.Date.to_date("2026-03-10")


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestNextAction(ChainCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "member_ids": [(4, cls.salesperson.id)]}
        )
        cls.salesperson.tz = "UTC"

    def make_deals(self, *vals_list, **common):
        common = {"type": "opportunity", "team_id": self.team.id, **common}
        deals = self.make_leads(*vals_list, **common)
        deals._touch()
        return deals

    def make_deal(self, **vals):
        return self.make_deals(vals)

    def plan(self, deal, days):
        return deal.activity_schedule(
            "mail.mail_activity_data_todo", TODAY + timedelta(days=days)
        )

    def weigh(self, **weights):
        names = self.team._next_action_weight_fields()
        self.team.write({name: weights.get(x, 0) for x, name in names.items()})

    def why(self, deal):
        return deal.with_user(self.salesperson).next_action_reasons

    # The date

    def test_the_date_is_the_earliest_that_is_still_to_be_done(self):
        deal = self.make_deal()
        self.assertFalse(deal.next_action_date)
        first, second = self.plan(deal, 2), self.plan(deal, 5)
        self.assertEqual(deal.next_action_date, TODAY + timedelta(days=2))
        first.action_feedback()
        self.assertEqual(deal.next_action_date, TODAY + timedelta(days=5))
        second.date_deadline = TODAY
        self.assertEqual(deal.next_action_date, TODAY)
        second.unlink()
        self.assertFalse(deal.next_action_date)

    def test_an_activity_planned_with_the_opportunity_gives_the_date(self):
        kind = self.env.ref("mail.mail_activity_data_todo")
        model = self.env["ir.model"]._get_id("crm.lead")
        activity = {
            "activity_type_id": kind.id,
            "res_model_id": model,
            "date_deadline": TODAY,
        }
        deal = self.make_deal(activity_ids=[(0, 0, activity)])
        self.assertEqual(deal.next_action_date, TODAY)

    # The score

    def test_what_is_overdue_comes_before_what_is_due_missing_or_planned(self):
        self.weigh(activity=1)
        deals = self.make_deals({}, {}, {}, {}, {}, {})
        for deal, days in zip(deals[:5], (-10, -1, 0, 1, 14), strict=True):
            self.plan(deal, days)
        scores = deals.mapped("next_action_score")
        self.assertEqual(scores, [100, 82, 80, 37.1, 0, 60])

    def test_the_longer_nobody_was_in_touch_the_higher_the_score(self):
        self.weigh(touch=1)
        deals = self.make_deals({}, {}, {}, {})
        deals.last_touch_date = False
        for deal, days in zip(deals, (0, 6, 15, 45), strict=True):
            deal._touch(fields.Datetime.now() - timedelta(days=days))
        self.assertEqual(deals.mapped("next_action_score"), [0, 20, 50, 100])

    def test_value_counts_against_the_median_of_the_team(self):
        self.weigh(value=1)
        self.team.next_action_median = 100
        revenues = [{"expected_revenue": x} for x in (0, 200, 600)]
        deals = self.make_deals(*revenues, probability=50)
        self.assertEqual(deals.mapped("next_action_score"), [0, 50, 75])

    def test_stars_count(self):
        self.weigh(priority=1)
        deals = self.make_deals(*[{"priority": str(x)} for x in range(4)])
        self.assertEqual(deals.mapped("next_action_score"), [0, 33.3, 66.7, 100])

    def test_the_weights_of_the_team_decide(self):
        deal = self.make_deal(priority="3")
        self.weigh(activity=1, priority=3)
        self.assertEqual(deal._next_action_scores(), {deal: 90})
        self.weigh()
        self.assertEqual(deal._next_action_scores(), {deal: 0})

    def test_without_a_team_the_weights_are_the_usual_ones(self):
        deals = self.make_deals({}, {}, priority="3")
        deals[1].team_id = False
        self.assertTrue(deals[0].next_action_score)
        self.assertEqual(deals[1].next_action_score, deals[0].next_action_score)

    def test_what_changes_it_changes_the_score_at_once(self):
        deal = self.make_deal()
        deal.last_touch_date = False
        deal._touch(fields.Datetime.now() - timedelta(days=20))
        score = deal.next_action_score
        for change in (
            lambda: deal.write({"priority": "2"}),
            lambda: deal.write({"expected_revenue": 500, "probability": 40}),
            lambda: self.plan(deal, -3),
        ):
            change()
            self.assertGreater(deal.next_action_score, score)
            score = deal.next_action_score
        deal._touch()
        self.assertLess(deal.next_action_score, score)

    def test_what_is_won_lost_archived_or_a_lead_has_none(self):
        deals = self.make_deals({}, {}, {}, {"type": "lead"})
        deals[0].action_set_won()
        deals[1].action_set_lost(
            lost_reason_id=self.env["crm.lost.reason"].create({"name": "Price"}).id
        )
        deals[2].action_archive()
        self.assertEqual(deals.mapped("next_action_score"), [0, 0, 0, 0])
        self.assertEqual(set(deals.mapped("next_action_reasons")), {False})

    def test_it_can_be_searched_and_sorted_by(self):
        deals = self.make_deals({}, {"priority": "3"}, {"priority": "1"})
        domain = [("id", "in", deals.ids), ("next_action_score", ">", 0)]
        found = self.Lead.search(domain, order="next_action_score desc, id")
        self.assertEqual(found, deals[1] | deals[2] | deals[0])
        deals[2]._touch(fields.Datetime.now())
        found = self.Lead.search(
            [("id", "in", deals.ids), ("last_touch_date", "!=", False)],
            order="last_touch_date, id",
        )
        self.assertEqual(found, deals)

    def test_a_hundred_cost_one_query_to_read_activities_and_one_to_write(self):
        deals = self.make_deals(*[{}] * 100)
        self.env.flush_all()
        activities = deals.activity_schedule("mail.mail_activity_data_todo", TODAY)
        activities.flush_recordset()
        self.env.add_to_compute(deals._fields["next_action_date"], deals)
        with self.assertQueryCount(2):
            deals.flush_recordset()

    # The menu

    def test_the_filters_find_what_they_say(self):
        deals = self.make_deals({}, {}, {}, {})
        deals.last_touch_date = False
        for deal, silent in zip(deals, (0, 8, 15, 31), strict=True):
            deal._touch(fields.Datetime.now() - timedelta(days=silent))
        for deal, due in zip(deals[:3], (-1, 0, 1), strict=True):
            self.plan(deal, due)
        for name, found in (
            ("next_action_overdue", deals[0]),
            ("next_action_today", deals[1]),
            ("next_action_missing", deals[3]),
            ("silent_7", deals[1:]),
            ("silent_14", deals[2:]),
            ("silent_30", deals[3]),
        ):
            domain = [("id", "in", deals.ids), *self.filter_domain(name)]
            self.assertEqual(self.Lead.search(domain, order="id"), found, name)

    def filter_domain(self, name):
        view = self.env.ref("crm.view_crm_case_opportunities_filter")
        arch = self.Lead.get_view(view.id, "search")["arch"]
        [node] = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return literal_eval(node.get("domain"))

    def test_the_menu_shows_a_salesperson_his_open_opportunities(self):
        deals = self.make_deals({}, {"priority": "3"}, {"type": "lead"}, {})
        deals[3].action_set_won()
        action = self.env["ir.actions.act_window"].with_user(self.salesperson)
        name = "crm_pipeline_ext.crm_lead_next_action_action"
        action = action._for_xml_id(name)
        views = self.Lead.get_views(action["views"])["views"]
        self.assertEqual(
            list(views), ["list", "kanban", "calendar", "activity", "form"]
        )
        order = etree.fromstring(views["list"]["arch"]).get("default_order")
        domain = literal_eval(action["domain"])
        found = self.Lead.search([("id", "in", deals.ids), *domain], order=order)
        self.assertEqual(found, deals[1] | deals[0])

    # Its reasons

    def test_the_reasons_are_told(self):
        deal = self.make_deal(priority="2", expected_revenue=1000, probability=50)
        self.team.next_action_top_10 = 400
        deal.last_touch_date = False
        deal._touch(fields.Datetime.now() - timedelta(days=12))
        self.plan(deal, -3)
        deal._compute_next_action_score()
        self.assertEqual(
            self.why(deal),
            "overdue 3 days · top 10 % value · no touch for 12 days · high priority",
        )

    def test_one_day_is_not_days(self):
        deal = self.make_deal()
        self.plan(deal, -1)
        self.assertEqual(self.why(deal), "overdue 1 day")

    def test_today_and_nothing_planned_are_told(self):
        deal = self.make_deal()
        self.assertEqual(self.why(deal), "no next action")
        self.plan(deal, 0)
        self.assertEqual(self.why(deal), "due today")

    def test_a_quiet_opportunity_gives_no_reason(self):
        deal = self.make_deal()
        self.plan(deal, 3)
        self.assertFalse(self.why(deal))

    def test_reasons_speak_the_language_of_the_user(self):
        deal = self.make_deal()
        self.plan(deal, -3)
        for lang, phrase in (
            ("fa_IR", "%(days)s روز تأخیر"),
            ("mn_MN", "%(days)s өдөр хэтэрсэн"),
        ):
            self.env["res.lang"]._activate_lang(lang)
            words = {"overdue %(days)s days": phrase}
            known = {("crm_pipeline_ext", lang): words}
            with patch.dict(code_translations.python_translations, known):
                spoken = deal.with_user(self.salesperson).with_context(lang=lang)
                self.assertEqual(spoken.next_action_reasons, phrase % {"days": 3})

    def test_reading_reasons_of_a_page_is_one_query(self):
        deals = self.make_deals(*[{}] * 80)
        self.env.flush_all()
        fields_read = ["next_action_score", "next_action_reasons", "days_since_touch"]
        deals.search_read([("id", "in", deals.ids)], fields_read)
        self.env.invalidate_all()
        plain = self.count(deals, ["priority"])
        self.assertEqual(self.count(deals, fields_read), plain)

    def count(self, deals, names):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        deals.search_fetch([("id", "in", deals.ids)], names).read(names)
        return self.env.cr.sql_log_count - before
