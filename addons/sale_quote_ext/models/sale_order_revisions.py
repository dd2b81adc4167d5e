from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext


class SaleOrder(models.Model):
    """A quotation keeps what it was each time it was sent."""

    _inherit = "sale.order"

    revision_count = fields.Integer(
        string="Revisions", copy=False, readonly=True, groups="base.group_user"
    )
    quotation_sent_date = fields.Datetime(
        string="Last Sent",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="When the quotation was last sent to the customer.",
    )

    # Where every way to send comes past

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get("state") == "sent" for vals in vals_list):
            orders.filtered(lambda order: order.state == "sent")._revise("sent")
        return orders

    def write(self, vals):
        if vals.get("state") != "sent":
            return super().write(vals)
        unsent = self.filtered(lambda order: order.state != "sent")
        result = super().write(vals)
        unsent._revise("sent")
        return result

    def message_post(self, **kwargs):
        """What was sent already and is sent again is a revision too."""
        again = self.browse()
        if self.env.context.get("mark_so_as_sent"):
            again = self.filtered(lambda order: order.state == "sent")
        message = super().message_post(**kwargs)
        again._revise("sent")
        return message

    # Buttons

    def action_new_revision(self):
        """Keep these quotations as they are, under the next number.

        :raise UserError: one of them is none any more
        :raise AccessError: the user may not write one of them
        """
        orders = self._chain_distinct()
        orders.check_access("write")
        closed = orders.filtered(lambda order: order.state not in ("draft", "sent"))
        if closed:
            raise UserError(
                self.env._(
                    "Only quotations have revisions, and these are none any more: "
                    "%(orders)s.",
                    orders=closed.mapped("name"),
                )
            )
        orders._revise("kept")

    def action_view_revisions(self):
        """
        :return: the action of the list of the revisions of these orders
        :raise AccessError: the user may not read one of them
        """
        orders = self._chain_distinct()
        orders.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale_quote_ext.sale_order_revision_action"
        )
        return {**action, "domain": [("order_id", "in", orders.ids)]}

    # How it works

    def _revise(self, reason):
        """Keep what these orders are, all in one ``INSERT``.

        :param str reason: a value of ``sale.order.revision.reason``
        :return: the revisions, as superuser
        """
        orders = self.sudo()
        revisions = self.env["sale.order.revision"].sudo()
        if not orders:
            return revisions
        contents = orders._revision_contents()
        orders._revision_count_up(reason)
        return revisions.create(
            [order._prepare_revision(reason, contents[order]) for order in orders]
        )

    def _revision_count_up(self, reason):
        """Together with what is being written anyway, such as the state."""
        now = fields.Datetime.now()
        sent = {"quotation_sent_date": now} if reason == "sent" else {}
        for count, orders in self.grouped("revision_count").items():
            orders.write({"revision_count": count + 1, **sent})

    def _prepare_revision(self, reason, content):
        self.ensure_one()
        return {
            "order_id": self.id,
            "number": self.revision_count,
            "reason": reason,
            "currency_id": self.currency_id.id,
            "amount_untaxed": self.amount_untaxed,
            "amount_total": self.amount_total,
            "validity_date": self.validity_date,
            "content": content,
        }

    def _revision_contents(self):
        """What these quotations say, and what their prices rest on where the company
        compares that before confirmation.

        :return: ``{order: content}``; few queries, however many orders
        """
        facts = self.order_line._revision_facts()
        checked = self.filtered("company_id.quotation_drift_check")
        basis = checked.order_line._drift_basis(facts)
        basis = {line.id: values for line, values in basis.items()}
        contents = {order: order._revision_content(facts) for order in self}
        for content in contents.values():
            for line in content["lines"]:
                line["basis"] = basis.get(line["id"])
        return contents

    def _revision_content(self, facts=None):
        """What one quotation says, as JSON: ``terms`` and ``totals`` by the names of
        the order's fields, ``lines`` by those of its lines, with their ``id``; units
        and taxes by their ids.

        :param facts: of its lines, see ``sale.order.line._revision_facts()``
        """
        self.ensure_one()
        facts = facts or self.order_line._revision_facts()
        note = self.note and html2plaintext(self.note)
        return {
            "terms": {
                "partner_id": self.partner_id.display_name,
                "pricelist_id": self.pricelist_id.name,
                "payment_term_id": self.payment_term_id.name,
                "validity_date": fields.Date.to_string(self.validity_date),
                "note": note,
            },
            "totals": {
                "amount_untaxed": self.amount_untaxed,
                "amount_tax": self.amount_tax,
                "amount_total": self.amount_total,
            },
            "lines": [line._revision_content(facts) for line in self.order_line],
        }
