from typing import NamedTuple

from odoo import api, models, tools


class Level(NamedTuple):
    name: str  # in one language
    part: float  # of the score: 1 for the highest level, less for each below it


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    @api.model
    @tools.ormcache("lang")
    def _levels(self, lang):
        """:return: ``{level id: Level}`` of all that are in use, highest first"""
        levels = self.sudo().with_context(lang=lang).search([("active", "=", True)])
        return {
            level.id: Level(level.name, 1 - place / len(levels))
            for place, level in enumerate(levels)
        }

    # Keep what is cached true

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """A new order of the levels comes to all scores by the scheduled action."""
        self.env.registry.clear_cache()
        if not {"sequence", "active"}.isdisjoint(vals):
            self.env.ref("crm_pipeline_ext.ir_cron_next_actions").sudo()._trigger()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
