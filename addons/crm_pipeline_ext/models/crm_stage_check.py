from odoo import api, fields, models


class StageCheck(models.Model):
    """One line of the checklist of a stage."""

    _name = "crm.stage.check"
    _description = "Stage Check"
    _order = "rule_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    rule_id = fields.Many2one(
        comodel_name="crm.stage.rule", required=True, ondelete="cascade", index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not {"rule_id", "sequence"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
