from typing import NamedTuple

from odoo import api, fields, models, tools


class Place(NamedTuple):
    """Where a stage stands in the pipeline."""

    order: tuple  # of two stages the later has the greater one
    teams: frozenset  # ids of the teams it is for; empty: for all
    is_won: bool

    def is_for(self, team_id):
        return not self.teams or team_id in self.teams


class CrmStage(models.Model):
    _inherit = "crm.stage"

    rule_ids = fields.One2many(
        comodel_name="crm.stage.rule",
        inverse_name="stage_id",
        string="Rules",
        copy=True,
    )

    @api.model
    @tools.ormcache()
    def _places(self):
        """:return: ``{stage id: Place}`` of all stages"""
        return {
            stage.id: Place(
                (stage.sequence, stage.id),
                frozenset(stage.team_ids.ids),
                stage.is_won,
            )
            for stage in self.sudo().search([])
        }

    @api.model
    def _stages_left(self, origin_id, target_id, team_id):
        """:return: the ids of the stages an opportunity leaves that moves forwards,
        first to last: the one it is in and those of its team it passes over; none
        if it moves backwards
        """
        places = self._places()
        if origin_id not in places or target_id not in places:
            return []
        origin, target = places[origin_id].order, places[target_id].order
        passed = [
            stage_id
            for stage_id, place in places.items()
            if origin < place.order < target and place.is_for(team_id)
        ]
        passed.sort(key=lambda stage_id: places[stage_id].order)
        return [origin_id, *passed] if origin < target else []

    # Keep what is cached true

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not {"sequence", "team_ids", "is_won"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
