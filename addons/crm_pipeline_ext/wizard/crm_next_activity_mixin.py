from odoo import api, fields, models
from odoo.exceptions import UserError


class NextActivityMixin(models.AbstractModel):
    """A dialog that plans the next activity of its ``lead_ids``, a field it has to
    declare.
    """

    _name = "crm.next.activity.mixin"
    _description = "Next Activity"

    activity_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Next Activity",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        compute="_compute_activity_type_id",
        store=True,
        readonly=False,
    )
    summary = fields.Char(compute="_compute_activity", store=True, readonly=False)
    date_deadline = fields.Date(
        string="Due Date", compute="_compute_activity", store=True, readonly=False
    )

    @api.depends("lead_ids")
    def _compute_activity_type_id(self):
        for wizard in self:
            wizard.activity_type_id = wizard._proposed_kind()[0]

    @api.depends("activity_type_id")
    def _compute_activity(self):
        for wizard in self:
            proposed, due = wizard._proposed_kind()
            kind = wizard.activity_type_id
            wizard.summary = kind.summary
            if kind and kind != proposed:
                due = kind._get_date_deadline()
            wizard.date_deadline = due

    def _proposed_kind(self):
        """:return: the proposed type and date for the first opportunity"""
        lead = self.lead_ids._origin[:1]
        if not lead:
            return self.env["mail.activity.type"], fields.Date.context_today(self)
        return lead._plan_next_kind(self._activity_before(lead))

    def _activity_before(self, lead):
        """:return: the activity of ``lead`` that the next one follows, or none"""
        raise NotImplementedError

    def _check_activity(self):
        """:raise UserError: the dialog does not say which activity, or when"""
        if not (self.activity_type_id and self.date_deadline):
            raise UserError(
                self.env._("Choose the next activity and its date, or plan nothing.")
            )

    def _activity_values(self, lead, user):
        """:param user: who is to do it; without one, the salesperson of ``lead``
        :return: the values of the activity the dialog plans for ``lead``
        """
        kind = self.activity_type_id
        return {
            "activity_type_id": kind.id,
            "summary": self.summary,
            "note": kind.default_note,
            "date_deadline": self.date_deadline,
            "user_id": (user or lead.user_id or self.env.user).id,
        }
