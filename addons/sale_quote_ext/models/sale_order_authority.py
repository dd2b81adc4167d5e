from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_round, formatLang

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class Excess(NamedTuple):
    line: object
    discount: float  # in percent of the list price
    limit: float


class SaleOrder(models.Model):
    """Nobody sends or confirms a discount beyond his authority that no leader has
    approved.
    """

    _inherit = "sale.order"

    # Where every way to send or confirm comes past

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: it is created as sent or confirmed, with a discount beyond
        the user's authority
        """
        orders = super().create(vals_list)
        moved = orders.filtered(lambda order: order.state in ("sent", "sale"))
        if moved:
            moved._discount_check()
            moved._discount_clear()
        return orders

    def write(self, vals):
        """:raise UserError: as :meth:`create`"""
        moved, revalued = self._discount_moved(vals), self._discount_revalued(vals)
        before = revalued._discount_beyond()
        moved._discount_check()
        result = super().write(vals)
        revalued._discount_check_growth(before)
        if moved and not vals.keys() <= {"state", "date_order"}:
            moved._discount_check()
        moved._discount_clear()
        if vals.get("state") in ("sent", "sale", "cancel"):
            self._discount_settle()
        return result

    def _discount_moved(self, vals):
        """:return: the orders that ``vals`` would send or confirm"""
        if vals.get("state") not in ("sent", "sale"):
            return self.browse()
        return self.filtered(lambda order: order.state != vals["state"])

    def _discount_revalued(self, vals):
        """:return: the confirmed orders that ``vals`` would give another currency"""
        if "currency_id" not in vals:
            return self.browse()
        return self.filtered(lambda order: order.state == "sale")

    def action_quotation_send(self):
        self._discount_check_open()
        return super().action_quotation_send()

    def action_quotation_sent(self):
        """Core calls this in the customer's name while he pays: what is held back stays
        a quotation, and he sees no error.
        """
        held = self.browse()
        if self.env.su:
            held = self._discount_held()
            held._discount_report()
        return super(SaleOrder, self - held).action_quotation_sent()

    @api.model
    def action_share(self):
        if self.env.context.get("active_model") == self._name:
            order = self.browse(self.env.context.get("active_id") or [])
            order._discount_check_open()
        return super().action_share()

    def message_post_with_source(self, source_ref, **kwargs):
        self._discount_check_source(source_ref)
        return super().message_post_with_source(source_ref, **kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        self._discount_check_source(source_ref)
        return super().message_mail_with_source(source_ref, **kwargs)

    def _discount_check_source(self, source):
        """E-mail templates are for customers; views are for notes, such as where a
        quotation comes from.
        """
        if isinstance(source, str):
            source = self.env.ref(source, raise_if_not_found=False)
        if source and source._name == "mail.template":
            self._discount_check_sending()

    def _discount_check_sending(self):
        """Whoever sends by his own authority what was sent before has approved it as
        it is now.

        :raise UserError: as :meth:`_discount_check`
        """
        self._discount_check_open()
        if not self.env.su:
            self.filtered(lambda order: order.state == "sent")._discount_clear()

    @api.model
    def _cron_send_pending_emails(self):
        """Core sends by the rights of the program whatever e-mail is noted on an order:
        of a quotation that is held back, only that a payment has come.
        """
        paid = self.env.ref("sale.mail_template_sale_payment_executed", False)
        pending = self.search(
            [
                ("pending_email_template_id", "not in", [False, paid and paid.id]),
                ("state", "in", ("draft", "sent")),
            ]
        )
        pending._discount_held().pending_email_template_id = False
        return super()._cron_send_pending_emails()

    def _get_default_payment_link_values(self):
        self._discount_check_open()
        return super()._get_default_payment_link_values()

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """A message may go to the customer before the quotation may: without a button
        that shows it.
        """
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if self and self._discount_open()._discount_excess():
            outside = ("portal_customer", "portal", "follower", "customer")
            for name, _function, values in groups:
                if name in outside:
                    values["has_button_access"] = False
        return groups

    # The customer, on the portal

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._discount_held()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._discount_held()

    def _discount_held(self):
        """:return: the quotations that no customer can accept yet; no query where
        nobody has a limit
        """
        if self.env["res.users"]._discount_lowest_limit() is None:
            return self.browse()
        customer = self.env.ref("base.public_user").sudo()
        excess = self._discount_open()._discount_excess(customer)
        return self.filtered(lambda order: order in excess)

    def _discount_report(self):
        """What a customer has accepted and cannot have is brought to a leader."""
        for order in self:
            user = order.user_id or order.create_uid
            order.with_user(user).sudo()._discount_ask(self.env.ref("base.public_user"))

    # Judging

    def _discount_open(self):
        return self.filtered(lambda order: order.state in ("draft", "sent"))

    def _discount_excess(self, user=None, lines=None):
        """What these orders give beyond the authority of ``user`` and beyond what was
        approved. No query where nobody has a limit; else as many for many orders as for
        one.

        :param user: else the current one
        :param lines: of these orders, others left out; else all
        :return: ``{order: [Excess]}`` of the orders there is anything of
        """
        user = user or self.env.user
        if not self or user._discount_lowest_limit() is None:
            return {}
        limits = {x: user.with_env(self.env)._discount_limit(x.team_id) for x in self}
        judged = self.filtered(lambda order: limits[order] is not None).sudo()
        lines = judged.order_line if lines is None else lines
        own = lines.sudo().filtered(lambda line: line.order_id in judged)
        given = own._discounts_given()
        beyond = [
            Excess(line, percent, limits[line.order_id])
            for line, percent in given.items()
            if float_compare(percent, limits[line.order_id], precision_digits=2) > 0
        ]
        return self._discount_not_approved(beyond)

    def _discount_not_approved(self, beyond):
        """:return: as :meth:`_discount_excess`"""
        found = {}
        if not beyond:
            return found
        orders = self.browse({x.line.order_id._origin.id or 0 for x in beyond}).sudo()
        approvals = orders.discount_approval_ids.filtered(
            lambda x: x.state == "approved"
            and x.partner_id == x.order_id.partner_id.commercial_partner_id
        )
        covered = approvals._covered()
        for excess in beyond:
            allowed = covered.get(excess.line._origin.id, -1)
            if float_compare(excess.discount, allowed, precision_digits=2) > 0:
                found.setdefault(excess.line.order_id.with_env(self.env), []).append(
                    excess
                )
        return found

    def _discount_check_open(self):
        self._discount_open()._discount_check()

    def _discount_check(self):
        """:raise UserError: one of these gives a discount beyond authority"""
        self._discount_raise(self._discount_excess())

    def _discount_beyond(self, lines=None):
        """:return: ``{line: percent}`` of what is beyond the user's authority, to be
            compared by :meth:`_discount_check_growth`
        """
        excess = self._discount_excess(lines=lines)
        return {x.line: x.discount for beyond in excess.values() for x in beyond}

    def _discount_check_growth(self, before):
        """
        :param self: confirmed orders that were just changed
        :param before: what :meth:`_discount_beyond` said of them until then
        :raise UserError: a discount beyond authority is new, or greater than before
        """
        grown = {}
        for order, beyond in self._discount_excess().items():
            for x in beyond:
                if float_compare(x.discount, before.get(x.line, 0), 2) > 0:
                    grown.setdefault(order, []).append(x)
        self._discount_raise(grown)

    @api.model
    def _discount_raise(self, excess):
        if excess:
            raise UserError(
                "\n".join(
                    f"{order.display_name}: {' '.join(order._discount_reasons(beyond))}"
                    for order, beyond in excess.items()
                )
            )

    def _discount_reasons(self, beyond):
        """:return: a :class:`ChainReason` for each :class:`Excess` of one order"""
        self.ensure_one()
        if self.state == "sale":
            way_out = self.env._("Lower it, or have a leader change the order.")
        elif self._discount_request():
            way_out = self.env._("Lower it, or wait for the approval that was asked.")
        else:
            way_out = self.env._("Lower it, or request an approval.")
        return [
            ChainReason(
                self.env._(
                    "%(product)s has a discount of %(discount)s %% off its list price; "
                    "the limit is %(limit)s %%. %(way_out)s",
                    product=x.line.product_id.display_name or x.line.name,
                    discount=self._discount_text(x.discount),
                    limit=self._discount_text(x.limit),
                    way_out=way_out,
                ),
                self,
            )
            for x in beyond
        ]

    @api.model
    def _discount_text(self, percent):
        """:return: ``percent`` as written in the user's language, without idle zeros"""
        percent = float_round(percent, precision_digits=2)
        digits = next((n for n in (0, 1) if percent == round(percent, n)), 2)
        return formatLang(self.env, percent, digits=digits)

    # Chain

    def _chain_send_blockers(self):
        return self._discount_add_blockers(super()._chain_send_blockers())

    def _chain_order_blockers(self):
        return self._discount_add_blockers(super()._chain_order_blockers())

    def _discount_add_blockers(self, blockers):
        for order, beyond in self._discount_excess().items():
            blockers[order.id] += order._discount_reasons(beyond)
        return blockers
