from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.crm_pipeline_ext.batch import collecting
from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


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
        blockers = self._chain_unconfirmed_blockers()
        orders = self.filtered(lambda order: order.id not in blockers)
        if reasons := self._chain_warehouse_reasons():
            blockers.update({order.id: list(reasons) for order in orders})
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

    def _chain_invoiced_amount(self):
        """:return: what one order's invoices come to, drafts included and credit notes
        taken off, taxes included, in the order's currency
        """
        lines = self.sudo().order_line.invoice_lines.filtered(
            lambda line: line.parent_state != "cancel"
        )
        return sum(
            line.currency_id._convert(
                -line.move_id.direction_sign * line.price_total,
                self.currency_id,
                self.company_id,
                line.move_id.invoice_date or fields.Date.today(),
            )
            for line in lines
        )

    def _chain_invoice_blockers(self):
        blockers = self._chain_unconfirmed_blockers()
        accountant = self.env.user.has_group("account.group_account_invoice")
        for order in self.filtered(lambda order: order.id not in blockers):
            drafts = order.sudo().invoice_ids.filtered(lambda x: x.state == "draft")
            if order.invoice_status != "to invoice" and not drafts:
                blockers[order.id].append(self._chain_nothing_to_invoice())
            elif not accountant and (reason := order._chain_billing_reason(drafts)):
                blockers[order.id].append(reason)
        orders = self.filtered(lambda order: order.id not in blockers)
        for order_id, reasons in orders._chain_books_blockers().items():
            blockers[order_id] += reasons
        return blockers

    def _chain_billing_reason(self, drafts):
        """Why somebody without accounting rights may not invoice this order.

        :param drafts: its draft invoices
        :return: a sentence, or False: it is his own, and nobody has touched what
            is to be posted
        """
        self.ensure_one()
        if reason := self._chain_billing_right(self.user_id):
            return reason
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
        """Invoices as the policy groups them, posted."""
        drafts = self.invoice_ids.filtered(lambda move: move.state == "draft")
        (drafts | self._chain_create_invoices())._chain_post()

    def _chain_create_invoices(self):
        """:return: draft invoices of all there is to invoice of these orders"""
        due = self.filtered(lambda order: order.invoice_status == "to invoice")
        due = due.with_context(raise_if_nothing_to_invoice=False)
        invoices = self.env["account.move"]
        for policy, orders in due._chain_policies().items():
            each = policy.invoice_grouping != "customer"
            invoices |= collecting(orders)._create_invoices(grouped=each, final=True)
        self._chain_tell()
        return invoices

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
        return blockers

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
        no_right = self._chain_payment_reasons()
        for order in self.filtered(lambda order: order.id not in blockers):
            if no_right:
                blockers[order.id] += no_right
            elif not order._chain_unpaid_invoices():
                blockers[order.id].append(
                    self.env._(
                        "Nothing can be paid: its invoices were credited, or their "
                        "payment is blocked."
                    )
                )
        return blockers

    def _chain_payment_do(self):
        for policy, orders in self._chain_policies().items():
            orders._chain_unpaid_invoices()._chain_pay(policy)

    # Instead of the delivery: reserve

    def _chain_reserve_needed(self):
        return self.filtered(
            lambda order: order.state != "sale"
            or (
                order._chain_delivery_needed()
                and order._chain_open_pickings()._chain_short_moves()
            )
        )

    def _chain_reserve_blockers(self):
        return self._chain_delivery_blockers()

    def _chain_reserve_do(self):
        self._chain_open_pickings().action_assign()

    def _chain_reserve_foreseen(self):
        return self._chain_delivery_foreseen()

    # Instead of the invoice: a draft

    def _chain_draft_invoice_needed(self):
        """A draft that is there is what was wanted."""
        return self._chain_invoice_needed().filtered(
            lambda order: not any(x.state == "draft" for x in order.invoice_ids)
        )

    def _chain_draft_invoice_blockers(self):
        blockers = self._chain_unconfirmed_blockers()
        orders = self.filtered(lambda order: order.id not in blockers)
        for order in orders.filtered(lambda x: x.invoice_status != "to invoice"):
            blockers[order.id].append(self._chain_nothing_to_invoice())
        for order_id, reasons in orders._chain_books_blockers().items():
            blockers[order_id] += reasons
        return blockers

    def _chain_draft_invoice_do(self):
        self._chain_create_invoices()

    def _chain_draft_invoice_foreseen(self):
        return self._chain_accounting_reasons()

    @api.model
    def _chain_chunk_limit(self, step):
        """Sending takes a second or two for each PDF file."""
        limit = super()._chain_chunk_limit(step)
        return min(limit, 20) if step == "send_invoice" else limit

    # What can be told beforehand

    def _chain_delivery_foreseen(self):
        if reasons := self._chain_warehouse_reasons():
            return {record.id: list(reasons) for record in self}
        unconfirmed = self.filtered(lambda order: order.state != "sale")
        demands = [
            (
                line.order_id,
                line.order_id.warehouse_id,
                line.product_id,
                line.product_uom_id,
                line.product_uom_qty,
            )
            for line in unconfirmed.order_line
        ]
        return self.env["product.product"]._chain_shortages(demands)

    def _chain_invoice_foreseen(self):
        found = self._chain_accounting_reasons()
        for order in self:
            if reason := self._chain_billing_right(order.user_id):
                found.setdefault(order.id, []).append(reason)
        return found

    def _chain_send_invoice_foreseen(self):
        return {
            order.id: order._chain_mail_reasons(order.partner_invoice_id)
            for order in self
        }

    def _chain_payment_foreseen(self):
        reasons = self._chain_payment_reasons()
        return {order.id: list(reasons) for order in self}

    # Reasons that do not depend on one order

    @api.model
    def _chain_warehouse_reasons(self):
        """Core's access rights let any salesperson validate transfers by RPC, its
        screens only somebody of the warehouse; the chain goes by the screens.
        """
        if self.env.user.has_group("stock.group_stock_user"):
            return []
        return [
            self.env._(
                "You may not validate deliveries. Ask somebody of the warehouse, or an "
                "administrator for the Inventory right."
            )
        ]

    @api.model
    def _chain_billing_right(self, salesperson):
        """:return: why the user may not invoice the orders of ``salesperson``; False
        if he may
        """
        user = self.env.user
        if user.has_group("account.group_account_invoice") or salesperson == user:
            return False
        return self.env._(
            "Only its salesperson %(user)s or accounting may invoice it.",
            user=salesperson.name or "–",
        )

    @api.model
    def _chain_payment_reasons(self):
        if self.env["account.payment"].has_access("create"):
            return []
        return [self.env._("You may not register payments. Ask accounting.")]

    @api.model
    def _chain_nothing_to_invoice(self):
        return self.env._(
            "There is nothing to invoice yet. Deliver it first, or enter the delivered "
            "quantities."
        )

    # Accounting

    def _chain_accounting_reasons(self):
        """What of accounting's settings is in the way of invoices dated today.

        :return: ``{order id: [reasons]}``
        """
        reasons = {}
        for company, orders in self.grouped("company_id").items():
            if reason := self._chain_books_reason(company):
                reasons.update({order.id: [reason] for order in orders})
            else:
                reasons.update(orders._chain_account_reasons(company))
        return reasons

    def _chain_books_blockers(self):
        """As :meth:`_chain_accounting_reasons`, and what the policy wants before."""
        reasons = self._chain_accounting_reasons()
        for policy, orders in self._chain_policies().items():
            if policy.invoice_on == "delivery":
                for order in orders.filtered(lambda x: x._chain_open_pickings()):
                    reasons.setdefault(order.id, []).append(
                        self.env._(
                            "It is invoiced once everything is delivered. Deliver it "
                            "first."
                        )
                    )
        return reasons

    @api.model
    def _chain_books_reason(self, company):
        """:return: why nothing can be invoiced in a company today, or False"""
        journal = self._chain_sale_journal(company)
        if not journal:
            return self.env._(
                "%(company)s has no sales journal. Ask accounting to create one.",
                company=company.name,
            )
        today = fields.Date.context_today(self)
        locks = company.sudo()._get_violated_lock_dates(today, True, journal)
        if locks:
            return self.env._(
                "The books of %(company)s are closed until %(date)s. Ask accounting to "
                "open the period.",
                company=company.name,
                date=format_date(self.env, max(lock[0] for lock in locks)),
            )
        return False

    @api.model
    def _chain_sale_journal(self, company):
        journals = self.env["account.journal"].sudo()
        return journals.search(
            [*journals._check_company_domain(company), ("type", "=", "sale")], limit=1
        )

    def _chain_account_reasons(self, company):
        """:return: ``{order id: [reasons]}`` of the products that no income account is
        known for
        """
        if self._chain_sale_journal(company).default_account_id:
            return {}
        orders = self.sudo().with_company(company)
        products = orders.order_line.product_id
        lacking = products.filtered(lambda x: not x._get_product_accounts()["income"])
        return {
            order.id: [
                ChainReason(
                    self.env._(
                        "Product %(product)s has no income account. Ask accounting to "
                        "set one.",
                        product=product.display_name,
                    ),
                    product.sudo(False),
                )
                for product in order.order_line.product_id & lacking
            ]
            for order in orders
        }

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
