from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestChain(ChainCase):
    """The machinery: what is needed, what blocks, what is done, what is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good, cls.lost = cls.make_leads(
            {"contact_name": "Sara", "email_from": "sara@example.com"},
            {"contact_name": "Ali", "email_from": "ali@example.com"},
        )
        cls.lost.action_archive()
        cls.both = cls.good | cls.lost

    def test_new_enquiry_stands_at_the_first_step(self):
        self.assertEqual(self.good.chain_step, "lead")

    def test_step_is_done_once(self):
        result = self.good.chain_run_step("opportunity")
        self.assertEqual(result, {"done": self.good.ids, "blocked": {}})
        again = self.good.chain_run_step("opportunity")
        self.assertEqual(again, {"done": [], "blocked": {}})

    def test_blocked_record_is_named_and_left_alone(self):
        result = self.both.chain_run_step("opportunity")
        self.assertEqual(result["done"], self.good.ids)
        self.assertIn("Restore it first", result["blocked"][str(self.lost.id)][0])
        self.assertEqual(self.lost.type, "lead")

    def test_all_blocked_raises_with_name_and_reason(self):
        with self.assertRaisesRegex(UserError, "Enquiry 2: .*Restore it first"):
            self.lost.action_chain_step("opportunity")

    def test_notification_counts_and_reloads(self):
        params = self.both.action_chain_step("opportunity")["params"]
        self.assertEqual(params["title"], "Convert to Opportunity")
        self.assertIn("1 done, 1 blocked", params["message"])
        self.assertIn("Enquiry 2", params["message"])
        self.assertTrue(params["sticky"])
        self.assertEqual(params["next"]["tag"], "soft_reload")

    def test_unknown_step_is_refused(self):
        with self.assertRaisesRegex(UserError, "no step “unlink”"):
            self.good.chain_run_step("unlink")

    def test_only_who_may_write_may_run(self):
        with self.assertRaises(AccessError):
            self.good.with_user(self.colleague).chain_run_step("opportunity")
        with self.assertRaises(AccessError):
            self.good.with_user(self.colleague).action_chain_next()
        self.assertEqual(self.good.type, "lead")

    def test_next_step_takes_each_record_one_step(self):
        self.good.action_chain_next()
        self.assertEqual(self.good.chain_step, "opportunity")

    def test_record_somebody_works_on_is_left_for_later(self):
        """Two transactions cannot meet in one test case: see tests/ for those."""
        with patch.object(type(self.good), "_chain_lock", lambda self: self.browse()):
            result = self.good.chain_run_step("opportunity")
        self.assertIn("Try again in a moment", result["blocked"][str(self.good.id)][0])
        self.assertEqual(self.good.type, "lead")

    def test_what_is_not_done_is_not_called_done(self):
        with patch.object(type(self.good), "_chain_opportunity_do", lambda self: None):
            result = self.good.chain_run_step("opportunity")
        self.assertEqual(result["done"], [])
        self.assertIn("not completed", result["blocked"][str(self.good.id)][0])

    def test_server_actions_are_one_call(self):
        action = self.env.ref("crm_pipeline_ext.crm_lead_action_chain_opportunity")
        action.with_user(self.salesperson).with_context(
            active_model="crm.lead",
            active_id=self.good.id,
            active_ids=self.good.ids,
        ).run()
        self.assertEqual(self.good.chain_step, "opportunity")

    def test_labels_and_messages_come_in_the_users_language(self):
        for lang, label, reason in (
            ("fa_IR", "تبدیل به فرصت", "بازگردانید"),
            ("mn_MN", "Боломж руу хөрвүүлэх", "сэргээ"),
        ):
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"]._load_module_terms(
                ["crm_pipeline_ext"], [lang]
            )
            leads = self.both.with_context(lang=lang)
            with self.subTest(lang=lang):
                self.assertEqual(leads._chain_step_labels()["opportunity"], label)
                blocked = leads._chain_blockers("opportunity")
                self.assertIn(reason, blocked[self.lost.id][0])
