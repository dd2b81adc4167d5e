from odoo import api, fields, models
from odoo.tools import str2bool

PARAM = "sale_quote_ext.lines_feed_revenue"


class CrmLead(models.Model):
    """What the products come to is what is expected."""

    _inherit = "crm.lead"

    expected_revenue = fields.Monetary(
        compute="_compute_expected_revenue", store=True, readonly=False
    )
    revenue_from_lines = fields.Boolean(
        compute="_compute_revenue_from_lines", exportable=False
    )

    @api.depends("line_ids.price_subtotal")
    def _compute_expected_revenue(self):
        """Without products, it is what somebody has put down."""
        if not self._lines_feed_revenue():
            return
        for lead in self.filtered("line_ids"):
            lead.expected_revenue = sum(lead.line_ids.mapped("price_subtotal"))

    @api.depends("line_ids")
    def _compute_revenue_from_lines(self):
        feed = self._lines_feed_revenue()
        for lead in self:
            lead.revenue_from_lines = feed and bool(lead.line_ids)

    @api.model
    def _lines_feed_revenue(self):
        """:return: whether the setting is on; without a query"""
        param = self.env["ir.config_parameter"].sudo()
        return str2bool(param.get_param(PARAM), False)

    @api.model_create_multi
    def create(self, vals_list):
        """Core's default revenue of zero would stay."""
        leads = super().create(vals_list)
        with_lines = [i for i, vals in enumerate(vals_list) if vals.get("line_ids")]
        fed = leads.browse([leads[i].id for i in with_lines])
        fed.modified(["line_ids"])
        return leads

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "expected_revenue": lambda _fname, leads: leads._merge_revenue(),
        }

    def _merge_revenue(self):
        """:return: the expected revenue of these opportunities merged: of the products
        that are kept, else, as in core, of the first that expects any
        """
        kept = self.line_ids.browse([command[1] for command in self._merge_lines()])
        if kept and self._lines_feed_revenue():
            return sum(kept.mapped("price_subtotal"))
        return next((x.expected_revenue for x in self if x.expected_revenue), 0)

    def action_update_line_prices(self):
        """Ask the pricelists of today for the prices of all products of these
        opportunities.

        :raise AccessError: the user may not write one of them
        """
        leads = self._chain_distinct()
        leads.check_access("write")
        lines = leads.line_ids
        lines.price_agreed = False
        lines.modified(["product_uom_qty"])
        return True
