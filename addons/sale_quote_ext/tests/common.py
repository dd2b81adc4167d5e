from odoo.addons.crm_pipeline_ext.tests.common import ChainCase


class QuoteCase(ChainCase):
    """Opportunities of one salesperson, with products to quote."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump, cls.service = cls.env["product.product"].create(
            [
                {"name": "Pump", "type": "consu", "list_price": 100},
                {"name": "Assembly", "type": "service", "list_price": 40},
            ]
        )
        (cls.pump | cls.service).taxes_id = False
        cls.customer = cls.env["res.partner"].create(
            {"name": "Sara", "email": "sara@example.com"}
        )

    @classmethod
    def make_product(cls, name):
        return cls.env["product.product"].create({"name": name, "list_price": 10})

    @classmethod
    def make_deals(cls, count=1, **vals):
        """:return: opportunities with three pumps at −10 % and an assembly each"""
        lines = [
            (0, 0, {"product_id": cls.pump.id, "product_uom_qty": 3, "discount": 10}),
            (0, 0, {"product_id": cls.service.id}),
        ]
        defaults = {
            "type": "opportunity",
            "partner_id": cls.customer.id,
            "line_ids": lines,
        }
        return cls.make_leads(*[{**defaults, **vals}] * count)
