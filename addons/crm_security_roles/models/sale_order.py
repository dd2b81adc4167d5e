from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    _create_uid_idx = models.Index("(create_uid)")

    @api.depends_context("uid")
    def _get_invoiced(self):
        """Count, for a user of the own role, the invoices that he may read.

        Whoever reads an order need not read its invoices (an order handed over
        by its creator, an invoice given to a colleague). Core then raises as soon
        as another field has brought the invoice lines into the cache. What the
        superuser looks up for him must not stay there either: hence the context.
        """
        if self.env.su or not self.env.user._sees_own_documents_only():
            return super()._get_invoiced()
        orders = self.sudo()
        super(SaleOrder, orders)._get_invoiced()
        readable = orders.invoice_ids.with_env(self.env)._filtered_access("read")
        for order in self:
            order.invoice_ids = order.sudo().invoice_ids.with_env(self.env) & readable
            order.invoice_count = len(order.invoice_ids)
        return None
