from odoo import fields, models


class ResCompany(models.Model):
    """How the quotations of a company live."""

    _inherit = "res.company"

    quotation_validity_enforced = fields.Boolean(
        string="Enforce the Validity of Quotations",
        default=True,
        help="An expired quotation cannot be confirmed.",
    )
    quotation_cancel_lost = fields.Boolean(
        string="Lost Opportunities Cancel Their Quotations",
        default=True,
        help="Losing an opportunity cancels its quotations that are not confirmed.",
    )
    quotation_drift_check = fields.Boolean(
        string="Compare Quotations before Confirmation",
        default=True,
        help="Whoever confirms a quotation is shown what changed since it was sent: "
        "price, taxes, cost and stock.",
    )
    quotation_drift_cost = fields.Float(
        string="Tolerance of the Cost (%)",
        default=5,
        help="A cost that has changed by no more than this is not mentioned.",
    )

    quotation_silent_days = fields.Integer(
        string="Days until Reminded of Silence",
        default=7,
        help="The salesperson is reminded of a sent quotation that nobody has answered "
        "for as many days. Zero: never.",
    )
    quotation_expiring_days = fields.Integer(
        string="Days before Expiration",
        default=3,
        help="The salesperson is reminded of a sent quotation as many days before it "
        "expires. Zero: never.",
    )

    _quotation_drift_cost_not_negative = models.Constraint(
        "CHECK (quotation_drift_cost IS NULL OR quotation_drift_cost >= 0)",
        "The tolerance of the cost cannot be less than zero.",
    )
    _quotation_days_not_negative = models.Constraint(
        "CHECK (COALESCE(quotation_silent_days, 0) >= 0 "
        "AND COALESCE(quotation_expiring_days, 0) >= 0)",
        "A number of days cannot be less than zero. Use zero for never.",
    )
