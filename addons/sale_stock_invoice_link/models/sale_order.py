from collections import defaultdict

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Step: delivery

    def _chain_delivery_needed(self):
        """The stored status spares reading the transfers of what is done with; what
        is not may still be waiting for a return alone.
        """
        return self.filtered(
            lambda order: order.state != "sale"
            or (
                order.delivery_status not in (False, "full")
                and order._chain_open_pickings()
            )
        )

    def _chain_open_pickings(self):
        """:return: what is still to be shipped; what customers send back is not"""
        return self.picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
            and picking.picking_type_code != "incoming"
        )

    def _chain_delivery_blockers(self):
        """Core's access rights let any salesperson validate transfers by RPC, its
        screens only somebody of the warehouse; the chain goes by the screens.
        """
        blockers = self._chain_unconfirmed_blockers()
        orders = self.filtered(lambda order: order.id not in blockers)
        if not self.env.user.has_group("stock.group_stock_user"):
            for order in orders:
                blockers[order.id].append(
                    self.env._(
                        "You may not validate deliveries. Ask somebody of the "
                        "warehouse, or an administrator for the Inventory right."
                    )
                )
            return blockers
        for order_id, reasons in orders._chain_stock_reasons().items():
            blockers[order_id] += reasons
        return blockers

    def _chain_stock_reasons(self):
        """What is missing to ship these orders whole.

        :return: ``{order id: [reasons]}``
        """
        moves = self._chain_open_pickings()._chain_short_moves()
        moves = moves.filtered(lambda move: not move._should_bypass_reservation())
        reasons = defaultdict(list)
        chained = moves.filtered("move_orig_ids")
        for move, reason in [
            *(moves - chained)._chain_shortages(self),
            *chained._chain_waits(self),
        ]:
            reasons[move.picking_id.sale_id.id].append(reason)
        return reasons

    def _chain_delivery_do(self):
        """Ship wave by wave: picking, packing and shipping where the warehouse does
        it in several steps.
        """
        while pickings := self._chain_open_pickings():
            ready = pickings.filtered(lambda x: x.state != "waiting") or pickings
            ready._chain_deliver()

    # Step: invoice

    def _chain_invoice_needed(self):
        return self.filtered(
            lambda order: order.state != "sale"
            or order.invoice_status == "to invoice"
            or any(invoice.state == "draft" for invoice in order.invoice_ids)
            or (
                order.invoice_status == "no"
                and not order._chain_posted_invoices()
            )
        )

    def _chain_posted_invoices(self):
        """:return: the posted invoices of these orders, without credit notes"""
        return self.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )

    def _chain_invoice_blockers(self):
        blockers = self._chain_unconfirmed_blockers()
        accountant = self.env.user.has_group("account.group_account_invoice")
        for order in self.filtered(lambda order: order.id not in blockers):
            drafts = order.sudo().invoice_ids.filtered(lambda x: x.state == "draft")
            if order.invoice_status != "to invoice" and not drafts:
                blockers[order.id].append(
                    self.env._(
                        "There is nothing to invoice yet. Deliver it first, or enter "
                        "the delivered quantities."
                    )
                )
            elif not accountant and (reason := order._chain_billing_reason(drafts)):
                blockers[order.id].append(reason)
        return blockers

    def _chain_billing_reason(self, drafts):
        """Why somebody without accounting rights may not invoice this order.

        :param drafts: its draft invoices
        :return: a sentence, or False: it is his own, and nobody has touched what
            is to be posted
        """
        self.ensure_one()
        if self.user_id != self.env.user:
            return self.env._(
                "Only its salesperson %(user)s or accounting may invoice it.",
                user=self.user_id.name or "–",
            )
        if drafts:
            return self.env._(
                "It has a draft invoice already. Ask accounting to post it."
            )
        returned = self.order_line.filtered(
            lambda line: line.qty_to_invoice < 0 and not line.is_downpayment
        )
        if returned:
            return self.env._(
                "More was invoiced than delivered. Ask accounting for a credit note."
            )
        return False

    def _chain_invoice_do(self):
        """One invoice for each order, posted."""
        drafts = self.invoice_ids.filtered(lambda move: move.state == "draft")
        due = self.filtered(lambda order: order.invoice_status == "to invoice")
        invoices = due.with_context(
            raise_if_nothing_to_invoice=False
        )._create_invoices(grouped=True, final=True)
        (drafts | invoices)._chain_post()

    # Step: send invoice

    def _chain_send_invoice_needed(self):
        return self.filtered(
            lambda order: order._chain_invoice_needed()
            or order._chain_unsent_invoices()
        )

    def _chain_unsent_invoices(self):
        return self._chain_posted_invoices().filtered(
            lambda move: not move.is_move_sent
            and move.payment_state in ("not_paid", "partial")
        )

    def _chain_send_invoice_blockers(self):
        blockers = self._chain_not_invoiced_blockers()
        for order in self.filtered(lambda order: order.id not in blockers):
            blockers[order.id] += order._chain_mail_reasons(order.partner_invoice_id)
        return {order_id: reasons for order_id, reasons in blockers.items() if reasons}

    def _chain_not_invoiced_blockers(self):
        """:return: a ``defaultdict(list)`` of blockers, to be added to"""
        blockers = self._chain_unconfirmed_blockers()
        for order in self.filtered(lambda order: order.id not in blockers):
            posted = order.sudo()._chain_posted_invoices()
            if not posted:
                blockers[order.id].append(
                    self.env._("It has no posted invoice yet. Create it first.")
                )
            elif posted.sudo(False)._filtered_access("read") != posted:
                blockers[order.id].append(
                    self.env._("You may not see its invoices. Ask accounting.")
                )
        return blockers

    def _chain_send_invoice_do(self):
        self._chain_unsent_invoices()._chain_send()

    # Step: payment

    def _chain_payment_needed(self):
        return self.filtered(
            lambda order: order._chain_invoice_needed() or not order._chain_is_paid()
        )

    def _chain_is_paid(self):
        """Nothing is due, and something was paid: an invoice that was credited in
        full is not."""
        states = set(self._chain_posted_invoices().mapped("payment_state"))
        done = {"paid", "in_payment", "reversed"}
        return states <= done and bool(states - {"reversed"})

    def _chain_unpaid_invoices(self):
        return self._chain_posted_invoices().filtered(
            lambda move: move.payment_state in ("not_paid", "partial")
        )

    def _chain_payment_blockers(self):
        blockers = self._chain_not_invoiced_blockers()
        may_pay = self.env["account.payment"].has_access("create")
        for order in self.filtered(lambda order: order.id not in blockers):
            if not may_pay:
                blockers[order.id].append(
                    self.env._("You may not register payments. Ask accounting.")
                )
            elif not order._chain_unpaid_invoices():
                blockers[order.id].append(
                    self.env._(
                        "Nothing can be paid: its invoices were credited, or their "
                        "payment is blocked."
                    )
                )
        return blockers

    def _chain_payment_do(self):
        self._chain_unpaid_invoices()._chain_pay()

    # Chain bar

    def _chain_order_segments(self):
        confirmed = self.filtered(lambda order: order.state == "sale")
        return [
            *super()._chain_order_segments(),
            confirmed._chain_delivery_segment(),
            confirmed._chain_invoice_segment(),
            confirmed._chain_payment_segment(),
        ]

    def _chain_passed(self, step):
        """:return: whether these orders, at least one, no longer need ``step``"""
        return bool(self) and not self._chain_needed(step)

    def _chain_delivery_segment(self):
        pickings = self.picking_ids._filtered_access("read").filtered(
            lambda picking: picking.picking_type_code == "outgoing"
            and picking.state != "cancel"
        )
        return self._chain_segment(
            "delivery",
            self.env._("Delivered"),
            self._chain_passed("delivery"),
            [picking._chain_document() for picking in pickings],
        )

    def _chain_readable_invoices(self):
        return self.invoice_ids._filtered_access("read").filtered(
            lambda move: move.state != "cancel"
        )

    def _chain_invoice_segment(self):
        return self._chain_segment(
            "invoice",
            self.env._("Invoiced"),
            self._chain_passed("invoice"),
            [move._chain_document() for move in self._chain_readable_invoices()],
        )

    def _chain_payment_segment(self):
        paid = self._chain_readable_invoices().filtered(
            lambda move: move.move_type == "out_invoice"
            and move.state == "posted"
            and move.currency_id.compare_amounts(
                move.amount_residual, move.amount_total
            )
            < 0
        )
        return self._chain_segment(
            "payment",
            self.env._("Paid"),
            self._chain_passed("payment"),
            [move._chain_paid_document() for move in paid],
        )
