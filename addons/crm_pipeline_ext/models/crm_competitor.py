from odoo import fields, models


class Competitor(models.Model):
    """Somebody else who sells what we sell."""

    _name = "crm.competitor"
    _description = "Competitor"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint(
        "unique (name)", "There is a competitor of this name already."
    )
