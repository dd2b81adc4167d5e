from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, str2bool

# A key of the context, and the value that says that what losing needs was checked. It
# is an object: a request can put texts and numbers into the context, but not this.
LOSING = "crm_lead_losing"
CHECKED = object()

# Core's `won_status` is computed from these, `stage_id` apart.
DECIDING = {"active", "probability", "stage_id", "lost_reason_id"}

# A message names as many records as one can read.
NAMED = 20


class CrmLead(models.Model):
    """Losing and restoring, by whichever way core's ``won_status`` changes."""

    _inherit = "crm.lead"

    competitor_id = fields.Many2one(
        comodel_name="crm.competitor",
        tracking=71,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who won it in our place.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """
        :raise UserError: a lead is created lost, without a reason
        """
        leads = super().create(vals_list)
        leads.filtered(lambda lead: lead.won_status == "lost")._check_losing({})
        return leads

    def write(self, vals):
        """
        :raise UserError: leads would be lost that must not be; the message names them
            with the reasons
        """
        if DECIDING.isdisjoint(vals):
            return super().write(vals)
        losing = self.filtered(lambda lead: lead._is_losing(vals))
        restoring = self.filtered(lambda lead: lead._is_restoring(vals))
        checked = self.env.context.get(LOSING) is CHECKED
        if not checked:
            losing._check_losing(vals)
        was_open = losing.filtered(lambda lead: lead.won_status != "lost")
        losses = restoring._describe_losses()
        result = super().write(vals)
        if not checked:
            was_open._after_losing()
        restoring._after_restoring(losses)
        return result

    def action_set_lost(self, **additional_values):
        """Core archives first and writes the reason then: all is checked before."""
        was_open = self.filtered(lambda lead: lead.won_status != "lost")
        was_open._check_losing(additional_values)
        checked = self.with_context(**{LOSING: CHECKED})
        result = super(CrmLead, checked).action_set_lost(**additional_values)
        was_open._after_losing()
        return result

    # What may be lost

    def _lost_blockers(self):
        """:return: ``{lead id: [reasons]}`` of the leads that cannot be lost, for
        extensions to add to; a reason says what to do about it
        """
        return defaultdict(list)

    def _is_losing(self, vals):
        """:return: whether ``vals`` lose a lead, or take its reason from a lost one"""
        if not self._is_lost_with(vals):
            return False
        takes_reason = "lost_reason_id" in vals and not vals["lost_reason_id"]
        return self.won_status != "lost" or bool(takes_reason and self.lost_reason_id)

    def _is_restoring(self, vals):
        return self.won_status == "lost" and not self._is_lost_with(vals)

    def _is_lost_with(self, vals):
        """:return: whether one lead is lost once ``vals`` are written"""
        stage_id = vals.get("stage_id")
        if stage_id and stage_id != self.stage_id.id:
            place = self.env["crm.stage"]._places().get(stage_id)
            if place and place.is_won:
                return False
        active = vals.get("active", self.active)
        return not active and not vals.get("probability", self.probability)

    def _check_losing(self, vals):
        """:raise UserError: some of these cannot be lost with ``vals``"""
        if not self:
            return
        reasons = defaultdict(list, self._lost_blockers())
        if self._lost_reason_required():
            for lead in self:
                if not vals.get("lost_reason_id", lead.lost_reason_id):
                    reasons[lead.id].append(self.env._("Choose a lost reason."))
        refused = self.filtered(lambda lead: reasons.get(lead.id))
        if refused:
            refused.check_access("write")
            raise UserError(refused._losing_refusal(reasons))

    @api.model
    def _lost_reason_required(self):
        param = self.env["ir.config_parameter"].sudo()
        return str2bool(param.get_param("crm_pipeline_ext.lost_reason_required"), False)

    def _losing_refusal(self, reasons):
        lines = [
            f"• {lead.display_name}: {' '.join(reasons[lead.id])}"
            for lead in self[:NAMED]
        ]
        if more := len(self) - len(lines):
            lines.append(self.env._("… and %(count)s more.", count=more))
        return self.env._(
            "These cannot be marked as lost:\n%(reasons)s", reasons="\n".join(lines)
        )

    # Win-back

    def _after_losing(self):
        """Plan to win these back, where their lost reasons say when."""
        due = self.filtered(lambda lead: lead.lost_reason_id.win_back_days)
        if not due or self.env.context.get("mail_activity_automation_skip"):
            return
        activities = self.env["mail.activity"].sudo()
        # months ahead, nobody need be told by e-mail
        activities = activities.with_context(mail_activity_quick_update=True)
        kind = self._win_back_activity_type()
        activities.create([lead._prepare_win_back_vals(kind) for lead in due])

    def _prepare_win_back_vals(self, kind):
        """:return: the values of the activity to win one lead back

        :param kind: the type of the activity, if the lost reason has none
        """
        reason = self.lost_reason_id.sudo()
        user = self.user_id or self.team_id.user_id or self.env.user
        lead = self.with_context(lang=user.lang or self.env.lang)
        kind = reason.win_back_activity_type_id or kind
        today = fields.Date.context_today(self)
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": user.id,
            "activity_type_id": kind.id,
            "summary": lead.env._(
                "Win back (%(reason)s)", reason=lead.lost_reason_id.name
            ),
            "date_deadline": fields.Date.add(today, days=reason.win_back_days),
            "automated": True,
            "win_back": True,
        }

    @api.model
    def _win_back_activity_type(self):
        call = "mail.mail_activity_data_call"
        found = self.env.ref(call, raise_if_not_found=False)
        return found or self._default_activity_type()

    # Restoring

    def _describe_losses(self):
        """:return: ``{lead id: why and when it was lost}``, in the user's language"""
        return {
            lead.id: self.env._(
                "It had been lost on %(date)s: %(details)s.",
                date=format_date(self.env, lead.date_closed or lead.write_date),
                details=lead._lost_details(),
            )
            for lead in self
        }

    def _lost_details(self):
        """:return: the lost reason of one lead and who won it"""
        names = (self.lost_reason_id.name, self.competitor_id.name)
        return ", ".join(filter(None, names)) or self.env._("no reason given")

    def _after_restoring(self, losses):
        """Core forgets the reason: the message of the restoring keeps it.

        :param dict losses: of :meth:`_describe_losses`
        """
        if not self:
            return
        for lead in self:
            lead._track_set_log_message(losses[lead.id])
        planned = self.env["mail.activity"].sudo()
        planned.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("win_back", "=", True),
            ]
        ).unlink()
