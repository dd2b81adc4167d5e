from typing import NamedTuple

from markupsafe import Markup

from odoo import models
from odoo.tools import formatLang

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason

from ..revision_text import title

# A key of the context, which the button puts there: somebody is there to answer.
ASK = "quotation_drift_ask"


class Drift(NamedTuple):
    line: object
    kind: str  # price, tax, cost, stock
    was: object
    now: object
    by_hand: bool  # somebody has given it another price


class SaleOrder(models.Model):
    """What has changed since a quotation was sent is shown to whoever confirms it."""

    _inherit = "sale.order"

    def action_confirm(self):
        """
        :return: by the button: the dialog, if there is something to decide on
        """
        if self.env.context.get(ASK) and (dialog := self._drift_dialog()):
            return dialog
        return super().action_confirm()

    def action_chain_step(self, step):
        if step == "order" and (dialog := self._drift_dialog()):
            return dialog
        return super().action_chain_step(step)

    def action_chain_next(self):
        dialog = self._drift_dialog()
        if dialog and "order" in self._chain_next():
            return dialog
        return super().action_chain_next()

    def _drift_dialog(self):
        """:return: the action of the dialog on one quotation that has drifted; False if
            there is nothing to decide on, or if it cannot be confirmed anyway
        """
        if len(self) != 1:
            return False
        self._chain_check_ids(self._ids)
        self.check_access("write")
        if not self._drift() or self._drift_refused():
            return False
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changed since It Was Sent"),
            "res_model": "sale.quotation.drift",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _drift_refused(self):
        """:return: whether one quotation cannot be confirmed, drifted or not; what a
        discount needs is asked for once it is accepted, since refreshing may mend it
        """
        return bool(self._confirmation_error_message() or self._validity_expired())

    # Comparing

    def _drift_comparable(self):
        """:return: those that were sent, with what their prices rested on; no query"""
        return self.filtered(
            lambda order: order.state == "sent"
            and order.sudo().quotation_sent_date
            and order.company_id.quotation_drift_check
        )

    def _drift(self):
        """What has changed of these quotations since they were sent: the price by the
        pricelist, taxes, cost, and stock that sufficed and does not any more. A line
        whose product, unit or quantity was changed since is another line. Few queries,
        however many quotations; none where none was sent.

        :return: ``{order: [Drift]}`` of those that have drifted
        """
        orders = self._drift_comparable().sudo()
        contents = self.env["sale.order.revision"]._last_sent(orders)
        basis = contents and orders.order_line._drift_basis_now()
        found = {}
        for order, content in contents.items():
            said = {line["id"]: line for line in content["lines"]}
            drifts = [
                Drift(line, kind, was, now, line._drift_by_hand(was_basis))
                for line in order.order_line
                if (was_basis := said.get(line.id, {}).get("basis"))
                and line in basis
                and line._drift_is_of(said[line.id])
                for kind, (was, now) in line._drift_since(
                    was_basis, basis[line]
                ).items()
            ]
            if drifts:
                found[order.with_env(self.env)] = drifts
        return found

    # Telling

    def _drift_changes(self, drifts):
        """:return: the drifts of one order for the template ``revision_changes``"""
        return [
            {
                "kind": "changed",
                "name": title({"name": x.line.name}),
                "label": self._drift_label(x),
                "was": self._drift_text(x, x.was),
                "is": self._drift_text(x, x.now),
            }
            for x in drifts
        ]

    def _drift_label(self, drift):
        labels = {
            "price": self.env._("Price"),
            "tax": self.env._("Taxes"),
            "cost": self.env._("Cost"),
            "stock": self.env._("In Stock"),
        }
        if drift.kind == "price" and drift.by_hand:
            return self.env._("Price by the pricelist (edited by hand on the line)")
        return labels[drift.kind]

    def _drift_text(self, drift, value):
        if drift.kind == "tax":
            return ", ".join(value.mapped("name")) or self.env._("none")
        if drift.kind == "stock":
            unit = drift.line.product_id.uom_id.name
            return formatLang(self.env, value, dp="Product Unit") + f" {unit}"
        currency = drift.line.currency_id
        if drift.kind == "cost":
            currency = drift.line.company_id.currency_id
        return formatLang(self.env, value, currency_obj=currency)

    def _drift_note(self, drifts, message):
        """:return: ``message`` and what has drifted of one order, for the chatter"""
        items = Markup().join(
            Markup("<li>%s, %s: %s → %s</li>")
            % (x["name"], x["label"], x["was"], x["is"])
            for x in self._drift_changes(drifts)
        )
        return Markup("<p>%s</p><ul>%s</ul>") % (message, items)

    # Deciding

    def _drift_accept(self):
        """Confirm one quotation as it was sent."""
        drifts = self._drift().get(self, [])
        message = self.env._("Confirmed as sent, although this has changed since:")
        note = self._drift_note(drifts, message)
        self.with_context(**{ASK: False}).action_confirm()
        if drifts:
            self._message_log_batch(bodies={self.id: note})

    def _drift_refresh(self):
        """Bring one quotation up to date, to be sent again."""
        message = self.env._("Not confirmed, since this has changed since it was sent:")
        note = self._drift_note(self._drift().get(self, []), message)
        self._message_log_batch(bodies={self.id: note})
        self.action_quotation_refresh()

    # Chain: no dialog; the policy decides

    def _chain_order_blockers(self):
        blockers = super()._chain_order_blockers()
        for policy, orders in self._chain_policies().items():
            if policy.quotation_drift == "stop":
                for order, drifts in orders._drift().items():
                    blockers[order.id] += order._drift_reasons(drifts)
        return blockers

    def _drift_reasons(self, drifts):
        return [
            ChainReason(
                self.env._(
                    "%(product)s, %(what)s: %(was)s when it was sent, %(now)s now. "
                    "Confirm it by hand, or refresh its prices.",
                    product=x["name"],
                    what=x["label"],
                    was=x["was"],
                    now=x["is"],
                ),
                self,
            )
            for x in self._drift_changes(drifts)
        ]
