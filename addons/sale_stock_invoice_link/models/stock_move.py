from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _chain_free_quantities(self):
        """What can still be reserved for these moves, one read a location.

        :return: ``{(location, product): quantity in the product's unit}``
        """
        return {
            (location, product.with_env(self.env)): product.free_qty
            for location, moves in self.grouped("location_id").items()
            for product in moves.product_id.with_context(location=location.id)
        }
