from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import is_html_empty

# A key of the context, and the value that says that documents move the stage. It is
# an object: a request can put texts and numbers into the context, but not this.
MOVED_BY = "chain_stage_moved_by"
DOCUMENTS = object()

# A message names as many records as one can read.
NAMED = 20


class CrmLead(models.Model):
    """The rules of the stages, kept on every way of moving an opportunity."""

    _inherit = "crm.lead"

    stage_check_ids = fields.Many2many(
        comodel_name="crm.stage.check",
        relation="crm_lead_stage_check_rel",
        column1="lead_id",
        column2="check_id",
        string="Checks Done",
        copy=False,
        help="What is ticked on the checklists of the stages.",
    )
    # The three of the form: without a query where no stage has a rule.
    stage_tick_ids = fields.Many2many(
        comodel_name="crm.stage.check",
        string="Checklist",
        compute="_compute_stage_tick_ids",
        inverse="_inverse_stage_tick_ids",
        exportable=False,
    )
    stage_offer_ids = fields.Many2many(
        comodel_name="crm.stage.check",
        string="Checklist of the Stage",
        compute="_compute_stage_offer_ids",
        exportable=False,
    )
    stage_missing = fields.Char(
        string="Missing to Move On", compute="_compute_stage_missing", exportable=False
    )

    @api.depends("stage_check_ids")
    def _compute_stage_tick_ids(self):
        rules = self.env["crm.stage.rule"]._rules()
        listed = any(rule.checks for rule in rules.values())
        for lead in self:
            lead.stage_tick_ids = lead.stage_check_ids if listed else False

    def _inverse_stage_tick_ids(self):
        for ticks, leads in self.grouped("stage_tick_ids").items():
            leads.stage_check_ids = ticks

    @api.depends("stage_id", "team_id")
    def _compute_stage_offer_ids(self):
        for lead in self:
            rule = lead._stage_rule(lead.stage_id._origin.id)
            lead.stage_offer_ids = rule.checks if rule else False

    @api.depends_context("lang")
    @api.depends("stage_id", "team_id", "stage_tick_ids")
    def _compute_stage_missing(self):
        """Its other dependencies change with the rules: :meth:`write` sees to them."""
        for lead in self:
            missing = lead._stage_missing([lead.stage_id._origin.id])
            lead.stage_missing = missing and lead._stage_missing_sentence(*missing)

    def write(self, vals):
        """
        :raise UserError: opportunities would move forwards without what the rules of
            the stages they leave require; the message names them and what is missing
        """
        if self.env["crm.stage.rule"]._rules():
            if vals.get("stage_id") and self.env.context.get(MOVED_BY) is not DOCUMENTS:
                self._check_stage_rules(vals)
            self.invalidate_recordset(["stage_missing"], flush=False)
        return super().write(vals)

    def _merge_get_fields_specific(self):
        return {
            **super()._merge_get_fields_specific(),
            "stage_check_ids": lambda _fname, leads: [
                Command.link(check_id) for check_id in leads.stage_check_ids.ids
            ],
        }

    # What is missing

    def _stage_rule(self, stage_id, team_id=None):
        """:return: the rule of a stage for one lead, or None"""
        self.ensure_one()
        team_id = self.team_id._origin.id if team_id is None else team_id
        return self.env["crm.stage.rule"]._rule(stage_id, team_id)

    def _check_stage_rules(self, vals):
        """:raise UserError: as :meth:`write`, before anything is written"""
        missing = {}
        for lead in self:
            if found := lead._stage_missing_for_move(vals):
                missing[lead] = found
        if missing:
            self.check_access("write")
            raise UserError(self._stage_refusal(missing))

    def _stage_missing_for_move(self, vals):
        """:return: as :meth:`_stage_missing`, once ``vals`` are written on one lead"""
        team_id = vals.get("team_id", self.team_id.id) or False
        left = self.env["crm.stage"]._stages_left(
            self.stage_id.id, vals["stage_id"], team_id
        )
        missing = self._stage_missing(left, team_id)
        given = vals.keys() - {"stage_id"}
        if given and (missing or given & self._stage_required(left, team_id)):
            missing = self._stage_after(vals)._stage_missing(left, team_id)
        return missing

    def _stage_after(self, vals):
        """:return: one lead as it would be with ``vals``, and with what is computed
        from them; nothing is written
        """
        given = {name: vals[name] for name in vals.keys() - {"id", "stage_id"}}
        after = self.new(origin=self)
        for _time in range(2):  # what is given holds over what is computed from it
            after.update(given)
        return after

    def _stage_required(self, stage_ids, team_id=None):
        """:return: the names of the fields looked at when these stages are left"""
        rules = [self._stage_rule(stage_id, team_id) for stage_id in stage_ids]
        names = {name for rule in rules if rule for name in rule.fields}
        return names | {"stage_check_ids", "stage_tick_ids"}

    def _stage_missing(self, stage_ids, team_id=None):
        """
        :param stage_ids: the stages to be left
        :return: the required fields that are empty (names) and the checks that are
            not ticked (ids), or None if nothing is missing
        """
        rules = [self._stage_rule(stage_id, team_id) for stage_id in stage_ids]
        lead = self.sudo()
        names = {name: None for rule in rules if rule for name in rule.fields}
        checks = [check_id for rule in rules if rule for check_id in rule.checks]
        ticked = set(lead.stage_tick_ids._origin.ids) if checks else set()
        empty = [name for name in names if lead._stage_is_empty(name)]
        unticked = [check_id for check_id in checks if check_id not in ticked]
        return (empty, unticked) if empty or unticked else None

    def _stage_is_empty(self, name):
        """:return: whether a required field is not filled in; one that an addon took
        with it is not required any more
        """
        field = self._fields.get(name)
        if field and field.type == "html":
            return is_html_empty(self[name])
        return bool(field) and not self[name]

    # How it is said

    def _stage_refusal(self, missing):
        """:param dict missing: what is missing, by lead"""
        checks = self._stage_checks(missing.values())
        lines = [
            f"• {lead.display_name}: {lead._stage_missing_sentence(*found, checks)}"
            for lead, found in list(missing.items())[:NAMED]
        ]
        if more := len(missing) - len(lines):
            lines.append(self.env._("… and %(count)s more.", count=more))
        return self.env._(
            "The stage asks for more before these can move on:\n%(missing)s\n"
            "Complete them, or leave them where they are.",
            missing="\n".join(lines),
        )

    @api.model
    def _stage_checks(self, missing):
        """:return: the checks named in ``missing``, to be read together"""
        ids = {check_id for _fields, checks in missing for check_id in checks}
        return self.env["crm.stage.check"].sudo().browse(ids)

    def _stage_missing_sentence(self, names, check_ids, checks=None):
        """:return: what to do about what is missing, in the user's language"""
        parts = []
        if names:
            labels = [self._fields[x]._description_string(self.env) for x in names]
            parts.append(self.env._("Fill in %(fields)s.", fields=labels))
        if check_ids:
            checks = self.env["crm.stage.check"].sudo() if checks is None else checks
            ticks = checks.browse(check_ids).with_prefetch(checks.ids or check_ids)
            names = [f"“{tick.name}”" for tick in ticks]
            parts.append(self.env._("Tick %(checks)s.", checks=names))
        return " ".join(parts)
