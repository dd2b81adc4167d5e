from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class SaleOrder(models.Model):
    """Sending many quotations at once."""

    _inherit = "sale.order"

    def action_send_many(self):
        """Show what would be sent to whom.

        :return: the dialog that asks before it sends
        :raise UserError: there are none
        :raise AccessError: the user may not read one of them
        """
        orders = self._chain_distinct()
        orders.check_access("read")
        if not orders:
            raise UserError(self.env._("Choose the quotations to send."))
        wizard = self.env["sale.order.send"].create({})
        wizard._preview(orders)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Quotations"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _chain_send_blockers(self):
        blockers = super()._chain_send_blockers()
        today = fields.Date.context_today(self)
        for order in self:
            if order.validity_date and order.validity_date < today:
                blockers[order.id].append(
                    self.env._(
                        "It expired on %(date)s. Extend its expiration date first.",
                        date=format_date(self.env, order.validity_date),
                    )
                )
        return blockers

    def _chain_mail_reasons(self, partner):
        reasons = super()._chain_mail_reasons(partner)
        if partner.email and not partner.email_normalized:
            reasons.append(
                ChainReason(
                    self.env._(
                        "The e-mail address of its customer %(customer)s, %(address)s, "
                        "is not one. Correct it.",
                        customer=partner.display_name,
                        address=partner.email,
                    ),
                    partner,
                )
            )
        return reasons

    def _send_reasons(self):
        """Why these quotations cannot be sent now.

        :return: ``{order: [reasons]}``, of all of them
        """
        reasons = {order: [] for order in self}
        allowed = self._filtered_access("write")
        for order in self - allowed:
            reasons[order].append(self._chain_no_right())
        needed = allowed._chain_needed("send")
        for order in allowed - needed:
            reasons[order].append(order._send_not_needed())
        for order_id, found in needed._chain_blockers("send").items():
            reasons[self.browse(order_id)] += found
        return reasons

    def _send_not_needed(self):
        if self.state == "sent":
            return self.env._("It has been sent already.")
        if self.state == "cancel":
            return self.env._("It is cancelled. Set it to quotation first.")
        return self.env._("It is confirmed already.")

    def _send_languages(self):
        """:return: ``{order: name of the language}`` that their e-mails and PDF files
        are written in
        """
        names = dict(self.env["res.lang"].get_installed())
        found = {}
        templates = self._chain_mail_templates()
        for template, orders in self.grouped(templates.get).items():
            codes = template._render_lang(orders.ids) if template else {}
            for order in orders:
                code = codes.get(order.id) or order.partner_id.lang or self.env.lang
                found[order] = names.get(code, code)
        return found

    @api.model
    def _send_limit(self):
        """:return: how many quotations are sent while the user waits"""
        return self._chain_chunk_limit("send")
