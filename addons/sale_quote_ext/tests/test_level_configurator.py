from odoo.tests import HttpCase, tagged

from .common_level import LevelCase


@tagged("post_install", "-at_install")
class TestLevelConfigurator(LevelCase, HttpCase):
    """What the configurators of core show while a product is chosen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold.default_pricelist_id = False
        cls.customer = cls.make_customers(grade_id=cls.gold.id)
        cls.make_rule(80, cls.gold)

    def shown_price(self, **params):
        self.authenticate(self.salesperson.login, self.salesperson.login)
        values = self.make_jsonrpc_request(
            "/sale/product_configurator/get_values",
            {
                "product_template_id": self.pump.product_tmpl_id.id,
                "quantity": 1,
                "currency_id": self.retail.currency_id.id,
                "so_date": "2026-06-15 00:00:00",
                "pricelist_id": self.retail.id,
                "only_main_product": True,
                **params,
            },
        )
        return values["products"][0]["price"]

    def test_configurator_shows_the_price_of_the_customer_s_level(self):
        self.assertEqual(self.shown_price(customer_id=self.customer.id), 80)

    def test_configurator_shows_the_common_price_without_a_customer(self):
        missing = self.make_customers()
        missing.unlink()
        for customer_id in (None, False, missing.id, "1", [1]):
            with self.subTest(customer_id=customer_id):
                self.assertEqual(self.shown_price(customer_id=customer_id), 100)
        self.assertEqual(self.shown_price(), 100)

    def test_configurator_tells_nothing_of_a_customer_one_may_not_read(self):
        self.customer.company_id = self.env["res.company"].create({"name": "Branch"})
        self.assertEqual(self.shown_price(customer_id=self.customer.id), 100)

    def test_client_names_the_customer_to_the_configurator(self):
        """Through the browser: the dialog opens with the price of the level."""
        self.pump.product_tmpl_id.optional_product_ids = self.service.product_tmpl_id
        self.manager.group_ids += self.env.ref("product.group_product_variant")
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "sale_quote_ext.configurator_level",
            login=self.manager.login,
        )
        self.assertIn(80, order.order_line.mapped("price_unit"))
