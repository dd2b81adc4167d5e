from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import QuoteCase

WINS = "sale_quote_ext.order_wins_opportunity"


class WonLostCase(QuoteCase):
    """Opportunities of a team with stages of its own, and their quotations."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "Pumps", "member_ids": [(4, cls.salesperson.id)]}
        )
        cls.new, cls.talk, cls.proposal, cls.won = cls.env["crm.stage"].create(
            [
                {
                    "name": name,
                    "sequence": 900 + number,
                    "team_ids": cls.team.ids,
                    "is_won": name == "Signed",
                }
                for number, name in enumerate(["New", "Talk", "Proposal", "Signed"])
            ]
        )
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Too slow"})

    @classmethod
    def make_deals(cls, count=1, **vals):
        defaults = {"team_id": cls.team.id, "stage_id": cls.new.id}
        return super().make_deals(count, **{**defaults, **vals})

    @classmethod
    def make_quotations(cls, deals):
        deals._chain_quotation_do()
        return deals.order_ids

    def end(self):
        """What happens at the end of the transaction."""
        self.env.cr.flush()

    def after_commit(self):
        """What happens at the end of the transaction and after it."""
        self.end()
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOrderWins(WonLostCase):
    """Confirming an order wins its opportunity, cancelling it takes that back."""

    def test_confirming_wins(self):
        deal = self.make_deals()
        self.make_quotations(deal).action_confirm()
        self.assertEqual(deal.won_status, "won")
        self.assertEqual(deal.stage_id, self.won)
        self.assertTrue(deal.date_closed)

    def test_lead_scoring_counts_it_after_the_commit(self):
        """Its counters are everybody's: a long run must not hold them."""
        deals = self.make_deals(2)
        counted = self.env["crm.lead.scoring.frequency"]
        self.make_quotations(deals).action_confirm()
        self.end()
        self.assertFalse(counted.search([("team_id", "=", self.team.id)]))
        self.after_commit()
        [won] = counted.search(
            [
                ("team_id", "=", self.team.id),
                ("variable", "=", "stage_id"),
                ("value", "=", str(self.won.id)),
            ]
        )
        self.assertAlmostEqual(won.won_count, 2.1)

    def test_setting_off_leaves_it_open(self):
        self.env["ir.config_parameter"].set_param(WINS, False)
        deal = self.make_deals()
        self.make_quotations(deal).action_confirm()
        self.assertEqual(deal.stage_id, self.new)

    def test_rules_of_the_stage_do_not_hold_an_order_up(self):
        self.env["crm.stage.rule"].create(
            {"stage_id": self.new.id, "check_ids": [(0, 0, {"name": "Visited"})]}
        )
        deal = self.make_deals()
        self.make_quotations(deal).action_confirm()
        self.assertEqual(deal.won_status, "won")

    def test_who_confirms_needs_no_right_on_the_opportunity(self):
        deal = self.make_deals().with_context(tracking_disable=False)
        order = self.make_quotations(deal)
        order.sudo().user_id = self.colleague
        self.end()
        mine = order.with_user(self.colleague).with_context(tracking_disable=False)
        self.assertFalse(deal.with_user(self.colleague).has_access("write"))
        mine.action_confirm()
        self.end()
        self.assertEqual(deal.won_status, "won")
        message = deal.message_ids.sudo()[0]
        self.assertEqual(message.author_id, self.colleague.partner_id)
        self.assertEqual(message.subtype_id, self.env.ref("crm.mt_lead_won"))

    def test_lost_one_is_won_by_its_order(self):
        deal = self.make_deals()
        order = self.make_quotations(deal)
        order.company_id.sudo().quotation_cancel_lost = False
        deal.action_set_lost(lost_reason_id=self.reason.id)
        order.action_confirm()
        self.assertEqual(deal.won_status, "won")
        self.assertTrue(deal.active)

    def test_without_a_won_stage_nothing_happens(self):
        self.env["crm.stage"].search([("is_won", "=", True)]).is_won = False
        deal = self.make_deals()
        self.make_quotations(deal).action_confirm()
        self.assertEqual(deal.stage_id, self.new)

    def test_cancelled_order_takes_the_win_back(self):
        deal = self.make_deals(stage_id=self.talk.id)
        order = self.make_quotations(deal)
        order.action_confirm()
        self.after_commit()
        order.sudo().action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.talk)
        self.assertEqual(deal.won_status, "pending")
        self.assertLess(deal.probability, 100)

    def test_another_order_holds_the_win(self):
        deal = self.make_deals()
        first = self.make_quotations(deal)
        second = first.copy()
        (first | second).action_confirm()
        first.sudo().action_cancel()
        self.end()
        self.assertEqual(deal.won_status, "won")
        second.sudo().action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.new)

    def test_what_a_person_won_stays_won(self):
        deal = self.make_deals()
        order = self.make_quotations(deal)
        deal.action_set_won()
        order.action_confirm()
        order.sudo().action_cancel()
        self.end()
        self.assertEqual(deal.won_status, "won")

    def test_many_are_won_with_one_write(self):
        """Each opportunity costs its message and its own rows, nothing else."""
        costs = {}
        for count in (1, 1, 20):
            costs[count] = self.cost_of_winning(count)
        per_deal = (costs[20] - costs[1]) / 19
        self.assertLess(per_deal, 3)

    def cost_of_winning(self, count):
        """:return: how many queries winning adds to confirming ``count`` orders"""
        spent = []
        for wins in (False, True):
            deals = self.make_deals(count)
            orders = self.make_quotations(deals)
            self.env["ir.config_parameter"].set_param(WINS, wins)
            self.end()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.with_context(tracking_disable=False).action_confirm()
            self.end()
            spent.append(self.env.cr.sql_log_count - before)
        return spent[1] - spent[0]


