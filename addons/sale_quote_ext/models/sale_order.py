from collections import defaultdict

from odoo import api, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.chain.mixin"]

    # Step: send

    def _chain_send_needed(self):
        return self.filtered(lambda order: order.state == "draft")

    def _chain_send_blockers(self):
        blockers = self._chain_empty_blockers()
        for order in self:
            blockers[order.id] += order._chain_mail_reasons(order.partner_id)
            if not order._find_mail_template():
                blockers[order.id].append(
                    self.env._(
                        "The e-mail template for quotations is missing. Ask an "
                        "administrator to restore it."
                    )
                )
        return {order_id: reasons for order_id, reasons in blockers.items() if reasons}

    def _chain_mail_reasons(self, partner):
        """:return: why no document can be sent to ``partner``"""
        reasons = []
        if not partner.email:
            reasons.append(
                self.env._(
                    "Its customer %(customer)s has no e-mail address. Add one.",
                    customer=partner.display_name,
                )
            )
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            reasons.append(
                self.env._(
                    "The server cannot make PDF files. Ask an administrator to install "
                    "wkhtmltopdf."
                )
            )
        return reasons

    def _chain_send_do(self):
        """Send by core's own composer, with the template each quotation calls for."""
        by_template = self.grouped(lambda order: order._find_mail_template())
        for template, orders in by_template.items():
            orders.with_context(mark_so_as_sent=True).message_post_with_source(
                template,
                email_layout_xmlid=(
                    "mail.mail_notification_layout_with_responsible_signature"
                ),
                subtype_xmlid="mail.mt_comment",
                message_type="comment",
            )

    # Step: order

    def _chain_order_needed(self):
        return self.filtered(lambda order: order.state != "sale")

    def _chain_order_blockers(self):
        blockers = self._chain_empty_blockers()
        for order in self:
            if order.state == "cancel":
                blockers[order.id].append(
                    self.env._("It is cancelled. Set it to quotation first.")
                )
            elif error := order._confirmation_error_message():
                blockers[order.id].append(error)
            elif order.is_expired:
                blockers[order.id].append(
                    self.env._("It has expired. Extend its expiration date first.")
                )
        return blockers

    def _chain_order_do(self):
        self.action_confirm()

    # Shared

    def _chain_empty_blockers(self):
        """:return: a ``defaultdict(list)`` of blockers, to be added to"""
        blockers = defaultdict(list)
        for order in self:
            if all(line.display_type for line in order.order_line):
                blockers[order.id].append(
                    self.env._("There are no products on it. Add some first.")
                )
        return blockers

    def _chain_unconfirmed_blockers(self):
        """:return: a ``defaultdict(list)`` of blockers, to be added to"""
        blockers = defaultdict(list)
        for order in self.filtered(lambda order: order.state != "sale"):
            blockers[order.id].append(
                self.env._("It is not confirmed yet. Confirm it first.")
            )
        return blockers

    @api.model
    def _chain_step_labels(self):
        return self.env["crm.lead"]._chain_step_labels()

    # Chain bar

    def _chain_bar_segments(self):
        self.ensure_one()
        lead = self.opportunity_id.sudo(False)._filtered_access("read")
        live = self.filtered(lambda order: order.state != "cancel")
        return [
            *(lead and lead._chain_lead_segments()),
            *live._chain_order_segments(),
        ]

    def _chain_order_segments(self):
        """The segments of an order, from the quotation on.

        :param self: the live orders of one sale; none before the quotation
        """
        confirmed = self.filtered(lambda order: order.state == "sale")
        return [
            self._chain_segment(
                "quotation",
                self.env._("Quotation"),
                self,
                [order._chain_document(order.create_date) for order in self],
            ),
            self._chain_segment(
                "order",
                self.env._("Order"),
                confirmed,
                [order._chain_document(order.date_order) for order in confirmed],
            ),
        ]

    def _chain_document(self, date):
        """:return: this order as a document of the chain bar"""
        self.ensure_one()
        return {
            "model": self._name,
            "id": self.id,
            "name": self.name,
            "date": date,
            "amount": self.amount_total,
            "currency_id": self.currency_id.id,
        }
