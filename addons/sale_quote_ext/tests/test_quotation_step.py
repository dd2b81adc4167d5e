from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import QuoteCase


@tagged("post_install", "-at_install")
class TestQuotationStep(QuoteCase):
    def test_quotation_has_what_core_fills_in_and_the_lines(self):
        deal = self.make_deals(
            campaign_id=self.env["utm.campaign"].create({"name": "Fair"}).id
        )
        deal.chain_run_step("quotation")
        order = deal.order_ids
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.user_id, self.salesperson)
        self.assertEqual(order.campaign_id, deal.campaign_id)
        self.assertEqual(order.origin, deal.name)
        self.assertEqual(
            order.order_line.mapped(
                lambda x: (x.product_id, x.product_uom_qty, x.discount)
            ),
            [(self.pump, 3, 10), (self.service, 1, 0)],
        )
        self.assertEqual(order.amount_untaxed, 3 * 100 * 0.9 + 40)

    def test_price_is_the_pricelists(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Loyal",
                "item_ids": [
                    (0, 0, {"compute_price": "fixed", "fixed_price": 50}),
                ],
            }
        )
        self.customer.property_product_pricelist = pricelist
        deal = self.make_deals(
            line_ids=[(0, 0, {"product_id": self.pump.id, "product_uom_qty": 2})]
        )
        deal.chain_run_step("quotation")
        self.assertEqual(deal.order_ids.pricelist_id, pricelist)
        self.assertEqual(deal.order_ids.amount_untaxed, 100)

    def test_template_gives_the_lines_an_opportunity_lacks(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "Starter",
                "number_of_days": 7,
                "sale_order_template_line_ids": [
                    (0, 0, {"product_id": self.service.id, "product_uom_qty": 4}),
                ],
            }
        )
        bare = self.make_deals(line_ids=[], sale_order_template_id=template.id)
        full = self.make_deals(sale_order_template_id=template.id)
        (bare | full).chain_run_step("quotation")
        self.assertEqual(bare.order_ids.order_line.product_uom_qty, 4)
        self.assertEqual(full.order_ids.order_line.product_id, self.pump | self.service)
        self.assertEqual(full.order_ids.sale_order_template_id, template)
        self.assertEqual(bare.order_ids.validity_date, full.order_ids.validity_date)

    def test_companys_template_is_the_last_resort(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "House",
                "sale_order_template_line_ids": [
                    (0, 0, {"product_id": self.pump.id, "product_uom_qty": 1}),
                ],
            }
        )
        self.env.company.sale_order_template_id = template
        deal = self.make_deals(line_ids=[])
        deal.chain_run_step("quotation")
        self.assertEqual(deal.order_ids.order_line.product_id, self.pump)

    def test_second_call_makes_no_second_quotation(self):
        deal = self.make_deals()
        deal.chain_run_step("quotation")
        self.assertEqual(
            deal.chain_run_step("quotation"), {"done": [], "blocked": {}}
        )
        self.assertEqual(len(deal.order_ids), 1)

    def test_cancelled_quotation_makes_room_for_another(self):
        deal = self.make_deals()
        deal.chain_run_step("quotation")
        deal.order_ids.action_cancel()
        self.assertEqual(deal.chain_step, "opportunity")
        deal.chain_run_step("quotation")
        self.assertEqual(len(deal.order_ids), 2)

    def test_each_obstacle_is_named(self):
        archived = self.make_product("Old pump")
        no_customer = self.make_deals(partner_id=False)
        no_lines = self.make_deals(line_ids=[])
        old = self.make_deals(line_ids=[(0, 0, {"product_id": archived.id})])
        gone = self.make_deals(
            partner_id=self.customer.copy({"name": "Gone"}).id,
        )
        archived.action_archive()
        gone.partner_id.action_archive()
        lost = self.make_deals()
        self.lose(lost)
        deals = no_customer | no_lines | old | gone | lost
        result = deals.chain_run_step("quotation")
        self.assertFalse(result["done"])
        for deal, reason in (
            (no_customer, "has no customer"),
            (no_lines, "has no products"),
            (old, "Old pump is archived"),
            (gone, "Gone is archived"),
            (lost, "Restore it first"),
        ):
            with self.subTest(reason=reason):
                self.assertIn(reason, " ".join(result["blocked"][str(deal.id)]))
        self.assertFalse(deals.order_ids)

    def test_who_may_not_quote_is_told(self):
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "sale.order"), ("perm_create", "=", True)]
        ).write({"perm_create": False})
        with self.assertRaisesRegex(UserError, "may not create quotations"):
            self.make_deals().action_chain_step("quotation")

    def test_queries_do_not_grow_with_the_batch(self):
        per_record = []
        for count in (10, 40):
            deals = self.make_deals(count)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            deals.chain_run_step("quotation")
            self.env.flush_all()
            per_record.append((self.cr.sql_log_count - start) / count)
        self.assertLess(per_record[1], per_record[0])
        self.assertLessEqual(per_record[1], 9)

    def test_same_quotation_by_a_second_click_is_refused(self):
        """Core makes both."""
        deal = self.make_deals()
        vals = deal._prepare_quotation_vals()
        orders = self.env["sale.order"].with_user(self.salesperson)
        first = orders.create(vals)
        with self.assertRaisesRegex(UserError, first.name):
            orders.create(vals)
        with self.assertRaisesRegex(UserError, first.name):
            orders.create([vals, vals])

    def test_another_quotation_of_the_same_opportunity_is_welcome(self):
        deal = self.make_deals()
        vals = deal._prepare_quotation_vals()
        orders = self.env["sale.order"].with_user(self.salesperson)
        first = orders.create(vals)
        orders.create({**vals, "order_line": vals["order_line"][:1]})
        (first | first.copy()).action_cancel()
        orders.create(vals)
        self.assertEqual(len(deal.order_ids), 4)
