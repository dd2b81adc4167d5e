from odoo import models

from odoo.addons.crm_pipeline_ext.batch import collecting


class StockMove(models.Model):
    _inherit = "stock.move"

    def _assign_picking(self):
        """Core creates each order's transfer and tells it the order; a step of the
        chain adds the messages and followers of all transfers at once.
        """
        return super(StockMove, collecting(self))._assign_picking()

    def _chain_shortages(self, orders):
        """The moves that stock does not suffice for, the orders served in turn: what
        one takes the next cannot have.

        :param orders: the orders of these moves, first served first
        :return: pairs of a move and the reason
        """
        free = self._chain_free_quantities()
        turn = {order_id: number for number, order_id in enumerate(orders.ids)}
        for move in self.sorted(lambda move: turn[move.picking_id.sale_id.id]):
            missing = move._chain_take(free)
            if missing:
                yield move, move.product_id._chain_shortage(missing, move.location_id)

    def _chain_free_quantities(self):
        """What can still be reserved for these moves, one read a location.

        :return: ``{(location, product): quantity in the product's unit}``
        """
        return {
            (location, product.with_env(self.env)): product.free_qty
            for location, moves in self.grouped("location_id").items()
            for product in moves.product_id.with_context(location=location.id)
        }

    def _chain_take(self, free):
        """Take what this move lacks from ``free``.

        :param free: as :meth:`_chain_free_quantities` returns it; is changed
        :return: what is missing then, in the product's unit
        """
        self.ensure_one()
        unit, key = self.product_id.uom_id, (self.location_id, self.product_id)
        reserved = self.product_uom._compute_quantity(self.quantity, unit)
        lacks = self.product_qty - reserved
        taken = min(lacks, max(free[key], 0.0))
        free[key] -= taken
        return unit.round(lacks - taken)

    def _chain_waits(self, orders):
        """The moves that wait for transfers which are not of ``orders`` themselves.

        :return: pairs of a move and the reason
        """
        for move in self:
            origins = move.move_orig_ids.filtered(
                lambda origin: origin.state not in ("done", "cancel")
            )
            if others := origins.picking_id - orders.picking_ids:
                yield (
                    move,
                    self.env._(
                        "%(product)s waits for %(transfers)s.",
                        product=move.product_id.display_name,
                        transfers=others.mapped("name"),
                    ),
                )
