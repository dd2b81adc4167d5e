from odoo import fields, models
from odoo.tools import SQL

from ..models.crm_lead_stay import OUTCOMES


class CrmFunnelReport(models.Model):
    """One row for each stay of an opportunity in a stage.

    What is joined is joined by its primary key, so that PostgreSQL leaves out what a
    question does not need.
    """

    _name = "crm.funnel.report"
    _inherit = ["crm.lean.report"]
    _description = "Funnel"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "lead_id"

    from_stage_id = fields.Many2one(
        comodel_name="crm.stage", string="Stage Before", readonly=True
    )
    to_stage_id = fields.Many2one(
        comodel_name="crm.stage", string="Next Stage", readonly=True
    )
    entered_at = fields.Datetime(string="Entered", readonly=True)
    left_at = fields.Datetime(string="Left", readonly=True)
    medium_id = fields.Many2one(comodel_name="utm.medium", readonly=True)
    campaign_id = fields.Many2one(comodel_name="utm.campaign", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    outcome = fields.Selection(
        selection=OUTCOMES,
        readonly=True,
        help="How the stay ended; nothing as long as the opportunity is in the stage.",
    )
    result = fields.Selection(string="In the End")
    days = fields.Float(
        string="Days in Stage",
        readonly=True,
        aggregator="avg",
        help="Average of those that left the stage.",
    )
    days_so_far = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Average of those that are still there and open.",
    )
    value_in = fields.Float(
        readonly=True,
        help="Expected revenue on entering the stage, in the company's currency.",
    )
    value_out = fields.Float(
        readonly=True,
        help="Expected revenue on leaving for a next stage, in the company's currency.",
    )
    moved_on = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of those that moved on to a later stage or were won, of all that "
        "left the stage.",
    )
    won = fields.Float(
        string="Won in the End",
        readonly=True,
        aggregator="avg",
        help="Share of the opportunities won, of all that were won or lost.",
    )

    def _columns(self):
        """:return: ``{field: SQL}``; `s` is the stay, `l` the opportunity"""
        of_stay = (
            "id",
            "lead_id",
            "stage_id",
            "from_stage_id",
            "to_stage_id",
            "entered_at",
            "left_at",
            "team_id",
            "user_id",
            "owner_id",
            "company_id",
            "source_id",
            "lost_reason_id",
            "outcome",
            "result",
            "days",
            "value_in",
        )
        of_lead = ("medium_id", "campaign_id", "country_id")
        return {
            **{name: SQL.identifier("s", name) for name in of_stay},
            **{name: SQL.identifier("l", name) for name in of_lead},
            "days_so_far": SQL(
                """CASE WHEN s.left_at IS NULL AND s.result IS NULL
                        THEN extract(epoch FROM timezone('UTC', now()) - s.entered_at)
                             / 86400 END"""
            ),
            "value_out": SQL("CASE WHEN s.to_stage_id > 0 THEN s.value_out END"),
            "moved_on": SQL(
                """CASE WHEN s.outcome IN ('forward', 'won') THEN 1::float8
                        WHEN s.outcome IS NOT NULL THEN 0 END"""
            ),
            "won": SQL(
                """CASE s.result WHEN 'won' THEN 1::float8 WHEN 'lost' THEN 0 END"""
            ),
        }

    def _from(self):
        return SQL("crm_lead_stay s LEFT JOIN crm_lead l ON l.id = s.lead_id")

    def _where(self):
        return SQL("NOT s.merged")
