import random
from collections import defaultdict
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .test_stage_history import StayCase

START = datetime(2026, 1, 5, 8)


class Oracle:
    """What the reports must say of opportunities, kept by watching them."""

    def __init__(self):
        self.rows = []  # dicts, one for each stay
        self.last = {}  # lead: its last row

    def watch(self, leads, now):
        """To be called after each change, with what each lead was before it."""
        for lead, before in leads.items():
            self.watch_one(lead, before, now)

    def watch_one(self, lead, before, now):
        last = self.last.get(lead)
        result = {"won": "won", "lost": "lost"}.get(lead.won_status)
        here = lead.active
        open_there = last and last["left"] is None
        if open_there and not (here and last["stage"] == lead.stage_id):
            last.update(
                left=now,
                days=(now - last["entered"]).total_seconds() / 86400,
                next=lead.stage_id if here else None,
                value_out=before["value"],
                probability=before["probability"],
                outcome=self.outcome(lead, last, result, here),
                deadline=lead.date_deadline,
                won_value=lead.expected_revenue,
            )
            open_there = False
        if here and not open_there:
            row = {
                "lead": lead,
                "stage": lead.stage_id,
                "entered": now,
                "left": None,
                "days": None,
                "next": None,
                "outcome": None,
                "value_in": lead.expected_revenue,
                "first": last["first"] if last else lead.probability,
            }
            self.rows.append(row)
            self.last[lead] = row
        for row in self.rows:
            if row["lead"] == lead:
                row["result"] = result
                if row["outcome"] == "lost" != result:
                    row["outcome"] = "archived"
                if row["outcome"] == "won" != result:
                    row["outcome"] = "forward"

    def outcome(self, lead, last, result, here):
        if not here:
            return "lost" if result == "lost" else "archived"
        if result == "won" != last["result"]:
            return "won"
        forward = lead.stage_id.sequence > last["stage"].sequence
        return "forward" if forward else "back"

    def mean(self, values):
        values = [value for value in values if value is not None]
        return sum(values) / len(values) if values else False

    def funnel(self, key):
        groups = defaultdict(list)
        for row in self.rows:
            groups[key(row)].append(row)
        moved = {None: None, "forward": 1, "won": 1}
        ends = {None: None, "won": 1, "lost": 0}
        return {
            group: (
                len(rows),
                self.mean(moved.get(row["outcome"], 0) for row in rows),
                self.mean(ends[row["result"]] for row in rows),
                self.mean(row["days"] for row in rows),
                sum(row["value_in"] for row in rows),
                sum(row["value_out"] for row in rows if row["next"]),
            )
            for group, rows in groups.items()
        }

    def closed(self):
        return [row for row in self.rows if row["outcome"] in ("won", "lost")]


class HistoryCase(StayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, login="funnel_manager", groups="sales_team.group_sale_manager"
        )
        cls.env["crm.lead"].search([]).unlink()
        cls.live(40, 260)

    @classmethod
    def live(cls, count, changes):
        """Some months of ``count`` opportunities, at random but always the same."""
        cls.oracle, cls.now = Oracle(), START
        cls.random = random.Random(4)
        cls.leads = cls.env["crm.lead"]
        for _number in range(count):
            cls.change(cls.begin)
        for _number in range(changes):
            ways = [cls.lose, cls.restore, cls.win, cls.price, *[cls.move] * 3]
            cls.change(cls.random.choice(ways))

    @classmethod
    def change(cls, how):
        cls.now += timedelta(minutes=cls.random.randrange(10, 4000))
        with freeze_time(cls.now):
            before = how()
            cls.env.cr.flush()
            cls.oracle.watch(before, cls.now)

    @classmethod
    def some(cls, active=True):
        leads = cls.leads.filtered(lambda lead: lead.active == active)
        some = cls.random.sample(leads, min(len(leads), cls.random.choice([1, 1, 3])))
        leads = cls.leads.browse([lead.id for lead in some])
        return leads, {
            lead: {"value": lead.expected_revenue, "probability": lead.probability}
            for lead in leads
        }

    @classmethod
    def begin(cls):
        lead = cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "team_id": cls.team.id,
                "user_id": cls.random.choice([cls.salesperson.id, cls.colleague.id]),
                "stage_id": cls.random.choice([cls.new, cls.qualified]).id,
                "expected_revenue": cls.random.randrange(100, 1000),
                "probability": cls.random.randrange(5, 95),
                "date_deadline": cls.now + timedelta(days=cls.random.randrange(90)),
            }
        )
        cls.leads |= lead
        return {lead: {}}

    @classmethod
    def move(cls):
        leads, before = cls.some()
        stage = cls.random.choice([cls.new, cls.qualified, cls.offer])
        probability = cls.random.randrange(5, 95)
        leads.write({"stage_id": stage.id, "probability": probability})
        return before

    @classmethod
    def lose(cls):
        leads, before = cls.some()
        pending = leads.filtered(lambda lead: lead.won_status == "pending")
        pending.action_set_lost()
        return before

    @classmethod
    def restore(cls):
        leads, before = cls.some(active=False)
        leads.action_restore()
        return before

    @classmethod
    def win(cls):
        leads, before = cls.some()
        leads.write({"stage_id": cls.won.id})
        return before

    @classmethod
    def price(cls):
        leads, before = cls.some()
        leads.expected_revenue = cls.random.randrange(100, 1000)
        return before


