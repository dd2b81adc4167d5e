from odoo.tests import tagged

from .common import QuoteCase


@tagged("post_install", "-at_install")
class TestChainPolicy(QuoteCase):
    """What a policy says of quotations, and what of them can be told beforehand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Web shop"})
        cls.policy = cls.env["crm.chain.policy"].create(
            {"name": "Shop", "team_id": cls.team.id, "last_step": "order"}
        )

    def make_deals(self, count=1, **vals):
        return super().make_deals(count, team_id=self.team.id, **vals)

    def preview(self, records, **vals):
        run = self.make_run(records, **vals)
        run.action_preview()
        return run.line_ids

    def test_quotations_are_sent_unless_the_policy_says_otherwise(self):
        self.assertEqual(
            self.policy._steps(), ["opportunity", "quotation", "send", "order"]
        )
        self.policy.send_quotation = False
        self.assertEqual(self.policy._steps(), ["opportunity", "quotation", "order"])

    def test_next_step_leaves_out_what_the_policy_leaves_out(self):
        self.policy.send_quotation = False
        deal = self.make_deals()
        deal.chain_run_step("quotation")
        self.assertEqual(deal.chain_bar["next"]["step"], "order")
        self.assertEqual(deal.order_ids.chain_bar["next"]["step"], "order")
        deal.action_chain_next()
        self.assertEqual(deal.order_ids.state, "sale")

    def test_template_of_the_policy_serves_who_has_none(self):
        lines = [(0, 0, {"product_id": self.service.id, "product_uom_qty": 7})]
        template, own = self.env["sale.order.template"].create(
            [
                {"name": "Shop", "sale_order_template_line_ids": lines},
                {"name": "Own", "sale_order_template_line_ids": lines},
            ]
        )
        self.policy.sale_order_template_id = template
        plain = self.make_deals(line_ids=False)
        special = self.make_deals(line_ids=False, sale_order_template_id=own.id)
        (plain | special).chain_run_step("quotation")
        self.assertEqual(plain.order_ids.sale_order_template_id, template)
        self.assertEqual(plain.order_ids.order_line.product_uom_qty, 7)
        self.assertEqual(special.order_ids.sale_order_template_id, own)

    def test_run_takes_fewer_at_a_time_where_sending_makes_files(self):
        run = self.make_run(self.make_deals(), last_step="order")
        self.assertEqual(run._chunk_size(), 20)
        templates = self.env["mail.template"].search([("model", "=", "sale.order")])
        templates.report_template_ids = False
        self.assertEqual(run._chunk_size(), 100)

    def test_preview_shows_the_steps_and_the_amount(self):
        [line] = self.preview(self.make_deals())
        self.assertEqual(line.step_keys, ["quotation", "send", "order"])
        self.assertAlmostEqual(line.amount, 3 * 100 * 0.9 + 40)
        self.assertEqual(line.currency_id, self.env.company.currency_id)

    def test_preview_of_quotations_shows_their_total(self):
        deal = self.make_deals()
        deal.chain_run_step("quotation")
        [line] = self.preview(deal.order_ids)
        self.assertEqual(line.step_keys, ["send", "order"])
        self.assertAlmostEqual(line.amount, deal.order_ids.amount_total)

    def test_preview_links_each_reason_to_what_is_to_be_mended(self):
        self.customer.email = False
        self.pump.active = False
        [line] = self.preview(self.make_deals(email_from=False))
        links = {(x["model"], x["id"]) for x in line.reasons}
        self.assertIn(("product.product", self.pump.id), links)
        self.assertIn("Pump is archived", line.message)
        self.assertIn("no e-mail address", line.message)

    def test_run_stops_where_it_is_told(self):
        deals = self.make_deals(3)
        run = self.make_run(deals, last_step="quotation")
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(deals.order_ids.mapped("state"), ["draft"] * 3)

    def test_order_over_the_credit_limit_is_left_to_a_person(self):
        self.env.company.account_use_credit_limit = True
        self.customer.credit_limit = 500
        deals = self.make_deals(2)
        deals.chain_run_step("quotation")
        orders = deals.order_ids.sorted("id")
        result = orders.chain_run_step("order")
        self.assertEqual(result["done"], orders[0].ids)
        [reason] = result["blocked"][str(orders[1].id)]
        self.assertIn("credit limit", reason)
        orders[1].action_confirm()
        self.assertEqual(orders[1].state, "sale")
