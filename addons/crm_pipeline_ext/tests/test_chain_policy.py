from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestChainPolicy(ChainCase):
    """Which policy holds for a record, and what may be done to policies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Policy = cls.env["crm.chain.policy"]
        cls.default = cls.Policy.search(
            [("company_id", "=", cls.env.company.id), ("team_id", "=", False)]
        )
        cls.team = cls.env["crm.team"].create({"name": "Web shop"})
        cls.manager = new_test_user(
            cls.env, login="chain_manager", groups="sales_team.group_sale_manager"
        )

    def make_team_policy(self, **vals):
        return self.Policy.create({"name": "Shop", "team_id": self.team.id, **vals})

    def policy_of(self, **vals):
        return self.make_leads(vals)._chain_policy()

    def test_each_company_has_one_default(self):
        self.assertEqual(len(self.default), 1)
        company = self.env["res.company"].create({"name": "Branch"})
        policy = self.Policy.search([("company_id", "=", company.id)])
        self.assertEqual(len(policy), 1)
        self.assertFalse(policy.team_id)

    def test_team_has_its_own_and_others_the_default(self):
        shop = self.make_team_policy()
        self.assertEqual(self.policy_of(team_id=self.team.id), shop)
        self.assertEqual(self.policy_of(team_id=False), self.default)

    def test_change_takes_effect_at_once(self):
        self.assertEqual(self.policy_of(team_id=self.team.id), self.default)
        shop = self.make_team_policy()
        self.assertEqual(self.policy_of(team_id=self.team.id), shop)
        shop.active = False
        self.assertEqual(self.policy_of(team_id=self.team.id), self.default)
        shop.active = True
        self.assertEqual(self.policy_of(team_id=self.team.id), shop)
        shop.unlink()
        self.assertEqual(self.policy_of(team_id=self.team.id), self.default)

    def test_who_looks_first_does_not_matter(self):
        shop = self.make_team_policy(active=False)
        lead = self.make_leads({"team_id": self.team.id})
        found = lead.with_context(active_test=False)._chain_policy()
        self.assertNotEqual(found, shop)
        self.assertEqual(lead._chain_policy(), self.default)

    def test_policy_lookup_costs_no_query_again(self):
        lead = self.make_leads({"team_id": self.team.id})
        lead._chain_policy()
        with self.assertQueryCount(0):
            lead._chain_policy()

    def test_steps_end_after_the_last_one(self):
        steps = self.env["crm.lead"]._chain_steps()
        self.assertEqual(self.default._steps()[0], steps[0])
        shop = self.make_team_policy(last_step=steps[0])
        self.assertEqual(shop._steps(), steps[:1])
        self.assertEqual(self.default._steps(last_step=steps[0]), steps[:1])

    def test_second_default_is_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
            self.Policy.create({"name": "Another"})
        self.assertIn("one_default", str(caught.exception))

    def test_default_stays_default(self):
        for vals in ({"team_id": self.team.id}, {"active": False}):
            with self.assertRaisesRegex(UserError, "make a policy for a sales team"):
                self.default.write(vals)
        with self.assertRaisesRegex(UserError, "make a policy for a sales team"):
            self.default.unlink()
        self.default.name = "Renamed"

    def test_salesperson_reads_and_manager_writes(self):
        policy = self.default.with_user(self.salesperson)
        self.assertTrue(policy.name)
        with self.assertRaises(AccessError):
            policy.name = "Mine"
        self.default.with_user(self.manager).name = "Ours"

    def test_policy_of_another_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        policy = self.Policy.search([("company_id", "=", company.id)])
        with self.assertRaises(AccessError):
            policy.with_user(self.salesperson).read(["name"])
