from odoo import api, fields, models
from odoo.tools import float_compare


class CrmLeadLine(models.Model):
    """What a product of the opportunity costs: what its quotation will ask for it,
    without taxes, in the opportunity's currency.
    """

    _inherit = "crm.lead.line"

    note = fields.Text(help="Added to the description of the product on the quotation.")
    currency_id = fields.Many2one(related="lead_id.company_currency")
    price_agreed = fields.Boolean(
        string="Agreed Price",
        compute="_compute_price_agreed",
        store=True,
        readonly=False,
        precompute=True,
        help="The price is not the pricelist's: it was agreed on a quotation, and the "
        "next quotation keeps it. Another product, unit or customer ends that.",
    )
    price_unit = fields.Float(
        string="Unit Price",
        min_display_digits="Product Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="By the customer's pricelist and level, without taxes, before the "
        "discount of this line.",
    )
    price_subtotal = fields.Monetary(
        string="Amount",
        compute="_compute_price_subtotal",
        store=True,
        precompute=True,
        help="Without taxes.",
    )

    @api.depends("product_id", "product_uom_id", "lead_id.partner_id")
    def _compute_price_agreed(self):
        self.price_agreed = False

    @api.depends(
        "product_id",
        "product_uom_id",
        "product_uom_qty",
        "discount",
        "price_agreed",
        "lead_id.partner_id",
    )
    def _compute_price_unit(self):
        listed = self.filtered(lambda line: not line.price_agreed)
        for line, price in listed._pricelist_prices().items():
            line.price_unit = price

    @api.depends("price_unit", "product_uom_qty", "discount")
    def _compute_price_subtotal(self):
        for line in self:
            amount = line.price_unit * line.product_uom_qty * (1 - line.discount / 100)
            currency = line.currency_id or line.env.company.currency_id
            line.price_subtotal = currency.round(amount)

    @api.model_create_multi
    def create(self, vals_list):
        """Who gives a price, such as by an import, has agreed on it."""
        return super().create([self._agree(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._agree(vals))

    @api.model
    def _agree(self, vals):
        return {"price_agreed": True, **vals} if "price_unit" in vals else vals

    def _agree_on(self, prices):
        """Keep those of ``prices`` that are not the pricelist's.

        :param prices: ``{line: price}``, as of ``price_unit``
        """
        listed = self.browse([line.id for line in prices])._pricelist_prices()
        digits = self.env["decimal.precision"].precision_get("Product Price")
        for line, price in prices.items():
            agreed = float_compare(price, listed[line], precision_digits=digits) != 0
            line.write({"price_unit": price, "price_agreed": agreed})

    # Prices

    def _pricelist_prices(self):
        """One call of the pricelist for all lines of one customer's terms, quantity
        and unit.

        :return: ``{line: price}`` as of ``price_unit``, of lines with a product
        """
        prices, positions = {}, {}
        rules = self.env["product.pricelist.item"]
        for terms, lines in self.filtered("product_id").grouped(
            lambda line: line._price_terms()
        ).items():
            pricelist, currency, rate, *what = terms
            names = ("customer_level", "uom", "quantity")
            what = dict(zip(names, what, strict=True), currency=currency)
            found = pricelist._compute_price_rule(lines.product_id, **what)
            for line in lines:
                price, rule_id = found[line.product_id.id]
                rule = rules.browse(rule_id)
                if line.discount and rule._show_discount():
                    price = line._price_before_rule(rule, **what)
                prices[line] = line._price_without_taxes(price * rate, positions)
        return prices

    def _price_terms(self):
        """:return: what lines must have in common to be priced together"""
        lead = self.lead_id
        own = lead.company_currency or self.env.company.currency_id
        pricelist = lead._chain_pricelist()
        currency = pricelist.currency_id or own
        return (
            pricelist,
            currency,
            currency._get_conversion_rate(currency, own, lead._chain_company()),
            lead.partner_id._customer_level(),
            self.product_uom_id or self.product_id.uom_id,
            self._price_quantity() or 1.0,
        )

    def _price_quantity(self):
        """:return: the quantity that one line is priced for"""
        return self.product_uom_qty

    def _price_before_rule(self, rule, quantity, uom, currency, customer_level):
        """:return: what the quotation shows where a line has a discount of its own and
        the rule is one that is shown as a discount
        """
        return rule._compute_price_before_discount(
            self.product_id,
            quantity,
            uom=uom,
            date=fields.Datetime.now(),
            currency=currency,
            customer_level=customer_level,
        )

    def _price_without_taxes(self, price, positions):
        """:return: ``price``, of a quotation, without the taxes it includes
        :param positions: fiscal positions found so far, to be added to
        """
        if not self._price_included_taxes():
            return price
        taxes = self._price_taxes(positions)
        price = self.product_id._get_tax_included_unit_price_from_price(
            price, product_taxes=self._product_taxes(), product_taxes_after_fp=taxes
        )
        return taxes.compute_all(
            price,
            self.currency_id,
            product=self.product_id,
            rounding_method="round_globally",
        )["total_excluded"]

    def _price_on_quotation(self, currency):
        """:return: the unit price of one line as a quotation in ``currency`` has it:
        with the taxes that prices include
        """
        self.ensure_one()
        price = self.price_unit
        if self._price_included_taxes():
            taxes = self._price_taxes({}).flatten_taxes_hierarchy()
            price = taxes.filtered("price_include").compute_all(
                price,
                self.currency_id,
                product=self.product_id,
                handle_price_include=False,
                rounding_method="round_globally",
            )["total_included"]
        company = self.lead_id._chain_company()
        return self.currency_id._convert(
            price, currency, company, fields.Date.today(), round=False
        )

    def _product_taxes(self):
        company = self.lead_id._chain_company()
        return self.product_id.taxes_id._filter_taxes_by_company(company)

    def _price_included_taxes(self):
        taxes = self._product_taxes().flatten_taxes_hierarchy()
        return taxes.filtered("price_include")

    def _price_taxes(self, positions):
        """:return: the taxes one line will have on the quotation
        :param positions: as of :meth:`_price_without_taxes`
        """
        company, partner = self.lead_id._chain_company(), self.lead_id.partner_id
        if (company, partner) not in positions:
            found = self.env["account.fiscal.position"].with_company(company)
            positions[company, partner] = found._get_fiscal_position(partner)
        return positions[company, partner].map_tax(self._product_taxes())

    # Quotation

    def _prepare_order_line_vals(self):
        vals = super()._prepare_order_line_vals()
        if self.note:
            product = self.product_id.with_context(lang=self.lead_id.partner_id.lang)
            text = product.get_product_multiline_description_sale()
            vals["name"] = f"{text}\n{self.note}"
        if self.price_agreed:
            currency = self.lead_id._chain_pricelist().currency_id or self.currency_id
            vals["price_unit"] = self._price_on_quotation(currency)
            vals["discount"] = self.discount
        return vals
