from odoo import models
from odoo.tools.misc import formatLang

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _chain_shortages(self, demands):
        """What stock will not suffice for, the demands served in turn.

        :param demands: tuples of a record, a warehouse, a product, a unit and a
            quantity in that unit
        :return: ``{record id: [reasons]}``
        """
        free, reasons = {}, {}
        stored = [x for x in demands if x[2].is_storable]
        by_warehouse = {}
        for _record, warehouse, product, _unit, _quantity in stored:
            by_warehouse.setdefault(warehouse, self.browse())
            by_warehouse[warehouse] |= product
        for warehouse, products in by_warehouse.items():
            here = products.with_context(warehouse_id=warehouse.id)
            free.update({(warehouse, x.id): x.free_qty for x in here})
        for record, warehouse, product, unit, quantity in stored:
            wanted = unit._compute_quantity(quantity, product.uom_id)
            left = free[warehouse, product.id]
            free[warehouse, product.id] = max(left - wanted, 0)
            missing = product.uom_id.round(wanted - max(left, 0))
            if product.uom_id.compare(missing, 0) > 0:
                reasons.setdefault(record.id, []).append(
                    product._chain_shortage(missing, warehouse)
                )
        return reasons

    def _chain_shortage(self, missing, place):
        """:return: the reason why one product is short by ``missing`` of its unit

        :param place: a location or warehouse
        """
        text = self.env._(
            "Not enough %(product)s in stock: %(missing)s %(unit)s missing in "
            "%(location)s.",
            product=self.display_name,
            missing=formatLang(self.env, missing, dp="Product Unit"),
            unit=self.uom_id.name,
            location=place.display_name,
        )
        return ChainReason(text, self)

    def _drift_free(self, warehouse):
        """:return: ``{product: what is there and not reserved}``; one query, without
            what is expected
        """
        groups = self.env["stock.quant"].sudo()._read_group(
            [
                ("product_id", "in", self.ids),
                ("location_id.warehouse_id", "=", warehouse.id),
                ("location_id.usage", "=", "internal"),
            ],
            ["product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        return {product: there - taken for product, there, taken in groups}
