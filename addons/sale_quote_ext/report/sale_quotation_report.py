from odoo import fields, models
from odoo.tools import SQL

from .discount_sql import DAYS_TO_CONFIRM, LIST_AMOUNT, NET_AMOUNT, RATE

DISCOUNT_BANDS = [
    ("0", "None"),
    ("1", "Up to 5 %"),
    ("2", "5 to 10 %"),
    ("3", "10 to 20 %"),
    ("4", "20 to 30 %"),
    ("5", "More than 30 %"),
]
AGE_BANDS = [
    ("0", "Up to a Week"),
    ("1", "Up to a Month"),
    ("2", "Up to 3 Months"),
    ("3", "Up to 6 Months"),
    ("4", "Older"),
]
# Where the next band begins: percent, with what rounding may add; days.
DISCOUNTS = (0.005, 5.005, 10.005, 20.005, 30.005)
AGES = (8, 32, 93, 184)


class SaleQuotationReport(models.Model):
    """One row for each product line of a quotation, whatever became of it.

    Quotations are counted once in each group, however many lines they have there.
    What is joined is joined by its primary key, so that PostgreSQL leaves out what a
    question does not need.
    """

    _name = "sale.quotation.report"
    _inherit = ["crm.lean.report"]
    _description = "Quotation Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotations",
        readonly=True,
        aggregator="count_distinct",
    )
    date = fields.Datetime(string="Created", readonly=True)
    validity_date = fields.Date(string="Expiration", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    customer_level_id = fields.Many2one(
        comodel_name="res.partner.grade", string="Level", readonly=True
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(
        comodel_name="product.category", string="Product Category", readonly=True
    )
    pricelist_id = fields.Many2one(comodel_name="product.pricelist", readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["sale.order"]._fields["state"].selection,
        readonly=True,
    )
    result = fields.Selection(
        string="Outcome",
        help="Confirmed is won, cancelled is lost; nothing as long as it is open.",
    )
    age = fields.Float(
        string="Age (Days)",
        readonly=True,
        aggregator="avg",
        help="From creation to confirmation or cancellation, else until today.",
    )
    age_band = fields.Selection(selection=AGE_BANDS, string="Age", readonly=True)
    days_to_confirm = fields.Float(readonly=True, aggregator="avg")
    discount_band = fields.Selection(
        selection=DISCOUNT_BANDS,
        string="Discount",
        readonly=True,
        help="Of the line, off its list price.",
    )
    amount = fields.Float(
        string="Untaxed Amount", readonly=True, help="In the company's currency."
    )
    amount_won = fields.Float(readonly=True, help="In the company's currency.")
    list_amount = fields.Float(
        string="At List Prices", readonly=True, help="In the company's currency."
    )
    discount_given = fields.Float(
        readonly=True, help="Off the list prices, in the company's currency."
    )
    discount_given_percent = fields.Float(
        string="Discount Given %",
        readonly=True,
        aggregator="avg",
        help="In percent of the list prices, weighted by them.",
    )
    win_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of the quotations won, of all that were won or lost.",
    )
    value_rate = fields.Float(
        string="Win Rate by Value",
        readonly=True,
        aggregator="avg",
        help="Share of the amount won, of all that was won or lost.",
    )

    def _columns(self):
        """:return: ``{field: SQL}``; `l` is the line, `s` the order, `o` the
        opportunity
        """
        of_order = (
            "partner_id",
            "pricelist_id",
            "state",
            "user_id",
            "team_id",
            "company_id",
            "source_id",
            "validity_date",
        )
        days = SQL(
            """GREATEST(0, extract(epoch FROM
                   CASE s.state WHEN 'sale' THEN s.date_order
                                WHEN 'cancel' THEN s.cancelled_on
                                ELSE timezone('UTC', now()) END - s.create_date)::float8
               / 86400)"""
        )
        amount = SQL("l.price_subtotal::float8 / %s", SQL(RATE))
        listed, net = SQL(LIST_AMOUNT), SQL(NET_AMOUNT)
        percent = SQL("100 * (1 - %s / NULLIF(%s, 0))", net, listed)
        won = SQL("CASE s.state WHEN 'sale' THEN 1::float8 WHEN 'cancel' THEN 0 END")
        return {
            "id": SQL("l.id"),
            "order_id": SQL("l.order_id"),
            "product_id": SQL("l.product_id"),
            **{name: SQL.identifier("s", name) for name in of_order},
            "date": SQL("s.create_date"),
            "lead_id": SQL("s.opportunity_id"),
            "stage_id": SQL("o.stage_id"),
            "owner_id": SQL("o.user_id"),
            "lost_reason_id": SQL("o.lost_reason_id"),
            "customer_level_id": SQL("COALESCE(entity.grade_id, partner.grade_id)"),
            "categ_id": SQL("t.categ_id"),
            "result": SQL(
                "CASE s.state WHEN 'sale' THEN 'won' WHEN 'cancel' THEN 'lost' END"
            ),
            "age": days,
            "age_band": self._band(days, AGES),
            "days_to_confirm": SQL(DAYS_TO_CONFIRM),
            "discount_band": self._band(percent, DISCOUNTS),
            "amount": amount,
            "amount_won": SQL("CASE s.state WHEN 'sale' THEN %s END", amount),
            "list_amount": listed,
            "discount_given": SQL("%s - %s", listed, net),
            "discount_given_percent": percent,
            "win_rate": won,
            "value_rate": won,
        }

    def _band(self, number, limits):
        """:return: the key of the band ``number`` is in: how many limits it reaches"""
        return SQL("width_bucket(%s, %s::float8[])::text", number, list(limits))

    def _from(self):
        return SQL(
            """sale_order_line l
               JOIN sale_order s ON s.id = l.order_id
               LEFT JOIN crm_lead o ON o.id = s.opportunity_id
               LEFT JOIN res_partner partner ON partner.id = s.partner_id
               LEFT JOIN res_partner entity
                      ON entity.id = partner.commercial_partner_id
               LEFT JOIN product_product p ON p.id = l.product_id
               LEFT JOIN product_template t ON t.id = p.product_tmpl_id"""
        )

    def _where(self):
        return SQL("l.display_type IS NULL AND l.product_id IS NOT NULL")

    def action_open(self):
        """Open the quotations of these rows, with the rights of the user."""
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        return self.order_id._get_records_action()

    # Shares of a group are not the averages of its rows

    def _read_group_select(self, aggregate_spec, query):
        def column(name):
            return self._field_to_sql(self._table, name, query)

        if aggregate_spec == "discount_given_percent:avg":
            return SQL(
                "100 * SUM(%s) / NULLIF(SUM(%s), 0)",
                column("discount_given"),
                column("list_amount"),
            )
        if aggregate_spec == "win_rate:avg":
            return SQL(
                """COUNT(DISTINCT %(order)s) FILTER (WHERE %(result)s = 'won')::float8
                   / NULLIF(COUNT(DISTINCT %(order)s)
                            FILTER (WHERE %(result)s IS NOT NULL), 0)""",
                order=column("order_id"),
                result=column("result"),
            )
        if aggregate_spec == "value_rate:avg":
            return SQL(
                """SUM(%(won)s)
                   / NULLIF(SUM(%(all)s) FILTER (WHERE %(result)s IS NOT NULL), 0)""",
                won=column("amount_won"),
                all=column("amount"),
                result=column("result"),
            )
        return super()._read_group_select(aggregate_spec, query)

    def _lean_parts(self, aggregates):
        """Counts of quotations and shares cannot be added up."""
        shares = {"discount_given_percent", "win_rate", "value_rate"}
        if any(spec.partition(":")[0] in shares for spec in aggregates):
            return None
        return super()._lean_parts(aggregates)
