from odoo.tests import new_test_user

from .common import QuoteCase


class LevelCase(QuoteCase):
    """Gold and silver customers, each with a pricelist, and three kinds of users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["product.pricelist"].search([]).action_archive()
        cls.env.ref("base.group_user").implied_ids += cls.env.ref(
            "product.group_product_pricelist"
        )
        # Prices, not discounts, unless a test asks for these
        cls.env.ref("base.group_user").implied_ids -= cls.env.ref(
            "sale.group_discount_per_so_line"
        )
        cls.retail, cls.gold_prices, cls.silver_prices = cls.make_pricelists(
            "Retail", "Gold prices", "Silver prices"
        )
        Level = cls.env["res.partner.grade"]
        cls.gold, cls.silver, cls.plain = Level.create(
            [
                {"name": "Gold Club", "default_pricelist_id": cls.gold_prices.id},
                {"name": "Silver Club", "default_pricelist_id": cls.silver_prices.id},
                {"name": "Plain Club"},
            ]
        )
        cls.manager = new_test_user(
            cls.env,
            login="level_manager",
            groups="sales_team.group_sale_manager,base.group_partner_manager",
        )
        cls.seller_of_all = new_test_user(
            cls.env,
            login="level_all",
            groups="sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
        )
        cls.product_manager = new_test_user(
            cls.env,
            login="level_products",
            groups="sales_team.group_sale_salesman,product.group_product_manager",
        )

    @classmethod
    def make_pricelists(cls, *names, **vals):
        defaults = {"company_id": False, **vals}
        return cls.env["product.pricelist"].create(
            [{"name": name, "sequence": 1, **defaults} for name in names]
        )

    @classmethod
    def make_customers(cls, count=1, **vals):
        return cls.env["res.partner"].create(
            [{"name": f"Customer {number}", **vals} for number in range(count)]
        )

    @classmethod
    def make_rule(cls, price, levels=None, **vals):
        """:return: a rule of the retail pricelist: the pump at a fixed price"""
        return cls.env["product.pricelist.item"].create(
            {
                "pricelist_id": cls.retail.id,
                "applied_on": "1_product",
                "product_tmpl_id": cls.pump.product_tmpl_id.id,
                "fixed_price": price,
                "level_ids": levels and levels.ids,
                **vals,
            }
        )

    @staticmethod
    def kept(partner, company=None):
        """:return: the pricelist kept for ``partner`` himself"""
        if company:
            partner = partner.with_company(company)
        return partner.specific_property_product_pricelist
