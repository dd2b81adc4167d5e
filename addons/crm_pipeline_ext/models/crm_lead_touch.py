from odoo import api, fields, models

from ..batch import batch_of


class CrmLead(models.Model):
    """When something last happened between us and the customer."""

    _inherit = "crm.lead"

    last_touch_date = fields.Datetime(
        string="Last Touch",
        readonly=True,
        copy=False,
        help="When a message was last exchanged with the customer, a call was made, a "
        "meeting was held or a quotation was sent.",
    )
    days_since_touch = fields.Integer(
        compute="_compute_days_since_touch",
        help="Days since the last touch; since its creation where there was none.",
    )

    @api.depends("last_touch_date", "create_date")
    def _compute_days_since_touch(self):
        now = fields.Datetime.now()
        for lead in self:
            last = lead.last_touch_date or lead.create_date or now
            lead.days_since_touch = max((now - last).days, 0)

    def _touch(self, when=None):
        """Note that the customer was in touch with us, whoever may write the lead.

        :param self: any number of leads; those touched later already stay as they are
        :param when: a datetime (UTC); without it, or in the future: now
        """
        now = fields.Datetime.now()
        when = min(when or now, now)
        if batch := batch_of(self.env):
            touched = batch.known.setdefault("touched", {})
            touched.update((lead, max(when, touched.get(lead, when))) for lead in self)
            return
        earlier = self.sudo().filtered(
            lambda x: not x.last_touch_date or x.last_touch_date < when
        )
        if earlier:
            earlier.last_touch_date = when

    @api.model
    def _touch_collected(self):
        """Note what a step of the chain has touched, all at once."""
        batch = batch_of(self.env)
        touched = batch and batch.known.pop("touched", None)
        if touched:
            leads = self.sudo().browse(lead.id for lead in touched).exists()
            leads.with_context(chain_batch=None)._touch(max(touched.values()))

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if message._is_touch(self):
            self._touch(message.date)
        return result

    def _message_mail_after_hook(self, mails):
        result = super()._message_mail_after_hook(mails)
        self._touch()
        return result

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        if dates := list(filter(None, opportunities.mapped("last_touch_date"))):
            self._touch(max(dates))
        return result
