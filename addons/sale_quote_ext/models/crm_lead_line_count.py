from collections import defaultdict

from odoo import api, models

# What the price of a line and of those beside it depends on.
COUNT_FIELDS = {"lead_id", "product_id", "product_uom_id", "product_uom_qty"}


class CrmLeadLine(models.Model):
    """Where quotations count quantity breaks over their lines, opportunities do so,
    too.
    """

    _inherit = "crm.lead.line"

    @api.model
    def _count_scope(self):
        return self.env["sale.order.line"]._count_scope()

    def _price_quantity(self):
        """:return: what the breaks of one line's price are counted over, in its unit"""
        if not self._count_scope():
            return super()._price_quantity()
        totals = defaultdict(float)
        for line in self.lead_id.line_ids | self:
            if line._count_key() == self._count_key():
                totals[line.product_uom_id] += line.product_uom_qty
        return sum(
            unit._compute_quantity(quantity, self.product_uom_id, round=False)
            for unit, quantity in totals.items()
            if unit._has_common_reference(self.product_uom_id)
        )

    def _count_key(self):
        """:return: what one line has in common with those it is counted with"""
        if self._count_scope() == "category":
            return self.product_id.categ_id
        return self.product_id.product_tmpl_id

    def _recount(self, leads):
        """Have the lines of ``leads`` priced anew: another one has changed."""
        leads.exists().line_ids.modified(["product_uom_qty"])

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if self._count_scope():
            self._recount(lines.lead_id)
        return lines

    def write(self, vals):
        if COUNT_FIELDS.isdisjoint(vals) or not self._count_scope():
            return super().write(vals)
        leads = self.lead_id
        result = super().write(vals)
        self._recount(leads | self.lead_id)
        return result

    def unlink(self):
        leads = self.lead_id
        result = super().unlink()
        if self._count_scope():
            self._recount(leads)
        return result
