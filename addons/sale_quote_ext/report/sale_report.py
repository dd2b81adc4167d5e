from odoo import fields, models
from odoo.tools import SQL

from .discount_sql import DAYS_TO_CONFIRM, LIST_AMOUNT, NET_AMOUNT

LEVEL = "COALESCE(entity.grade_id, partner.grade_id)"


class SaleReport(models.Model):
    _inherit = "sale.report"

    opportunity_id = fields.Many2one(comodel_name="crm.lead", readonly=True)
    customer_level_id = fields.Many2one(
        comodel_name="res.partner.grade", string="Level", readonly=True
    )
    days_to_confirm = fields.Float(
        readonly=True,
        aggregator="avg",
        help="From the creation of the quotation to its confirmation, average of the "
        "lines.",
    )
    list_amount = fields.Monetary(
        string="At List Prices",
        readonly=True,
        help="What the products cost by the list prices of the day they were priced.",
    )
    discount_given = fields.Monetary(
        readonly=True,
        help="What is given off the list prices: by pricelists, discounts, edited "
        "prices and discounts of the whole order.",
    )
    discount_given_percent = fields.Float(
        string="Discount Given %",
        readonly=True,
        aggregator="avg",
        help="In percent of the list prices, weighted by them.",
    )

    def _select_additional_fields(self):
        rate = self._case_value_or_one("account_currency_table.rate")
        listed = f"SUM(({LIST_AMOUNT}) * {rate})"
        given = f"SUM((({LIST_AMOUNT}) - ({NET_AMOUNT})) * {rate})"
        return {
            **super()._select_additional_fields(),
            "opportunity_id": "s.opportunity_id",
            "customer_level_id": LEVEL,
            "days_to_confirm": DAYS_TO_CONFIRM,
            "list_amount": listed,
            "discount_given": given,
            "discount_given_percent": f"100 * {given} / NULLIF({listed}, 0)",
        }

    def _from_sale(self):
        return f"""{super()._from_sale()}
            LEFT JOIN res_partner entity ON entity.id = partner.commercial_partner_id"""

    def _group_by_sale(self):
        return f"""{super()._group_by_sale()}, {LEVEL}"""

    def _read_group_select(self, aggregate_spec, query):
        """The share of a group is not the average of its lines' shares."""
        if aggregate_spec != "discount_given_percent:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "100 * SUM(%s) / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "discount_given", query),
            self._field_to_sql(self._table, "list_amount", query),
        )
