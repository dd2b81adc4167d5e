from odoo import api, fields, models
from odoo.tools import SQL

MEASURES = (
    "expected_revenue",
    "weighted_revenue",
    "won_revenue",
    "won",
    "probability",
    "probability_first",
    "error",
    "error_first",
    "brier",
    "brier_first",
)


class CrmForecastReport(models.Model):
    """What was expected and what came of it.

    Two rows for an opportunity: one on the day it was expected to close, one on the
    day it did. Both are made of the stay from which it was won or lost, or of the one
    it is still in.
    """

    _name = "crm.forecast.report"
    _inherit = ["crm.lean.report"]
    _description = "Forecast Quality"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    kind = fields.Selection(
        selection=[("expected", "Expected"), ("actual", "Closed")],
        string="Expected or Closed",
        readonly=True,
    )
    date = fields.Date(
        readonly=True,
        help="The expected closing, or the day the opportunity was won or lost.",
    )
    stage_id = fields.Many2one(
        string="Last Open Stage",
        help="From which it was won or lost, or in which it still is.",
    )
    result = fields.Selection(help="Nothing as long as the opportunity is open.")
    band = fields.Selection(
        selection="_selection_band",
        string="Foreseen Probability",
        readonly=True,
        help="The last probability before the opportunity was won or lost, in bands.",
    )
    expected_revenue = fields.Float(
        readonly=True,
        help="Expected on that day, in the company's currency.",
    )
    weighted_revenue = fields.Float(
        readonly=True,
        help="Expected on that day, times the probability, in the company's currency.",
    )
    won_revenue = fields.Float(
        readonly=True, help="Won on that day, in the company's currency."
    )
    won = fields.Float(
        string="Won Share",
        readonly=True,
        aggregator="avg",
        help="Share of the opportunities won, of all that were closed.",
    )
    probability = fields.Float(
        string="Last Probability",
        readonly=True,
        aggregator="avg",
        help="As foreseen before the opportunity was won or lost.",
    )
    probability_first = fields.Float(
        string="First Probability",
        readonly=True,
        aggregator="avg",
        help="As foreseen when it became an opportunity.",
    )
    error = fields.Float(
        string="Last Error",
        readonly=True,
        aggregator="avg",
        help="Last probability less outcome (won 100 %, lost 0 %). Above zero: too "
        "hopeful; below: too cautious.",
    )
    error_first = fields.Float(
        string="First Error",
        readonly=True,
        aggregator="avg",
        help="First probability less outcome.",
    )
    brier = fields.Float(
        string="Last Brier Score",
        digits=(16, 3),
        readonly=True,
        aggregator="avg",
        help="Mean squared error of the last probability: 0 is perfect, 0.25 is what "
        "always saying 50 % gets, 1 is always wrong.",
    )
    brier_first = fields.Float(
        string="First Brier Score",
        digits=(16, 3),
        readonly=True,
        aggregator="avg",
        help="Mean squared error of the first probability.",
    )

    @api.model
    def _selection_band(self):
        """Ten bands; their keys are in their order."""
        return [
            (str(band), f"{band * 10}–{band * 10 + (10 if band == 9 else 9)} %")
            for band in range(10)
        ]

    def _view_query(self):
        parts = (self._expected_closed(), self._expected_open(), self._actual())
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s FROM %s",
                SQL(", ").join(
                    SQL("%s AS %s", columns[name], SQL.identifier(name))
                    for name in parts[0][0]
                ),
                rest,
            )
            for columns, rest in parts
        )

    # Parts of the view: pairs of `{field: SQL}` and what follows FROM. None joins: what
    # is closed is told by its stay `s` alone, what is open by the opportunity `l`.

    def _columns(self, alias, **columns):
        names = ("stage_id", "team_id", "user_id", "company_id", "source_id")
        return {
            **{name: SQL.identifier(alias, name) for name in names},
            **dict.fromkeys(MEASURES, SQL("NULL::float8")),
            "band": SQL("NULL::varchar"),
            **columns,
        }

    def _expected_closed(self):
        columns = self._columns(
            "s",
            id=SQL("s.id * 3"),
            kind=SQL("'expected'"),
            date=SQL("s.date_deadline"),
            lead_id=SQL("s.lead_id"),
            owner_id=SQL("s.owner_id"),
            lost_reason_id=SQL("s.lost_reason_id"),
            result=SQL("s.result"),
            expected_revenue=SQL("s.value_out"),
            weighted_revenue=SQL("s.value_out * s.probability_out / 100"),
        )
        where = """s.date_deadline IS NOT NULL AND s.outcome IN ('won', 'lost')
                   AND NOT s.merged"""
        return columns, SQL("crm_lead_stay s WHERE " + where)

    def _expected_open(self):
        revenue = SQL("l.expected_revenue::float8")
        columns = self._columns(
            "l",
            id=SQL("l.id * 3 + 1"),
            kind=SQL("'expected'"),
            date=SQL("l.date_deadline"),
            lead_id=SQL("l.id"),
            owner_id=SQL("l.user_id"),
            lost_reason_id=SQL("l.lost_reason_id"),
            result=SQL("NULL::varchar"),
            expected_revenue=revenue,
            weighted_revenue=SQL("%s * l.probability / 100", revenue),
        )
        where = """l.date_deadline IS NOT NULL AND l.type = 'opportunity' AND l.active
                   AND l.won_status = 'pending'"""
        return columns, SQL("crm_lead l WHERE " + where)

    def _actual(self):
        """Won or lost from a stage, or won from the beginning."""
        won = SQL("CASE s.result WHEN 'won' THEN 1::float8 ELSE 0 END")
        last, first = SQL("s.probability_out / 100"), SQL("s.probability_first / 100")
        first = SQL("CASE WHEN s.probability_out >= 0 THEN %s END", first)
        columns = self._columns(
            "s",
            id=SQL("s.id * 3 + 2"),
            kind=SQL("'actual'"),
            date=SQL("COALESCE(s.left_at, s.entered_at)::date"),
            lead_id=SQL("s.lead_id"),
            owner_id=SQL("s.owner_id"),
            lost_reason_id=SQL("s.lost_reason_id"),
            result=SQL("s.result"),
            won_revenue=SQL("s.value_won"),
            band=SQL("LEAST(floor(s.probability_out / 10), 9)::int::varchar"),
            won=won,
            probability=last,
            probability_first=first,
            error=SQL("%s - %s", last, won),
            error_first=SQL("%s - %s", first, won),
            brier=SQL("power(%s - %s, 2)", last, won),
            brier_first=SQL("power(%s - %s, 2)", first, won),
        )
        where = """(s.outcome IN ('won', 'lost')
                    OR s.result = 'won' AND s.from_stage_id IS NULL
                       AND s.outcome IS NULL)
                   AND NOT s.merged"""
        return columns, SQL("crm_lead_stay s WHERE " + where)
