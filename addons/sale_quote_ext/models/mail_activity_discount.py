from odoo import models


class MailActivity(models.Model):
    """Who marks the activity of a request as done has approved it; what he says with
    it is the reason.
    """

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        asked = self.filtered(
            lambda x: x.activity_category == "discount"
            and x.res_model == "sale.order"
            and x.active
        )
        if asked:
            orders = self.env["sale.order"].browse(set(asked.mapped("res_id")))
            orders.check_access("read")
            orders = orders._discount_request().order_id.with_env(self.env)
            orders = orders.with_context(discount_activity_done=asked.ids)
            orders._discount_decide("approved", feedback)
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
