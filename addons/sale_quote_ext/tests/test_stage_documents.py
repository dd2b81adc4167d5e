from odoo.tests import tagged

from .test_won_lost import WINS, WonLostCase


@tagged("post_install", "-at_install")
class TestStageDocuments(WonLostCase):
    """The stage follows the documents where a rule says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(WINS, False)
        cls.rule_of(cls.proposal, "quotation")

    @classmethod
    def rule_of(cls, stage, step, **vals):
        return cls.env["crm.stage.rule"].create(
            {"stage_id": stage.id, "enter_step": step, **vals}
        )

    def quoted(self, **vals):
        deal = self.make_deals(**vals)
        self.make_quotations(deal)
        self.end()
        return deal

    def test_quotation_moves_the_opportunity(self):
        self.assertEqual(self.quoted().stage_id, self.proposal)

    def test_nothing_moves_without_an_enter_step(self):
        self.env["crm.stage.rule"].search([]).unlink()
        self.assertEqual(self.quoted().stage_id, self.new)

    def test_moved_though_the_checklist_is_not_done(self):
        self.env["crm.stage.rule"].create(
            {"stage_id": self.new.id, "check_ids": [(0, 0, {"name": "Visited"})]}
        )
        self.assertEqual(self.quoted().stage_id, self.proposal)

    def test_never_backwards_by_itself(self):
        late = self.env["crm.stage"].create({"name": "Late", "sequence": 902.5})
        late.sequence = 950
        late.team_ids = self.team
        self.assertEqual(self.quoted(stage_id=late.id).stage_id, late)

    def test_further_of_two_stages_it_reaches_at_once(self):
        self.rule_of(self.talk, "opportunity")
        self.assertEqual(self.quoted().stage_id, self.proposal)

    def test_rule_of_the_team_takes_the_place_of_the_general_one(self):
        self.rule_of(self.proposal, "order", team_id=self.team.id)
        deal = self.quoted()
        self.assertEqual(deal.stage_id, self.new)
        deal.order_ids.action_confirm()
        self.end()
        self.assertEqual(deal.stage_id, self.proposal)

    def test_stage_of_another_team_is_not_entered(self):
        self.proposal.team_ids = self.env["crm.team"].create({"name": "Others"})
        self.assertEqual(self.quoted().stage_id, self.new)

    def test_order_wins_through_its_stage(self):
        self.rule_of(self.won, "order")
        deal = self.quoted()
        deal.order_ids.action_confirm()
        self.end()
        self.assertEqual(deal.won_status, "won")
        deal.order_ids.sudo().action_cancel()
        self.end()
        self.assertEqual(deal.won_status, "pending")

    def test_what_a_person_takes_back_stays_there(self):
        deal = self.quoted()
        deal.stage_id = self.talk
        deal.partner_id = self.customer.copy()
        deal.order_ids.copy()
        self.end()
        self.assertEqual(deal.stage_id, self.talk)

    def test_cancellation_takes_it_back_to_where_it_was(self):
        deal = self.quoted(stage_id=self.talk.id)
        self.assertEqual(deal.stage_before_id, self.talk)
        deal.order_ids.action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.talk)
        self.assertFalse(deal.stage_before_id)

    def test_cancellation_takes_it_back_to_what_is_still_reached(self):
        self.rule_of(self.talk, "opportunity")
        deal = self.make_deals(partner_id=False)
        self.end()
        deal.partner_id = self.customer
        self.end()
        self.assertEqual(deal.stage_id, self.talk)
        self.make_quotations(deal)
        self.end()
        deal.order_ids.action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.talk)
        self.assertEqual(deal.stage_before_id, self.new)

    def test_cancellation_of_one_of_two_takes_nothing_back(self):
        deal = self.quoted()
        deal.order_ids.copy()
        deal.order_ids[0].action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.proposal)

    def test_cancellation_moves_nothing_a_person_has_moved(self):
        deal = self.quoted()
        deal.stage_id = self.won
        deal.order_ids.action_cancel()
        self.end()
        self.assertEqual(deal.stage_id, self.won)

    def test_again_after_a_cancellation(self):
        deal = self.quoted()
        deal.order_ids.action_cancel()
        self.end()
        self.make_quotations(deal)
        self.end()
        self.assertEqual(deal.stage_id, self.proposal)

    def test_lost_opportunity_is_not_moved(self):
        deal = self.make_deals()
        self.lose(deal)
        self.make_quotations(deal)
        self.end()
        self.assertEqual(deal.stage_id, self.new)

    def test_won_opportunity_stays_won(self):
        after = self.env["crm.stage"].create({"name": "Care", "sequence": 990})
        self.rule_of(after, "order")
        deal = self.make_deals()
        deal.action_set_won()
        self.make_quotations(deal).action_confirm()
        self.end()
        self.assertEqual(deal.stage_id, self.won)

    def test_who_changes_the_documents_needs_no_right_on_the_opportunity(self):
        deal = self.make_deals(expected_revenue=10000)
        self.rule_of(self.won, "order")
        self.make_quotations(deal).user_id = self.colleague
        self.end()
        orders = deal.sudo().order_ids.with_user(self.colleague)
        orders = orders.with_context(tracking_disable=False)
        self.env.transaction.default_env = orders.env  # as in a request of his
        orders.action_confirm()
        self.end()
        self.assertEqual(deal.stage_id, self.won)
        message = deal.message_ids.sudo()[0]
        self.assertEqual(message.author_id, self.colleague.partner_id)

    def test_step_of_the_chain_moves_at_once(self):
        deal = self.make_deals()
        deal.chain_run_step("quotation")
        self.assertEqual(deal.stage_id, self.proposal)

    def test_second_time_finds_nothing(self):
        deal = self.quoted()
        deal._stage_follow_documents()
        with self.assertQueryCount(0):
            deal._stage_follow_documents()

    def test_queries_do_not_grow_with_the_number_moved(self):
        counts = []
        for size in (2, 2, 30):
            deals = self.make_deals(size)
            self.make_quotations(deals)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals._stage_follow_documents()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(deals.stage_id, self.proposal)
        self.assertLessEqual(counts[2], counts[1] + 1)

    def test_steps_of_the_chain_cost_no_more_for_moving(self):
        """Moving and its message in one batch: per record far less than by hand."""
        costs = {}
        for step in (False, "quotation"):
            self.env["crm.stage.rule"].search([]).enter_step = step
            for size in (10, 10, 40):
                deals = self.make_deals(size).with_context(tracking_disable=False)
                self.end()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                deals.chain_run_step("quotation")
                self.end()
                costs[step, size] = self.env.cr.sql_log_count - before
        added = [costs["quotation", x] - costs[False, x] for x in (10, 40)]
        self.assertLess(added[1] - added[0], 30)
