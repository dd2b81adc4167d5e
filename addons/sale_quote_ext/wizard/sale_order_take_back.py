from hashlib import sha1

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class SaleOrderTakeBack(models.TransientModel):
    """Shows what differs between quotations and their opportunities, and takes it
    over.
    """

    _name = "sale.order.take.back"
    _description = "Take Back to the Opportunity"

    order_ids = fields.Many2many(comodel_name="sale.order", string="Quotations")
    candidate_ids = fields.Many2many(
        comodel_name="sale.order", compute="_compute_candidate_ids"
    )
    difference = fields.Html(compute="_compute_difference", sanitize=False)
    has_difference = fields.Boolean(compute="_compute_difference")
    shown = fields.Char(
        compute="_compute_shown",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="What was seen, so that nothing else is taken over.",
    )

    @api.depends("order_ids")
    def _compute_candidate_ids(self):
        for wizard in self:
            leads = wizard.order_ids.opportunity_id
            wizard.candidate_ids = leads.sudo(False)._take_back_orders()

    @api.depends("order_ids")
    def _compute_difference(self):
        for wizard in self:
            rows = wizard._rows()
            wizard.has_difference = bool(rows)
            wizard.difference = self.env["ir.qweb"]._render(
                "sale_quote_ext.take_back_difference", {"rows": rows}
            )

    @api.depends("order_ids")
    def _compute_shown(self):
        for wizard in self:
            wizard.shown = sha1(repr(wizard._rows()).encode()).hexdigest()

    def action_apply(self):
        """Make the opportunities' products what they are on the quotations.

        :raise UserError: the quotations or the opportunities have changed since they
            were shown, or somebody else is at work on them
        :raise AccessError: the user may not change the opportunities
        """
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        for wizard in self:
            wizard.check_access("write")
            wizard.order_ids._take_back_check()
            wizard._lock()
            if wizard.shown != sha1(repr(wizard._rows()).encode()).hexdigest():
                raise UserError(
                    self.env._(
                        "The quotation or its opportunity has been changed meanwhile. "
                        "Look at the differences again."
                    )
                )
            orders = wizard.order_ids
            orders._take_back(orders._take_back_changes())
        return {"type": "ir.actions.act_window_close"}

    def _lock(self):
        leads = self.order_ids.opportunity_id
        leads.check_access("write")
        if leads - leads.try_lock_for_update(allow_referencing=True):
            raise UserError(leads._chain_busy())

    def _rows(self):
        """:return: a dict of texts for each product that differs"""
        orders = self.env["sale.order"].browse(sorted(self.order_ids._origin.ids))
        if not orders:
            return []
        orders._take_back_check()
        return [
            self._row(order, change)
            for order, changes in orders._take_back_changes().items()
            for change in changes
        ]

    def _row(self, order, change):
        lead = order.opportunity_id
        currency = lead.company_currency or order.company_id.currency_id
        known = change.now or change.was
        return {
            "opportunity": lead.display_name,
            "order": order.name,
            "product": known.product.display_name,
            "new": not change.was,
            "gone": not change.now,
            "was": self._texts(change.was, currency),
            "now": self._texts(change.now, currency),
        }

    def _texts(self, taken, currency):
        if not taken:
            return {}
        price = formatLang(self.env, taken.price, dp="Product Price")
        return {
            "quantity": f"{self._number(taken.quantity)} {taken.unit.display_name}",
            "price": price,
            "discount": f"{self._number(taken.discount)} %",
            "amount": formatLang(self.env, taken.amount, currency_obj=currency),
        }

    def _number(self, number):
        digits = next((n for n in (0, 1) if number == round(number, n)), 2)
        return formatLang(self.env, number, digits=digits)
