from odoo import models
from odoo.tools import SQL


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _revision_content(self, facts):
        """
        :param facts: of :meth:`_revision_facts`
        :return: what one line says, as JSON; see the order's method
        """
        self.ensure_one()
        return {
            "id": self.id,
            "product_id": self.product_id.id,
            "display_type": self.display_type,
            "name": self.name,
            "product_uom_qty": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
            "counted_qty": self.counted_qty,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": facts[self.id][0],
            "price_subtotal": self.price_subtotal,
        }

    def _revision_facts(self):
        """:return: ``{line id: (ids of its taxes, ids of its product's taxes, cost)}``,
            of any lines; one query for each company
        """
        found = {}
        for company, lines in self.grouped("company_id").items():
            products = self.env["product.product"].with_company(company)
            cost = products._field_to_sql("product", "standard_price")
            self.flush_recordset(["product_id", "tax_ids"])
            rows = self.env.execute_query(
                SQL(
                    """SELECT line.id,
                              ARRAY(SELECT account_tax_id
                                      FROM account_tax_sale_order_line_rel
                                     WHERE sale_order_line_id = line.id
                                  ORDER BY account_tax_id),
                              ARRAY(SELECT tax_id
                                      FROM product_taxes_rel
                                     WHERE prod_id = product.product_tmpl_id
                                  ORDER BY tax_id),
                              %s
                         FROM sale_order_line AS line
                    LEFT JOIN product_product AS product
                           ON product.id = line.product_id
                        WHERE line.id IN %s""",
                    cost,
                    tuple(lines.ids),
                )
            )
            found.update({x[0]: (x[1], x[2], float(x[3] or 0)) for x in rows})
        return found