@tagged("post_install", "-at_install")
class TestFunnelReport(HistoryCase):
    def report(self, name):
        return self.env[name].with_user(self.manager).with_context(tz="UTC")

    def assertGroups(self, found, expected):
        self.assertEqual(set(found), set(expected))
        for group, values in expected.items():
            for value, wanted in zip(found[group], values, strict=True):
                self.assertAlmostEqual(value or 0, wanted or 0, 4, (group, values))

    MEASURES = (
        "__count",
        "moved_on:avg",
        "won:avg",
        "days:avg",
        "value_in:sum",
        "value_out:sum",
    )

    def funnel(self, *groupby):
        groups = self.report("crm.funnel.report")._read_group(
            [], groupby, self.MEASURES
        )
        return {group[: len(groupby)]: group[len(groupby) :] for group in groups}

    def test_the_history_is_worth_a_test(self):
        outcomes = {row["outcome"] for row in self.oracle.rows}
        self.assertEqual(
            outcomes, {None, "forward", "back", "won", "lost", "archived"}
        )

    def test_the_funnel_by_stage_is_that_of_the_history(self):
        self.assertGroups(
            self.funnel("stage_id"), self.oracle.funnel(lambda row: (row["stage"],))
        )

    def test_the_funnel_from_stage_to_stage_is_that_of_the_history(self):
        none = self.env["crm.stage"]
        self.assertGroups(
            self.funnel("stage_id", "to_stage_id", "outcome"),
            self.oracle.funnel(
                lambda row: (
                    row["stage"],
                    row["next"] or none,
                    row["outcome"] or False,
                )
            ),
        )

    def test_the_funnel_by_month_and_person_is_that_of_the_history(self):
        self.assertGroups(
            self.funnel("entered_at:month", "user_id"),
            self.oracle.funnel(
                lambda row: (
                    row["entered"].replace(day=1, hour=0, minute=0),
                    row["lead"].user_id,
                )
            ),
        )

    def test_totals_of_a_pivot_are_those_core_reads(self):
        report = self.report("crm.funnel.report")
        sets = [["stage_id", "outcome"], ["stage_id"], ["outcome"], []]
        lean = report._read_grouping_sets([], sets, self.MEASURES, "stage_id, outcome")
        for groupby, groups in zip(sets, lean, strict=True):
            core = report._read_group([], groupby, self.MEASURES)
            self.assertGroups(
                {x[: len(groupby)]: x[len(groupby) :] for x in groups},
                {x[: len(groupby)]: x[len(groupby) :] for x in core},
            )

    def test_groups_come_in_the_order_of_their_records(self):
        for order, reverse in (("stage_id", False), ("stage_id desc", True)):
            groups = self.report("crm.funnel.report")._read_group(
                [], ["stage_id"], order=order
            )
            sequence = [stage.sequence for (stage,) in groups]
            self.assertEqual(sequence, sorted(sequence, reverse=reverse))

    def test_nothing_to_group_has_a_total_of_none(self):
        nobody = [("stage_id", "=", 0)]
        report = self.report("crm.funnel.report")
        found = report._read_grouping_sets(nobody, [[], ["stage_id"]], self.MEASURES)
        self.assertEqual(found[0][0][0], 0)
        self.assertEqual(found[1], [])

    def test_expected_revenue_is_counted_in_the_month_it_was_expected(self):
        expected = defaultdict(lambda: [0, 0])
        closed = {row["lead"]: row for row in self.oracle.closed()}
        for lead in self.leads:
            if lead.won_status == "pending" and not lead.active:
                continue
            row = closed.get(lead)
            value = row["value_out"] if row else lead.expected_revenue
            probability = row["probability"] if row else lead.probability
            day = (row["deadline"] if row else lead.date_deadline).replace(day=1)
            expected[day][0] += value
            expected[day][1] += value * probability / 100
        groups = self.report("crm.forecast.report")._read_group(
            [("kind", "=", "expected")],
            ["date:month"],
            ["expected_revenue:sum", "weighted_revenue:sum"],
        )
        self.assertGroups({x[:1]: x[1:] for x in groups}, {
            (day,): values for day, values in expected.items()
        })

    def test_won_revenue_is_counted_in_the_month_it_was_won(self):
        won = defaultdict(float)
        for row in self.oracle.closed():
            if row["outcome"] == "won":
                won[row["left"].date().replace(day=1)] += row["won_value"]
        groups = self.report("crm.forecast.report")._read_group(
            [("result", "=", "won"), ("kind", "=", "actual")],
            ["date:month"],
            ["won_revenue:sum"],
        )
        self.assertGroups({x[:1]: x[1:] for x in groups}, {
            (day,): (value,) for day, value in won.items()
        })

    def test_the_forecast_is_judged_by_what_came_of_it(self):
        groups = defaultdict(list)
        for row in self.oracle.closed():
            won = row["outcome"] == "won"
            band = str(min(int(row["probability"] // 10), 9))
            last, first = row["probability"] / 100 - won, row["first"] / 100 - won
            groups[band].append((won, last, last**2, first, first**2))
        found = self.report("crm.forecast.report")._read_group(
            [("kind", "=", "actual")],
            ["band"],
            ["won:avg", "error:avg", "brier:avg", "error_first:avg", "brier_first:avg"],
        )
        self.assertGroups({x[:1]: x[1:] for x in found}, {
            (band,): [sum(x) / len(rows) for x in zip(*rows, strict=True)]
            for band, rows in groups.items()
        })

    def test_a_salesperson_sees_his_own_part_of_the_reports(self):
        for name in ("crm.funnel.report", "crm.forecast.report"):
            with self.subTest(report=name):
                everything = self.report(name).search([])
                mine = everything.with_user(self.salesperson).search([])
                self.assertEqual(
                    mine.ids,
                    everything.filtered(
                        lambda row: row.lead_id.user_id == self.salesperson
                    ).ids,
                )
                self.assertTrue(0 < len(mine) < len(everything))

    def test_what_has_been_handed_over_is_seen_by_its_new_salesperson(self):
        lead = self.leads.filtered(lambda lead: lead.user_id == self.salesperson)[0]
        lead.user_id = self.colleague
        self.env.cr.flush()
        for name in ("crm.funnel.report", "crm.forecast.report"):
            rows = self.report(name).search([("lead_id", "=", lead.id)])
            self.assertTrue(rows)
            seen = rows.with_user(self.salesperson)
            self.assertFalse(seen.search([("id", "in", rows.ids)]))
            seen = rows.with_user(self.colleague)
            self.assertEqual(seen.search([("id", "in", rows.ids)]).ids, rows.ids)

    def test_reports_of_another_company_are_not_seen(self):
        self.env.cr.execute("UPDATE crm_lead_stay SET company_id = NULL")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        lead = self.leads.filtered(lambda lead: lead.won_status == "won")[0]
        lead.write({"user_id": False, "team_id": False, "company_id": company.id})
        self.env.cr.execute(
            "UPDATE crm_lead_stay SET company_id = %s WHERE lead_id = %s",
            (company.id, lead.id),
        )
        self.env.invalidate_all()
        for name in ("crm.funnel.report", "crm.forecast.report"):
            rows = self.env[name].sudo().search([("lead_id", "=", lead.id)])
            self.assertTrue(rows)
            self.assertFalse(self.report(name).search([("id", "in", rows.ids)]))

    def test_a_row_opens_its_opportunity(self):
        row = self.report("crm.funnel.report").search([], limit=1)
        action = row.action_open()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("crm.lead", row.lead_id.id)
        )
