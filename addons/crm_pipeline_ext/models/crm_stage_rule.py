from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class Rule(NamedTuple):
    """A stage rule as the moves of opportunities need it."""

    fields: tuple  # names of the required fields
    checks: tuple  # ids of the checklist
    enter_step: str  # the chain step that brings opportunities in, or False


class StageRule(models.Model):
    """What an opportunity needs to leave a stage, and what brings it there.

    A stage may have one rule for all sales teams, and one for a team in its place.
    """

    _name = "crm.stage.rule"
    _description = "Stage Rule"
    _order = "stage_id, team_id, id"

    stage_id = fields.Many2one(
        comodel_name="crm.stage", required=True, ondelete="cascade", index=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        ondelete="cascade",
        index="btree_not_null",
        help="The rule holds for the opportunities of this team, in the place of the "
        "one without a team.",
    )
    field_ids = fields.Many2many(
        comodel_name="ir.model.fields",
        string="Required Fields",
        domain=lambda self: self._required_fields_domain(),
        help="To be filled in before an opportunity leaves the stage forwards.",
    )
    check_ids = fields.One2many(
        comodel_name="crm.stage.check",
        inverse_name="rule_id",
        string="Checklist",
        copy=True,
        help="To be ticked before an opportunity leaves the stage forwards.",
    )
    enter_step = fields.Selection(
        selection="_selection_enter_step",
        string="Enter When",
        help="Opportunities move to the stage by themselves when their documents "
        "come to this step.",
    )

    _one_general = models.UniqueIndex(
        "(stage_id) WHERE team_id IS NULL",
        "The stage has a rule for all sales teams already. Change that one, or choose "
        "a sales team.",
    )
    _one_per_team = models.UniqueIndex(
        "(stage_id, team_id) WHERE team_id IS NOT NULL",
        "The sales team has a rule for this stage already. Change that one.",
    )

    @api.model
    def _required_fields_domain(self):
        """:return: the fields of an opportunity that people fill in"""
        return (
            Domain("model", "=", "crm.lead")
            & Domain("store", "=", True)
            & Domain("readonly", "=", False)
            & Domain("ttype", "not in", ("boolean", "json", "properties"))
            & Domain("name", "not in", ("stage_id", "stage_check_ids", "type"))
        )

    @api.constrains("field_ids")
    def _check_fields(self):
        for rule in self.sudo():
            if wrong := rule.field_ids - rule.field_ids.filtered_domain(
                self._required_fields_domain()
            ):
                raise ValidationError(
                    self.env._(
                        "Nobody can fill in %(fields)s of an opportunity. Choose other "
                        "required fields.",
                        fields=wrong.mapped("field_description"),
                    )
                )

    @api.model
    def _selection_enter_step(self):
        Lead = self.env["crm.lead"]
        labels = dict(Lead._fields["chain_step"]._description_selection(self.env))
        return [(step, labels[step]) for step in Lead._chain_steps()]

    @api.depends("stage_id", "team_id")
    def _compute_display_name(self):
        for rule in self:
            names = filter(None, (rule.stage_id.name, rule.team_id.name))
            rule.display_name = " – ".join(names)

    # Which rule holds

    @api.model
    @tools.ormcache()
    def _rules(self):
        """:return: ``{(stage id, team id or False): Rule}`` of the whole database"""
        return {
            (rule.stage_id.id, rule.team_id.id): Rule(
                tuple(rule.field_ids.mapped("name")),
                tuple(rule.check_ids.ids),
                rule.enter_step,
            )
            for rule in self.sudo().search([])
        }

    @api.model
    def _rule(self, stage_id, team_id):
        """:return: the :class:`Rule` of a stage for the opportunities of a team, or
        None
        """
        rules = self._rules()
        return rules.get((stage_id, team_id)) or rules.get((stage_id, False))

    @api.model
    @tools.ormcache()
    def _entries(self):
        """:return: ``{team id or False: {stage id: enter step}}``, for all teams that
        have rules of their own; empty if no rule has an enter step
        """
        rules = self._rules()
        if not any(rule.enter_step for rule in rules.values()):
            return {}
        general = {
            stage: rule.enter_step for (stage, team), rule in rules.items() if not team
        }
        entries = {False: general}
        for (stage, team), rule in rules.items():
            if team:
                entries.setdefault(team, dict(general))[stage] = rule.enter_step
        return entries

    # Keep what is cached true

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
