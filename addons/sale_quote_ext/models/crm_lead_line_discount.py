from odoo import models

from odoo.addons.crm_pipeline_ext.models.chain_reason import ChainReason


class CrmLeadLine(models.Model):
    """The discount a product of the opportunity will have on the quotation."""

    _inherit = "crm.lead.line"

    def _discounts_foreseen(self):
        """:return: ``{line: percent}`` off the list price, as the quotation would have
        it: two calls of the pricelist for all lines of one quantity and unit
        """
        found = {}
        for (pricelist, level, unit, quantity), lines in self.grouped(
            lambda line: (
                line.lead_id._chain_pricelist(),
                line.lead_id.customer_level_id,
                line.product_uom_id,
                line.product_uom_qty,
            )
        ).items():
            currency = pricelist.currency_id or lines.env.company.currency_id
            what = {"quantity": quantity, "uom": unit, "currency": currency}
            prices = pricelist._compute_price_rule(
                lines.product_id, **what, customer_level=level
            )
            listed = pricelist.browse()._compute_price_rule(lines.product_id, **what)
            for line in lines:
                list_price = listed[line.product_id.id][0]
                if line.price_agreed:
                    price = line._price_on_quotation(currency)
                    price *= 1 - line.discount / 100
                else:
                    found_price = prices[line.product_id.id]
                    price = line._discounted_price(list_price, *found_price)
                if list_price > 0:
                    found[line] = 100 * (1 - price / list_price)
        return found

    def _discounted_price(self, list_price, price, rule_id):
        """:return: the price of the quotation: where a rule is shown as a discount, the
        discount that was noted stands in its place
        """
        rule = self.env["product.pricelist.item"].browse(rule_id)
        if self.discount and rule._show_discount():
            price = list_price
        return price * (1 - self.discount / 100)

    def _discount_reason(self, percent, limit):
        text = self.env["sale.order"]._discount_text
        return ChainReason(
            self.env._(
                "%(product)s has a discount of %(discount)s %% off its list price; the "
                "limit is %(limit)s %%. Lower it, or request an approval on the "
                "quotation.",
                product=self.product_id.display_name,
                discount=text(percent),
                limit=text(limit),
            ),
            self.lead_id,
        )
