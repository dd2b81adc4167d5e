from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


class CrmLead(models.Model):
    """The customer's level counts among the reasons to turn to an opportunity."""

    _inherit = "crm.lead"

    # From this part on, a level is worth a word.
    _next_action_notable_level = 0.5

    customer_level_id = fields.Many2one(
        comodel_name="res.partner.grade",
        string="Level",
        compute="_compute_customer_level_id",
        store=True,
        index="btree_not_null",
        copy=False,
        help="The level of the customer's company, else his own.",
    )
    customer_level = fields.Char(
        string="Level Name", compute="_compute_customer_level", exportable=False
    )

    @api.depends("partner_id.grade_id", "partner_id.commercial_partner_id.grade_id")
    def _compute_customer_level_id(self):
        for lead in self:
            partner = lead.partner_id
            company = partner.commercial_partner_id
            lead.customer_level_id = company.grade_id or partner.grade_id

    @api.depends("customer_level_id")
    @api.depends_context("lang")
    def _compute_customer_level(self):
        """For cards: no query."""
        levels = self.env["res.partner.grade"]._levels(self.env.lang)
        for lead in self:
            level = levels.get(lead.customer_level_id._origin.id)
            lead.customer_level = level and level.name

    @api.depends("customer_level_id")
    def _compute_next_action_score(self):
        super()._compute_next_action_score()

    @api.depends("customer_level_id")
    def _compute_next_action_reasons(self):
        super()._compute_next_action_reasons()

    @api.model
    def _next_action_parts(self):
        return [*super()._next_action_parts(), "level"]

    @api.model
    def _next_action_phrase(self, reason, number):
        if reason != "level":
            return super()._next_action_phrase(reason, number)
        levels = self.env["res.partner.grade"]._levels(self.env.lang)
        return self.env._("%(level)s customer", level=levels[number].name)

    def _next_action_level(self):
        """1 for the highest of the levels, less for each below it."""
        levels = self.env["res.partner.grade"]._levels(self.env.lang)
        result = {}
        for lead in self:
            level_id = lead.customer_level_id._origin.id
            part = levels[level_id].part if level_id in levels else 0
            notable = part > self._next_action_notable_level
            result[lead] = (part, notable and "level", level_id)
        return result

    # What was there before

    def _auto_init(self):
        """The leads of a database in use get their levels all at once."""
        name = "customer_level_id"
        if not column_exists(self.env.cr, self._table, name):
            create_column(self.env.cr, self._table, name, "int4")
            self.env.cr.execute(
                SQL(
                    """UPDATE crm_lead
                          SET customer_level_id =
                              COALESCE(company.grade_id, own.grade_id)
                         FROM res_partner AS own
                         JOIN res_partner AS company
                           ON company.id = own.commercial_partner_id
                        WHERE own.id = crm_lead.partner_id
                          AND COALESCE(company.grade_id, own.grade_id) IS NOT NULL"""
                )
            )
        return super()._auto_init()

    @api.model
    def _touch_from_orders(self):
        """Messages with the customer on the orders of an opportunity are touches too:
        take those of the past, and find the scores anew.
        """
        self._touch_from_history(
            SQL(
                """SELECT opportunity_id AS lead_id, 'sale.order' AS model, id AS res_id
                     FROM sale_order WHERE opportunity_id IS NOT NULL"""
            )
        )
        self._next_action_refresh_all()
