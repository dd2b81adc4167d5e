from odoo import api, fields, models
from odoo.tools import SQL

from ..stay_sql import KEEP, NOT_REBUILT, REBUILD

OUTCOMES = [
    ("forward", "Moved On"),
    ("back", "Moved Back"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("archived", "Set Aside"),
]
RESULTS = [("won", "Won"), ("lost", "Lost")]


class CrmLeadStay(models.Model):
    """How long an opportunity was in a stage, and how it left it.

    Written by SQL alone, once a transaction, for all its opportunities: see
    ``crm.lead._stay_keep``. A stay is open as long as the opportunity is in the
    stage. Team, salesperson and company are those it had last in the stage.
    """

    _name = "crm.lead.stay"
    _description = "Stay in a Stage"
    _order = "entered_at desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Opportunity",
        required=True,
        index=True,
        ondelete="cascade",
    )
    stage_id = fields.Many2one(comodel_name="crm.stage", ondelete="set null")
    from_stage_id = fields.Many2one(
        comodel_name="crm.stage",
        string="Stage Before",
        ondelete="set null",
        help="Empty for the first stay of an opportunity.",
    )
    to_stage_id = fields.Many2one(
        comodel_name="crm.stage",
        string="Next Stage",
        ondelete="set null",
        help="Empty where the opportunity still is in the stage, was lost or archived.",
    )
    entered_at = fields.Datetime(string="Entered", required=True, index=True)
    left_at = fields.Datetime(string="Left")
    days = fields.Float(
        string="Days in Stage",
        digits=(16, 2),
        aggregator="avg",
        help="Days from entering to leaving the stage; none as long as it is there.",
    )
    value_in = fields.Float(
        help="Expected revenue on entering the stage, in the company's currency."
    )
    value_out = fields.Float(
        help="Expected revenue when it left the stage, in the company's currency."
    )
    value_won = fields.Float(
        help="Expected revenue once it was won, in the company's currency; on the stay "
        "from which it was won."
    )
    date_deadline = fields.Date(
        string="Expected Closing", help="As last foreseen before it left the stage."
    )
    probability_in = fields.Float(aggregator="avg", help="Per cent, on entering.")
    probability_out = fields.Float(
        aggregator="avg", help="Per cent, as last foreseen before it left the stage."
    )
    probability_first = fields.Float(
        aggregator="avg",
        help="Per cent, when it became an opportunity.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", ondelete="set null"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", ondelete="set null"
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson Now",
        index=True,
        ondelete="set null",
        help="Whose opportunity it is by now: who may see it sees its history.",
    )
    company_id = fields.Many2one(comodel_name="res.company", ondelete="cascade")
    source_id = fields.Many2one(comodel_name="utm.source", ondelete="set null")
    lost_reason_id = fields.Many2one(
        comodel_name="crm.lost.reason", ondelete="set null"
    )
    outcome = fields.Selection(
        selection=OUTCOMES,
        help="How the stay ended. An opportunity has one that ended in won or lost at "
        "most: what is restored or won back was set aside or moved on.",
    )
    result = fields.Selection(
        selection=RESULTS,
        string="In the End",
        help="What became of the opportunity, on each of its stays.",
    )
    merged = fields.Boolean(
        help="Of an opportunity that was merged into this one. Reports do not count it."
    )

    _one_open = models.UniqueIndex("(lead_id) WHERE left_at IS NULL AND NOT merged")

    @api.model
    def _keep(self, before):
        """Close the stays that ended and open those that began.

        One query for any number of opportunities. It compares what they are with
        their last stay, so that a second call does nothing.

        :param dict before: ``{lead id: (expected revenue, probability)}`` before
            the change, or Nones where it is not known
        """
        self.env["crm.lead"].flush_model()
        revenues, probabilities = map(list, zip(*before.values(), strict=True))
        self.env.cr.execute(
            SQL(
                KEEP,
                ids=list(before),
                revenues=revenues,
                probabilities=probabilities,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _merge(self, merged, head):
        """Hand the stays of ``merged`` over to ``head``, not to be counted."""
        stays = self.sudo().search([("lead_id", "in", merged.ids)])
        open_stays = stays.filtered(lambda stay: not stay.left_at)
        open_stays.left_at = fields.Datetime.now()
        stays.write(
            {"lead_id": head.id, "owner_id": head.user_id.id, "merged": True}
        )

    @api.model
    def _rebuild(self):
        """Make the stays of opportunities that have none, from what was tracked.

        Salesperson, team and value are as they were then. The probability was never
        tracked: none is known but of what is still in its stage. One query, nothing
        the second time.
        """
        self.env.flush_all()
        self.env.cr.execute(NOT_REBUILT)
        if not self.env.cr.rowcount:
            return
        tracked = ("stage_id", "team_id", "user_id", "active", "expected_revenue")
        fields_of = self.env["ir.model.fields"]._get_ids("crm.lead")
        ids_by_name = {name: fields_of[name] for name in tracked}
        # What is joined was never counted: the planner may take it for a few rows.
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop = off"))
        self.env.cr.execute(SQL(REBUILD, **ids_by_name))
        self.env.cr.execute(SQL("SET LOCAL enable_nestloop = on"))
        self.invalidate_model(flush=False)
