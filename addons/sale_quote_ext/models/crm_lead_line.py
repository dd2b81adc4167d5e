from odoo import api, fields, models


class CrmLeadLine(models.Model):
    """A product the customer asks for; a line of the quotation to come."""

    _name = "crm.lead.line"
    _description = "Opportunity Line"
    _order = "sequence, id"
    _check_company_auto = True

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="lead_id.company_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        domain=[("sale_ok", "=", True)],
        check_company=True,
        ondelete="restrict",
    )
    product_uom_qty = fields.Float(
        string="Quantity",
        default=1.0,
        digits="Product Unit",
        required=True,
    )
    allowed_uom_ids = fields.Many2many(
        comodel_name="uom.uom",
        compute="_compute_allowed_uom_ids",
    )
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom",
        string="Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', allowed_uom_ids)]",
        ondelete="restrict",
    )
    discount = fields.Float(
        string="Discount (%)",
        digits="Discount",
        help="In percent of the price of the pricelist.",
    )

    _quantity_is_positive = models.Constraint(
        "CHECK (product_uom_qty > 0)",
        "The quantity of an opportunity line must be above zero.",
    )
    _discount_is_percentage = models.Constraint(
        "CHECK (discount BETWEEN 0 AND 100)",
        "The discount of an opportunity line must lie between 0 and 100 percent.",
    )

    @api.depends("product_id")
    def _compute_allowed_uom_ids(self):
        for line in self:
            line.allowed_uom_ids = line.product_id.uom_id | line.product_id.uom_ids

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            if line.product_uom_id not in line.allowed_uom_ids:
                line.product_uom_id = line.product_id.uom_id

    def _prepare_order_line_vals(self):
        """:return: the values of the quotation line this line becomes"""
        self.ensure_one()
        vals = {
            "product_id": self.product_id.id,
            "product_uom_qty": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
            "sequence": self.sequence,
        }
        if self.discount:
            vals["discount"] = self.discount
        return vals
