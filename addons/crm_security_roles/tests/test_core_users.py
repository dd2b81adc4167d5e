from odoo import Command
from odoo.tests import tagged

from .common import EVERY, EXTRA_INVOICING, RolesCommon


@tagged("post_install", "-at_install")
class TestCoreUsers(RolesCommon):
    """Whoever holds no role meets exactly what core shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = [cls.env.ref(xmlid).id for xmlid in EXTRA_INVOICING.split(",")]
        cls.worker = cls._new_user("worker", EXTRA_INVOICING)
        cls.both = cls._new_user("both", "sales_team.group_sale_salesman")
        cls.both.group_ids = [Command.link(group) for group in groups]
        cls.rules = cls.env["ir.rule"].search(
            [("id", "in", cls._rule_ids("crm_security_roles"))]
        )

    @classmethod
    def _rule_ids(cls, module):
        data = cls.env["ir.model.data"].search(
            [("module", "=", module), ("model", "=", "ir.rule")]
        )
        return data.mapped("res_id")

    def _domains(self, user):
        """Return what the rules say to a user, for every model and operation."""
        rule = self.env["ir.rule"].with_user(user)
        models = sorted(set(self.rules.model_id.mapped("model")))
        return {
            (model, mode): str(rule._compute_domain(model, mode))
            for model in models
            for mode in ("read", "write", "create", "unlink")
        }

    def _rows(self, user):
        """Return the ids a user finds in every model that has a rule of ours."""
        found = {}
        for model in sorted(set(self.rules.model_id.mapped("model"))):
            records = self.env[model].with_user(user)
            if records.has_access("read") and not records._transient:
                found[model] = sorted(records.search([]).ids)
        return found

    def test_every_rule_is_active(self):
        self.assertEqual(len(self.rules), len(self._rule_ids("crm_security_roles")))
        self.assertTrue(self.rules)

    def test_rules_and_rows_are_the_same_without_ours(self):
        users = self.core_own | self.core_all | self.worker | self.both
        users |= self.env.ref("base.user_admin") | self.env.ref("base.public_user")
        with_ours = {u: (self._domains(u), self._rows(u)) for u in users}
        self.rules.active = False
        for user in users:
            domains, rows = with_ours[user]
            self.assertEqual(domains, self._domains(user), user.login)
            self.assertEqual(rows, self._rows(user), user.login)

    def test_the_comparison_notices_a_role(self):
        domains, rows = self._domains(self.seller), self._rows(self.seller)
        self.rules.active = False
        self.assertNotEqual(domains, self._domains(self.seller))
        self.assertNotEqual(rows, self._rows(self.seller))

    def test_core_own_documents_still_shows_what_is_unassigned(self):
        expected = {"loose", "nobody"}
        for kind in ("lead", "order", "invoice"):
            self.assertEqual(self._cases_found(self.core_own, kind), expected)

    def test_core_all_documents_still_shows_everything(self):
        for kind in ("lead", "order", "invoice"):
            self.assertEqual(self._cases_found(self.core_all, kind), EVERY)
