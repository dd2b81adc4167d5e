from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class ResPartnerGrade(models.Model):
    """What a customer must have been invoiced to have a level."""

    _inherit = "res.partner.grade"

    # Over how many months revenue counts.
    _revenue_months = 12

    revenue_currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_revenue_currency_id",
    )
    revenue_threshold = fields.Monetary(
        string="From Revenue",
        currency_field="revenue_currency_id",
        help="What a customer was invoiced in the last 12 months, without taxes and "
        "less credit notes, to be proposed for this level. 0: never by revenue. The "
        "highest level whose revenue is reached is the one.",
    )
    revenue_validity = fields.Integer(
        string="Valid (Months)",
        default=12,
        help="How long a customer keeps the level once revenue has given it. 0: for "
        "good.",
    )

    _revenue_threshold_not_negative = models.Constraint(
        "CHECK (revenue_threshold IS NULL OR revenue_threshold >= 0)",
        "The revenue of a level cannot be negative.",
    )
    _revenue_validity_not_negative = models.Constraint(
        "CHECK (revenue_validity IS NULL OR revenue_validity >= 0)",
        "The validity of a level cannot be negative.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_revenue_currency_id(self):
        for level in self:
            company = level.company_id or self.env.company
            level.revenue_currency_id = company.currency_id

    def _revenue_levels(self):
        """:return: the levels that revenue gives, highest first, as superuser"""
        return self.sudo().search([("revenue_threshold", ">", 0)])

    @api.model
    def _invoiced(self):
        """What customers were invoiced in the months that count, without taxes and less
        credit notes. One query.

        :return: ``{company: {commercial partner id: amount}}``, in the currency of the
            company
        """
        today = fields.Date.context_today(self)
        since = today - relativedelta(months=self._revenue_months)
        moves = self.env["account.move"].sudo()
        found = defaultdict(dict)
        for company, partner, amount in moves._read_group(
            [
                ("move_type", "in", moves.get_sale_types(include_receipts=True)),
                ("state", "=", "posted"),
                ("invoice_date", ">", since),
                ("invoice_date", "<=", today),
                ("commercial_partner_id", "!=", False),
            ],
            ["company_id", "commercial_partner_id"],
            ["amount_untaxed_signed:sum"],
        ):
            found[company][partner.id] = amount
        return found

    def _revenue_of(self, invoiced):
        """
        :param self: one level
        :param invoiced: as of :meth:`_invoiced`
        :return: ``{commercial partner id: amount}`` that counts for it, in its
            currency: of its company and the branches; of all, if it is nobody's own
        """
        total = defaultdict(float)
        today = fields.Date.context_today(self)
        for company, amounts in invoiced.items():
            if self.company_id and self.company_id not in company.parent_ids:
                continue
            rate = self.env["res.currency"]._get_conversion_rate(
                company.currency_id, self.revenue_currency_id, company, today
            )
            for partner_id, amount in amounts.items():
                total[partner_id] += amount * rate
        return total
