from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    _create_uid_idx = models.Index("(create_uid)")

    @api.depends_context("uid")
    def _get_invoiced(self):
        """Count, for a user of the own role, the invoices that he may read.

        Whoever reads an order need not read its invoices (an order handed over
        by its creator, an invoice given to a colleague). Core then raises as soon
        as another field has brought the invoice lines into the cache.
        """
        if self.env.su or not self.env.user._sees_own_documents_only():
            return super()._get_invoiced()
        super(SaleOrder, self.sudo())._get_invoiced()
        readable = self.invoice_ids._filtered_access("read")
        for order in self:
            order.invoice_ids &= readable
            order.invoice_count = len(order.invoice_ids)
        return None
