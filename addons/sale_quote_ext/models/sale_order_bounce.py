from markupsafe import Markup

from odoo import models
from odoo.tools import email_normalize

ACTIVITY = "sale_quote_ext.mail_activity_type_bounce"


class SaleOrder(models.Model):
    """A quotation that did not arrive is something to do for its salesperson."""

    _inherit = "sale.order"

    def _message_receive_bounce(self, email, partner):
        result = super()._message_receive_bounce(email, partner)
        self._plan_bounce([email] if email else partner.mapped("email"))
        return result

    def _plan_bounce(self, addresses, reason=False):
        """Plan an activity for each of ``addresses`` that has none open yet.

        :param addresses: those an e-mail could not be delivered to
        :param reason: what the mail server said of it
        """
        orders = self.sudo().filtered(lambda order: order.state != "cancel")
        for order in orders:
            planned = order.activity_search([ACTIVITY]).mapped("summary")
            for address in dict.fromkeys(filter(None, addresses)):
                address = email_normalize(address) or address
                if not any(address in summary for summary in planned):
                    order._plan_one_bounce(address, reason)

    def _plan_one_bounce(self, address, reason):
        user = self._bounce_user()
        order = self.with_context(lang=user.lang)
        self.activity_schedule(
            ACTIVITY,
            user_id=user.id,
            summary=order.env._("Not delivered to %(address)s", address=address),
            note=order._bounce_note(address, reason),
        )

    def _bounce_note(self, address, reason):
        partner = self._bounce_partner(address)
        text = self.env._(
            "The e-mail with %(order)s could not be delivered to %(address)s. Check "
            "the e-mail address of %(customer)s, correct it, and send %(order)s again.",
            order=self.name,
            address=address,
            customer=partner._get_html_link(),
        )
        return text if not reason else Markup("<p>%s</p><p>%s</p>") % (text, reason)

    def _bounce_partner(self, address):
        """:return: whose address it is: the customer's, unless it is a follower's"""
        followers = self.message_partner_ids
        return (
            followers.filtered(lambda x: x.email_normalized == address)[:1]
            or self.partner_id
        )

    def _bounce_user(self):
        """:return: who shall do something about it: the salesperson, else the leader
        of the team, else who made the quotation
        """
        self.ensure_one()
        for user in (self.user_id, self.team_id.user_id, self.create_uid):
            if user.active and not user.share:
                return user
        return self.env.ref("base.user_root")
