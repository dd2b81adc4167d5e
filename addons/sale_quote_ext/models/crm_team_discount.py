from odoo import api, fields, models, tools


class CrmTeam(models.Model):
    """How far the members of a team may go down from the list price."""

    _inherit = "crm.team"

    discount_limited = fields.Boolean(
        string="Limit Discounts",
        help="Members who are not sales managers may give discounts up to the limit of "
        "the team, in place of the limit of their role.",
    )
    discount_limit = fields.Float(
        string="Highest Discount (%)",
        digits="Discount",
        help="In percent of the list price, all discounts of a line together.",
    )

    _discount_limit_is_percentage = models.Constraint(
        "CHECK (discount_limit IS NULL OR discount_limit BETWEEN 0 AND 100)",
        "The highest discount of a team must lie between 0 and 100 percent.",
    )

    @api.model
    @tools.ormcache()
    def _discount_limits(self):
        """:return: ``{team id: percent}`` of the teams that have a limit"""
        domain = [("discount_limited", "=", True), ("active", "=", True)]
        teams = self.sudo().search(domain)
        return {team.id: team.discount_limit for team in teams}

    # Keep what is cached true

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not {"discount_limited", "discount_limit", "active"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
