from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # Who marks one of these as done has spoken with the customer.
    _touch_categories = ("phonecall", "meeting")

    def _action_done(self, feedback=False, attachment_ids=None):
        touches = self.filtered(
            lambda x: x.res_model == "crm.lead"
            and x.activity_category in self._touch_categories
        )
        leads = self.env["crm.lead"].browse(touches.mapped("res_id"))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        leads.exists()._touch()
        return result
