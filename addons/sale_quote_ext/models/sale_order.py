from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "crm.chain.mixin"]

    # The same quotation by the same person within this time is a second click.
    _chain_twin_age = timedelta(minutes=1)

    @api.model_create_multi
    def create(self, vals_list):
        """
        :raise UserError: the user has just created the same quotation of the same
            opportunity, such as by clicking twice
        """
        given = self.env.context.get("default_opportunity_id")
        ids = {vals.get("opportunity_id", given) for vals in vals_list} - {False, None}
        self.env["crm.lead"].browse(ids)._chain_queue_up()
        orders = super().create(vals_list)
        if ids and not self.env.context.get("chain_copy"):
            orders._chain_check_twins()
        return orders

    def copy(self, default=None):
        """Who duplicates a quotation wants a second one."""
        copies = super(SaleOrder, self.with_context(chain_copy=True)).copy(default)
        return copies.with_context(chain_copy=False)

    def _chain_check_twins(self):
        others = self.search(
            [
                ("opportunity_id", "in", self.opportunity_id.ids),
                ("create_uid", "=", self.env.uid),
                ("create_date", ">", fields.Datetime.now() - self._chain_twin_age),
                ("state", "in", ("draft", "sent")),
                ("id", "not in", self.ids),
            ]
        )
        contents = {other._chain_content(): other for other in others}
        for order in self.filtered(lambda x: x.opportunity_id in others.opportunity_id):
            if twin := contents.get(order._chain_content()):
                raise UserError(
                    self.env._(
                        "You have just created the same quotation: %(quotation)s. Open "
                        "that one, or duplicate it if you want two.",
                        quotation=twin.name,
                    )
                )

    def _chain_content(self):
        """:return: what makes one quotation the same as another"""
        lines = sorted(
            (x.product_id.id, x.product_uom_id.id, x.product_uom_qty, x.price_subtotal)
            for x in self.order_line
        )
        return self.opportunity_id, self.partner_id, self.currency_id, tuple(lines)

    # Step: send

    def _chain_send_needed(self):
        return self.filtered(lambda order: order.state == "draft")

    def _chain_send_blockers(self):
        blockers = self._chain_empty_blockers()
        templates = self._chain_mail_templates()
        for order in self:
            blockers[order.id] += order._chain_mail_reasons(order.partner_id)
            if not templates[order]:
                blockers[order.id].append(
                    self.env._(
                        "The e-mail template for quotations is missing. Ask an "
                        "administrator to restore it."
                    )
                )
        return blockers

    def _chain_mail_templates(self):
        """Core looks each time whether the template is still there.

        :return: ``{order: template}``, asked once for orders that are alike
        """
        alike = self.grouped(
            lambda order: (order.state, order.company_id, order.sale_order_template_id)
        )
        return {
            order: template
            for orders in alike.values()
            for template in [orders[:1]._find_mail_template()]
            for order in orders
        }

    def _chain_mail_reasons(self, partner):
        """:return: why no document can be sent to ``partner``"""
        reasons = self._chain_pdf_reasons()
        if not partner.email:
            reasons.append(
                ChainReason(
                    self.env._(
                        "Its customer %(customer)s has no e-mail address. Add one.",
                        customer=partner.display_name,
                    ),
                    partner,
                )
            )
        return reasons

    @api.model
    def _chain_pdf_reasons(self):
        """:return: why no document can be sent to anybody"""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() != "install":
            return []
        return [
            self.env._(
                "The server cannot make PDF files. Ask an administrator to install "
                "wkhtmltopdf."
            )
        ]

    def _chain_send_do(self):
        """Send by core's own composer, with the template each quotation calls for."""
        templates = self._chain_mail_templates()
        for template, orders in self.grouped(templates.get).items():
            orders._chain_send_with(template)

    def _chain_send_with(self, template):
        """The composer core opens for one quotation, used for all: it renders their
        texts together, and leaves several e-mails to the queue. As after sending by
        hand, the sender follows them.
        """
        self._message_subscribe(partner_ids=self.env.user.partner_id.ids)
        context = {
            **self[:1].action_quotation_send()["context"],
            "default_res_ids": self.ids,
            "default_template_id": template.id,
        }
        composer = self.env["mail.compose.message"].with_context(**context).create({})
        composer._action_send_mail()
        if not composer.force_send:
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

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
        for order, reason in self._chain_credit_reasons():
            blockers[order.id].append(reason)
        return blockers

    def _chain_order_foreseen(self):
        return self._chain_order_blockers()

    def _chain_credit_reasons(self):
        """Core warns on the form of an order that takes its customer over his credit
        limit. Who confirms many at once does not see that form; they count together.

        :return: pairs of an order and the reason
        """
        limited = self.filtered("company_id.account_use_credit_limit")
        for (company, customer), orders in limited.grouped(
            lambda x: (x.company_id, x.partner_id.commercial_partner_id)
        ).items():
            amount = 0
            for order in orders:
                amount += order.amount_total / order.currency_rate
                warning = self.env["account.move"]._build_credit_warning_message(
                    order.sudo().with_company(company), current_amount=amount
                )
                if warning:
                    yield (
                        order,
                        ChainReason(
                            self.env._(
                                "%(warning)s. Confirm it by hand if you want to.",
                                warning=" – ".join(warning.splitlines()),
                            ),
                            customer,
                        ),
                    )

    def _chain_order_do(self):
        self.action_confirm()

    # Preview

    def _chain_amounts(self):
        return {order.id: (order.amount_total, order.currency_id) for order in self}

    def _chain_total(self, currency):
        """:return: the total of one order in ``currency``, at the rate of its date"""
        return self.currency_id._convert(
            self.amount_total, currency, self.company_id, self.date_order
        )

    @api.model
    def _chain_chunk_limit(self, step):
        """Sending takes a second or two for each PDF file that goes with it."""
        limit = super()._chain_chunk_limit(step)
        with_file = Domain("model", "=", self._name) & Domain(
            "report_template_ids", "!=", False
        )
        if step == "send" and self.env["mail.template"].sudo().search(
            with_file, limit=1
        ):
            limit = min(limit, 20)
        return limit

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
