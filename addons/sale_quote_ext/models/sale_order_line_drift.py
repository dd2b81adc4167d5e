from odoo import api, fields, models
from odoo.tools import float_compare
from odoo.tools.sql import column_exists, create_column

from ..quotation_today import CONTEXT_KEY, Today, today_of

DIGITS = "Product Price"


class SaleOrderLine(models.Model):
    """What the products of a quotation cost now, beside what they cost when it was
    sent.
    """

    _inherit = "sale.order.line"

    pricelist_discount = fields.Float(
        string="Discount by the Pricelist (%)",
        compute="_compute_pricelist_discount",
        store=True,
        readonly=False,
        precompute=True,
        exportable=False,
        help="What the pricelist took off when it gave the line its price; a discount "
        "by hand changes nothing of it.",
    )

    @api.depends("product_id", "product_uom_id", "product_uom_qty", "counted_qty")
    def _compute_pricelist_discount(self):
        """As core finds the discount, which others may change. No query where prices
        show no discount.
        """
        self.pricelist_discount = 0
        if not self.env["product.pricelist.item"]._is_discount_feature_enabled():
            return
        for line in self.filtered("order_id.pricelist_id")._drift_lines():
            if not line.pricelist_item_id._show_discount():
                continue
            asking = line.with_company(line.company_id)
            before = asking._get_pricelist_price_before_discount()
            price = asking._get_pricelist_price()
            if before > 0 and price < before:
                line.pricelist_discount = (before - price) / before * 100

    def _auto_init(self):
        """The lines of a database in use stay as they are: nobody knows any more."""
        if not column_exists(self.env.cr, self._table, "pricelist_discount"):
            create_column(self.env.cr, self._table, "pricelist_discount", "float8")
        return super()._auto_init()

    def _get_order_date(self):
        today = today_of(self.env)
        return today.now if today else super()._get_order_date()

    def _drift_lines(self):
        """:return: those of these lines whose price the pricelist gives"""
        return self.filtered(
            lambda line: line.product_id
            and not line.display_type
            and not line.is_downpayment
            and not line.is_expense
            and not line.combo_item_id
            and not line._is_global_discount()
        )

    def _drift_basis(self, facts):
        """What a revision remembers of each line besides what it says; without a query,
        apart from that for the stock.

        :param self: lines as superuser
        :param facts: of :meth:`_revision_facts`
        :return: ``{line: {"price": …, "tax_ids": […], "cost": …, "stock": …}}``:
            price (after the rule's discount) in the currency and unit of the line,
            cost in that of the company and the product's unit, the product's own
            taxes, and where it is kept in stock what is free of it, in its unit
        """
        lines = self._drift_lines()
        stock = lines._drift_stock()
        return {
            line: {
                "price": line._drift_price_given(),
                "tax_ids": facts[line.id][1],
                "cost": facts[line.id][2],
                "stock": stock.get(line),
            }
            for line in lines
        }

    def _drift_basis_now(self):
        """:return: as :meth:`_drift_basis`, with the prices of today; a combo has none
            of its own
        """
        lines = self.filtered(lambda line: line.product_type != "combo")
        basis = lines._drift_basis(lines._revision_facts())
        lines = self.browse(line.id for line in basis)
        asking = lines.with_context(**{CONTEXT_KEY: Today(lines.product_id)})
        asking.invalidate_recordset(["pricelist_item_id"], flush=False)
        for line in asking:
            company = line.with_company(line.company_id)
            price = company._discount_with_taxes(company._get_pricelist_price())
            basis[lines.browse(line.id)]["price"] = price
        asking.invalidate_recordset(["pricelist_item_id"], flush=False)
        return basis

    def _drift_price_given(self):
        """:return: what the pricelist gave one line when it was priced; 0: nobody asked
            it
        """
        return self.technical_price_unit * (1 - self.pricelist_discount / 100)

    def _drift_stock(self):
        """:return: ``{line: what is free of its product, in the product's unit}``, of
            the lines with a product kept in stock; for extensions
        """
        return {}

    # Beside the revision

    def _drift_is_of(self, said):
        """:return: whether this line still sells what a revision ``said``"""
        return (
            said.get("product_id") == self.product_id.id
            and said.get("product_uom_id") == self.product_uom_id.id
            and said.get("product_uom_qty") == self.product_uom_qty
            and said.get("counted_qty") == self.counted_qty
        )

    def _drift_by_hand(self, basis):
        """:return: whether somebody gave one line another price or discount than the
            pricelist, whose price was that of ``basis``
        """
        price = self.price_unit * (1 - self.discount / 100)
        # a discount in percent has two digits
        allowed = abs(basis["price"]) * 0.0001
        gap = abs(price - basis["price"]) - allowed
        return float_compare(gap, 0, precision_digits=self._drift_digits()) > 0

    def _drift_since(self, before, now):
        """How the basis of one line has changed.

        :return: ``{kind: (was, is)}`` with the kinds ``price``, ``tax``, ``cost`` and
            ``stock``; values as in the basis, those of ``tax`` as taxes
        """
        digits, found = self._drift_digits(), {}
        price = before["price"]
        if price and float_compare(price, now["price"], precision_digits=digits):
            found["price"] = price, now["price"]
        if taxes := self._drift_taxes(before["tax_ids"], now["tax_ids"]):
            found["tax"] = taxes
        tolerance = self.company_id.quotation_drift_cost * abs(before["cost"]) / 100
        gap = abs(now["cost"] - before["cost"]) - tolerance
        if float_compare(gap, 0, precision_digits=digits) > 0:
            found["cost"] = before["cost"], now["cost"]
        if None not in (before["stock"], now["stock"]):
            wanted = self.product_uom_id._compute_quantity(
                self.product_uom_qty, self.product_id.uom_id
            )
            if before["stock"] >= wanted > now["stock"]:
                found["stock"] = before["stock"], now["stock"]
        return found

    def _drift_taxes(self, before, now):
        """:return: the taxes of one line's product before and now, if they differ; its
            own twice, if their rate does
        """
        if before != now:
            taxes = self.env["account.tax"].browse({*before, *now}).exists()
            taxes = taxes._filter_taxes_by_company(self.company_id)
            was = taxes.filtered(lambda tax: tax.id in before)
            current = taxes.filtered(lambda tax: tax.id in now)
            if was != current:
                return [was, current]
        return [self.tax_ids] * 2 if self._drift_tax_rate() else []

    def _drift_tax_rate(self):
        """:return: whether the taxes of one line would come to another amount now"""
        sent = self.order_id.quotation_sent_date
        if not sent or all(tax.write_date < sent for tax in self.tax_ids):
            return False
        taxes = self.env["account.tax"]
        base = self._prepare_base_line_for_taxes_computation()
        taxes._add_tax_details_in_base_line(base, self.company_id)
        taxes._round_base_lines_tax_details([base], self.company_id)
        total = base["tax_details"]["total_included_currency"]
        return bool(self.currency_id.compare_amounts(total, self.price_total))

    def _drift_digits(self):
        return self.env["decimal.precision"].precision_get(DIGITS)
