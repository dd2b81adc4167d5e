from itertools import repeat

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column, table_exists


class CrmLead(models.Model):
    """Opportunities without products are read without a query for their products."""

    _inherit = "crm.lead"

    has_lines = fields.Boolean(
        compute="_compute_has_lines", store=True, copy=False, exportable=False
    )

    @api.depends("line_ids")
    def _compute_has_lines(self):
        """One query; none for those just created, which are known to have none. Not by
        ``line_ids``, which are read by this.
        """
        asked = self.filtered(lambda lead: lead._cache.get("line_ids") != ())
        having = set()
        if asked.ids:
            groups = ([("lead_id", "in", asked.ids)], ["lead_id"])
            found = self.env["crm.lead.line"].sudo()._read_group(*groups)
            having = {lead.id for [lead] in found}
        for lead in self:
            lead.has_lines = lead.id in having

    def _fetch_query(self, query, fields):
        lines, known = self._fields["line_ids"], self._fields["has_lines"]
        if lines not in fields:
            return super()._fetch_query(query, fields)
        others = {field: None for field in fields if field is not lines}
        leads = super()._fetch_query(query, [*others, known])
        having = leads.filtered("has_lines")
        lines._insert_cache(leads - having, repeat(()))
        if having:
            lines.read(having)
        return leads

    def _auto_init(self):
        """The leads of a database in use are looked at all at once."""
        if not column_exists(self.env.cr, self._table, "has_lines"):
            create_column(self.env.cr, self._table, "has_lines", "bool")
            if table_exists(self.env.cr, "crm_lead_line"):
                self.env.cr.execute(
                    SQL(
                        """UPDATE crm_lead SET has_lines = TRUE
                            WHERE id IN (SELECT lead_id FROM crm_lead_line)"""
                    )
                )
        return super()._auto_init()
