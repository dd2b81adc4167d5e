from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import QuoteCase


@tagged("post_install", "-at_install")
class TestOrderStep(QuoteCase):
    """Sending and confirming, from the opportunity and from the quotation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.make_deals()
        cls.deal.chain_run_step("quotation")
        cls.order = cls.deal.order_ids

    def test_quotation_is_sent_to_the_customer(self):
        self.deal.chain_run_step("send")
        self.assertEqual(self.order.state, "sent")
        self.assertEqual(self.deal.chain_step, "send")
        message = self.order.message_ids[0]
        self.assertEqual(message.author_id, self.salesperson.partner_id)
        self.assertIn(self.customer, message.notified_partner_ids)
        self.assertEqual(self.deal.chain_run_step("send")["done"], [])

    def test_quotation_without_address_is_not_sent(self):
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "Sara has no e-mail address"):
            self.order.action_chain_step("send")
        self.assertEqual(self.order.state, "draft")

    def test_confirming_needs_no_sending(self):
        self.deal.chain_run_step("order")
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.deal.chain_run_step("send")["done"], [])

    def test_two_quotations_need_a_choice(self):
        other = self.order.copy({"opportunity_id": self.deal.id})
        with self.assertRaisesRegex(UserError, "Confirm the one") as caught:
            self.deal.action_chain_step("order")
        self.assertIn(self.order.name, str(caught.exception))
        self.assertIn(other.name, str(caught.exception))
        other.action_chain_step("order")
        self.assertEqual(other.state, "sale")
        self.assertEqual(self.order.state, "draft")
        self.assertEqual(self.deal.chain_step, "order")

    def test_expired_quotation_is_not_confirmed(self):
        """Core confirms it from the backend."""
        self.order.validity_date = fields.Date.today() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "It expired on"):
            self.order.action_chain_step("order")

    def test_empty_quotation_is_not_confirmed(self):
        self.order.order_line.unlink()
        with self.assertRaisesRegex(UserError, "no products on it"):
            self.order.action_chain_step("order")

    def test_cancelled_order_says_the_way_back(self):
        self.order.action_cancel()
        with self.assertRaisesRegex(UserError, "Set it to quotation first"):
            self.order.action_chain_step("order")

    def test_order_of_a_colleague_is_out_of_reach(self):
        self.order.sudo().user_id = self.colleague
        result = self.deal.chain_run_step("order")
        self.assertIn("may not change", result["blocked"][str(self.deal.id)][0])
        self.assertEqual(self.order.sudo().state, "draft")

    def test_bar_shows_no_order_of_a_colleague(self):
        """Not even one that the chain has looked up as superuser before."""
        self.order.sudo().user_id = self.colleague
        self.env.invalidate_all()
        self.assertEqual(self.deal._chain_orders_needing("order"), self.order)
        segments = {x["key"]: x for x in self.deal.chain_bar["segments"]}
        self.assertFalse(segments["quotation"]["documents"])
        self.assertEqual(self.deal.chain_bar["next"]["step"], "send")

    def test_lost_opportunity_confirms_nothing(self):
        self.lose(self.deal)
        result = self.deal.chain_run_step("order")
        self.assertIn("Restore it first", result["blocked"][str(self.deal.id)][0])

    def test_opportunity_without_quotation_says_so(self):
        deal = self.make_deals()
        with self.assertRaisesRegex(UserError, "has no quotation yet"):
            deal.action_chain_step("order")

    def test_order_without_opportunity_has_its_chain(self):
        order = self.order.copy({"opportunity_id": False})
        order.action_chain_next()
        self.assertEqual(order.state, "sent")
        order.action_chain_next()
        self.assertEqual(order.state, "sale")
        keys = [segment["key"] for segment in order.chain_bar["segments"]]
        self.assertEqual(keys[:2], ["quotation", "order"])

    def test_step_follows_cores_own_buttons(self):
        self.assertEqual(self.deal.chain_step, "quotation")
        self.order.action_quotation_sent()
        self.assertEqual(self.deal.chain_step, "send")
        self.order.action_confirm()
        self.assertEqual(self.deal.chain_step, "order")
        self.order.action_unlock()
        self.order.action_cancel()
        self.assertEqual(self.deal.chain_step, "opportunity")
        self.order.action_draft()
        self.assertEqual(self.deal.chain_step, "quotation")
        self.order.action_cancel()
        self.order.with_user(self.env.ref("base.user_admin")).unlink()
        self.assertEqual(self.deal.chain_step, "opportunity")

    def test_step_survives_a_merge(self):
        lead = self.make_deals()
        merged = (self.deal | lead).merge_opportunity()
        self.assertEqual(merged.order_ids, self.order)
        self.assertEqual(merged.chain_step, "quotation")

    def test_orders_of_others_survive_a_merge(self):
        """Core loses those that who merges may not see."""
        lead = self.make_deals()
        theirs = (
            self.env["sale.order"]
            .with_user(self.colleague)
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "opportunity_id": lead.id,
                    "user_id": self.colleague.id,
                }
            )
        )
        self.assertFalse(
            theirs.with_user(self.salesperson).sudo(False).has_access("read")
        )
        merged = (self.deal | lead).merge_opportunity()
        self.assertEqual(merged.sudo().order_ids, self.order.sudo() | theirs)

    def test_step_can_be_searched_and_grouped(self):
        deals = self.deal | self.make_deals()
        domain = [("id", "in", deals.ids)]
        self.assertEqual(
            self.Lead.search(domain + [("chain_step", "=", "quotation")]), self.deal
        )
        groups = dict(self.Lead._read_group(domain, ["chain_step"], ["__count"]))
        self.assertEqual(groups, {"opportunity": 1, "quotation": 1})

    def test_bar_links_quotation_and_opportunity(self):
        self.deal.chain_run_step("order")
        self.env.invalidate_all()
        for record in (self.deal, self.order):
            segments = {x["key"]: x for x in record.chain_bar["segments"]}
            with self.subTest(record=record):
                [order] = segments["order"]["documents"]
                self.assertEqual(order["id"], self.order.id)
                self.assertEqual(order["amount"], self.order.amount_total)
                self.assertEqual(segments["lead"]["documents"][0]["id"], self.deal.id)
