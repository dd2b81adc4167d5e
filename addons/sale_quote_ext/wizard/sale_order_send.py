from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderSend(models.TransientModel):
    """What would be sent to whom, before it is."""

    _name = "sale.order.send"
    _description = "Send Quotations"

    line_ids = fields.One2many(
        comodel_name="sale.order.send.line", inverse_name="send_id", string="Quotations"
    )
    ready_count = fields.Integer(string="To Be Sent", compute="_compute_counts")
    blocked_count = fields.Integer(string="Not Sent", compute="_compute_counts")
    in_background = fields.Boolean(compute="_compute_counts")

    @api.depends("line_ids.ready")
    def _compute_counts(self):
        limit = self.env["sale.order"]._send_limit()
        for wizard in self:
            ready = wizard.line_ids.filtered("ready")
            wizard.ready_count = len(ready)
            wizard.blocked_count = len(wizard.line_ids - ready)
            wizard.in_background = len(ready) > limit

    def action_send(self):
        """Send what can be: a few at once, many by a run in the background.

        :return: what tells the user about it
        :raise UserError: nothing can be sent
        :raise AccessError: the user may not change one of the quotations
        """
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        self.check_access("write")
        orders = self.line_ids.filtered("ready").order_id
        if not orders:
            raise UserError(self.env._("None of these quotations can be sent."))
        if len(orders) > orders._send_limit():
            return self._send_by_run(orders)
        action = orders.action_chain_step("send")
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    def _send_by_run(self, orders):
        run = self.env["crm.chain.run"].create(
            {
                "res_model": orders._name,
                "last_step": "send",
                "line_ids": [(0, 0, {"res_id": order_id}) for order_id in orders.ids],
            }
        )
        run.action_start()
        return run._get_records_action(context={})

    # Preview

    def _preview(self, orders):
        """Write down what would be sent, in as many queries for many as for few."""
        self.ensure_one()
        reasons = orders._send_reasons()
        languages = orders._send_languages()
        ready = [order for order in orders if not reasons[order]]
        if len(ready) > orders._send_limit():
            for order in ready:
                if "send" not in order._chain_policy()._steps("send"):
                    reasons[order].append(self._too_many(orders._send_limit()))
        self.env["sale.order.send.line"].create(
            [
                {
                    "send_id": self.id,
                    "order_id": order.id,
                    "email": order.partner_id.email,
                    "language": languages[order],
                    "ready": not reasons[order],
                    "reason": " ".join(map(str, reasons[order])),
                }
                for order in orders.sorted(lambda x: bool(reasons[x]), reverse=True)
            ]
        )

    def _too_many(self, limit):
        return self.env._(
            "Its chain policy leaves out the sending, so it cannot be sent in the "
            "background. Send at most %(limit)s at a time.",
            limit=limit,
        )


class SaleOrderSendLine(models.TransientModel):
    _name = "sale.order.send.line"
    _description = "Quotation to Send"

    send_id = fields.Many2one(
        comodel_name="sale.order.send", required=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", required=True, ondelete="cascade"
    )
    # with the rights of the user, whichever quotation another program names
    partner_id = fields.Many2one(related="order_id.partner_id", related_sudo=False)
    amount_total = fields.Monetary(related="order_id.amount_total", related_sudo=False)
    currency_id = fields.Many2one(related="order_id.currency_id", related_sudo=False)
    email = fields.Char(string="E-mail")
    language = fields.Char(help="Of the e-mail and its PDF file.")
    ready = fields.Boolean(string="Will Be Sent")
    reason = fields.Text(string="Why Not")
