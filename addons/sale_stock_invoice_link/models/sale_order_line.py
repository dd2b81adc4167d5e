from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _drift_stock(self):
        """What is free of the products in the warehouse of their order, today; one
        query a warehouse. What is not kept in stock has none, and reading which it is
        would be a query more.
        """
        found = super()._drift_stock()
        for warehouse, lines in self.grouped(
            lambda line: line.order_id.warehouse_id
        ).items():
            free = lines.product_id._drift_free(warehouse)
            found.update({line: free.get(line.product_id, 0) for line in lines})
        return found
