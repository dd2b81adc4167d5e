from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import str2bool
from odoo.tools.misc import formatLang


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    chain_invoice_ids = fields.Many2many(
        comodel_name="account.move",
        string="Invoices Made",
        readonly=True,
        help="What this wizard has made already: pressing again shows it.",
    )

    def create_invoices(self):
        """Core makes the invoices as often as it is asked to. Here one wizard makes
        them once, and (setting) no down payment takes an order over its total.

        :raise UserError: a down payment is more than is left of the order
        """
        self.sale_order_ids._chain_queue_up()
        if invoices := self.chain_invoice_ids:
            return self.sale_order_ids.action_view_invoice(invoices=invoices)
        if self._chain_amount_limited():
            self._chain_check_amount()
        return super().create_invoices()

    def _create_invoices(self, sale_orders):
        invoices = super()._create_invoices(sale_orders)
        self.chain_invoice_ids = invoices
        return invoices

    def _chain_amount_limited(self):
        param = self.env["ir.config_parameter"].sudo()
        name = "sale_stock_invoice_link.down_payment_within_order"
        return str2bool(param.get_param(name), False)

    def _chain_check_amount(self):
        for wizard in self.filtered(lambda x: x.advance_payment_method != "delivered"):
            order = wizard.sale_order_ids.ensure_one()
            amount = wizard.fixed_amount
            if wizard.advance_payment_method == "percentage":
                amount = order.amount_total * wizard.amount / 100
            left = order.amount_total - order._chain_invoiced_amount()
            if order.currency_id.compare_amounts(amount, max(left, 0)) > 0:
                raise UserError(
                    self.env._(
                        "%(order)s comes to %(total)s, of which %(left)s is not "
                        "invoiced yet. A down payment of %(amount)s would be too much.",
                        order=order.name,
                        total=wizard._chain_format(order.amount_total),
                        left=wizard._chain_format(max(left, 0)),
                        amount=wizard._chain_format(amount),
                    )
                )

    def _chain_format(self, amount):
        currency = self.sale_order_ids.currency_id
        return formatLang(self.env, amount, currency_obj=currency)