@tagged("post_install", "-at_install")
class TestOrderHolds(WonLostCase):
    """An opportunity with a confirmed order cannot be lost, by any path."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(WINS, False)
        cls.deal = cls.make_deals()
        cls.order = cls.make_quotations(cls.deal)
        cls.order.action_confirm()

    def refused(self):
        return self.assertRaisesRegex(
            UserError, f"Enquiry 1: It has the confirmed order {self.order.sudo().name}"
        )

    def test_by_the_action(self):
        with self.refused():
            self.deal.action_set_lost(lost_reason_id=self.reason.id)

    def test_by_the_wizard(self):
        wizard = self.env["crm.lead.lost"].with_user(self.salesperson)
        with self.refused():
            wizard.create(
                {"lead_ids": self.deal.ids, "lost_reason_id": self.reason.id}
            ).action_lost_reason_apply()

    def test_by_writing(self):
        reason = {"lost_reason_id": self.reason.id}
        with self.refused():
            self.deal.write({"active": False, "probability": 0, **reason})
        self.deal.write({"active": False, "probability": 20})
        with self.refused():
            self.deal.write({"probability": 0, **reason})

    def test_by_archiving_without_probability(self):
        self.deal.write({"probability": 0, "lost_reason_id": self.reason.id})
        with self.refused():
            self.deal.action_archive()

    def test_by_import(self):
        header = [".id", "active", "probability", "lost_reason_id"]
        row = [str(self.deal.id), "False", "0", self.reason.name]
        result = self.deal.browse().load(header, [row])
        self.assertIn(self.order.name, result["messages"][0]["message"])
        self.assertEqual(self.deal.won_status, "pending")

    def test_by_mass_edit(self):
        others = self.make_deals(2)
        with self.refused():
            (self.deal | others).action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(set(others.mapped("won_status")), {"pending"})

    def test_an_order_one_may_not_see_holds_too(self):
        self.order.user_id = self.colleague
        leader = new_test_user(
            self.env, login="won_lost", groups="sales_team.group_sale_salesman"
        )
        self.deal.sudo().user_id = leader
        with self.refused():
            self.deal.with_user(leader).action_set_lost(lost_reason_id=self.reason.id)

    def test_cancelled_order_holds_no_more(self):
        self.order.sudo().action_cancel()
        self.deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.deal.won_status, "lost")

    def test_quotation_does_not_hold(self):
        deal = self.make_deals()
        self.make_quotations(deal)
        deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(deal.won_status, "lost")
