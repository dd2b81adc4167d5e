from odoo.tests import tagged

from .test_funnel_report import START, HistoryCase

COLUMNS = (
    "lead_id",
    "stage_id",
    "from_stage_id",
    "to_stage_id",
    "entered_at",
    "left_at",
    "days",
    "value_in",
    "value_out",
    "value_won",
    "user_id",
    "owner_id",
    "team_id",
    "outcome",
    "result",
)


@tagged("post_install", "-at_install")
class TestStageHistoryRebuild(HistoryCase):
    """What was tracked makes the history that is kept by those who watch."""

    @classmethod
    def live(cls, count, changes):
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        super().live(25, 150)

    @classmethod
    def begin(cls):
        before = super().begin()
        cls.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)",
            (cls.now, [lead.id for lead in before]),
        )
        return before

    def kept(self):
        Stay = self.env["crm.lead.stay"]
        stays = Stay.search([("lead_id", "in", self.leads.ids)]).sorted("id")
        return sorted(
            tuple(str(stay[name]) for name in COLUMNS) for stay in stays
        )

    def forget(self, leads):
        self.env.cr.execute(
            "DELETE FROM crm_lead_stay WHERE lead_id = ANY(%s)", (leads.ids,)
        )
        self.env.invalidate_all()

    def test_the_history_is_rebuilt_from_what_was_tracked(self):
        self.env.cr.flush()
        kept = self.kept()
        self.forget(self.leads)
        self.env["crm.lead.stay"]._rebuild()
        self.maxDiff = None
        self.assertEqual(self.kept(), kept)

    def test_what_has_a_history_is_not_rebuilt(self):
        self.env.cr.flush()
        kept = self.kept()
        self.forget(self.leads[:5])
        Stay = self.env["crm.lead.stay"]
        with self.assertQueryCount(5):
            Stay._rebuild()
        self.env.flush_all()
        with self.assertQueryCount(1):
            Stay._rebuild()
        self.assertEqual(self.kept(), kept)

    def test_what_nobody_tracked_is_in_its_stage_from_the_beginning(self):
        untracked = self.env(context={"tracking_disable": True})
        lead, lost = untracked["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "stage_id": self.offer.id,
                    "expected_revenue": 70,
                }
                for name in ("Open", "Lost")
            ]
        )
        lost.action_set_lost()
        self.env.cr.flush()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)",
            (START, (lead | lost).ids),
        )
        self.forget(lead | lost)
        self.env["crm.lead.stay"]._rebuild()
        stay, end = self.stays(lead), self.stays(lost)
        self.assertEqual((stay.entered_at, stay.value_in), (START, 70))
        self.assertFalse(stay.left_at)
        self.assertEqual((end.outcome, end.left_at), ("lost", lost.date_closed))

    def test_what_was_tracked_on_a_merged_opportunity_does_not_count(self):
        first, second = self.leads.filtered("active")[:2]
        head = (first | second).merge_opportunity()
        self.env.cr.flush()
        counted = self.stays(head).filtered(lambda stay: not stay.merged)
        told = [(stay.stage_id, stay.entered_at) for stay in counted]
        self.forget(head)
        self.env["crm.lead.stay"]._rebuild()
        rebuilt = [(stay.stage_id, stay.entered_at) for stay in self.stays(head)]
        self.assertEqual(rebuilt[: len(told)], told)
