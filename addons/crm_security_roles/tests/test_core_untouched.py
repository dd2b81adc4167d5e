from lxml import etree

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from odoo.addons.crm_security_roles.models.res_users import OWN_ONLY

MODULE = "crm_security_roles"


@tagged("post_install", "-at_install")
class TestCoreUntouched(TransactionCase):
    """The module adds rules and groups and changes none that it found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls._ours("ir.rule")
        cls.groups = cls._ours("res.groups")

    @classmethod
    def _ours(cls, model):
        data = cls.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", model)]
        )
        return cls.env[model].browse(data.mapped("res_id"))

    def _shipped(self, module, path):
        """Return the rules a module ships: its own XML id, to its stripped domain."""
        with file_open(f"{module}/{path}", "rb") as stream:
            tree = etree.parse(stream)
        return {
            record.get("id"): record.findtext("field[@name='domain_force']").strip()
            for record in tree.iterfind(".//record[@model='ir.rule']")
            if record.findtext("field[@name='domain_force']")
        }

    def test_no_data_file_writes_on_a_record_of_another_module(self):
        for path in Manifest.for_addon(MODULE)["data"]:
            with file_open(f"{MODULE}/{path}", "rb") as stream:
                tree = etree.parse(stream)
            self.assertFalse(tree.findall(".//function"), path)
            for record in tree.iterfind(".//record"):
                self.assertNotIn(".", record.get("id"), path)

    def test_core_rules_are_as_core_ships_them(self):
        for module, path in (
            ("crm", "security/crm_security.xml"),
            ("sale", "security/ir_rules.xml"),
            ("purchase", "security/purchase_security.xml"),
            ("account", "security/account_security.xml"),
        ):
            shipped = self._shipped(module, path)
            self.assertTrue(shipped)
            for name, domain in shipped.items():
                rule = self.env.ref(f"{module}.{name}", raise_if_not_found=False)
                if rule:
                    self.assertEqual(rule.domain_force.strip(), domain, rule.name)

    def test_no_rule_or_group_of_core_leads_to_ours(self):
        self.assertFalse(self.groups.rule_groups - self.rules)
        self.assertFalse(self.groups.implied_by_ids - self.groups)
        self.assertFalse(self.groups.model_access)

    def test_only_creators_get_a_group_rule_and_it_only_reads(self):
        own = self.env.ref(f"{MODULE}.group_own")
        granting = self.rules.filtered("groups")
        self.assertEqual(granting.groups, own)
        for rule in granting:
            self.assertIn("create_uid", rule.domain_force)
            self.assertTrue(rule.perm_read)
            self.assertFalse(rule.perm_write or rule.perm_create or rule.perm_unlink)

    def test_every_global_rule_is_guarded(self):
        for rule in self.rules.filtered(lambda rule: not rule.groups):
            guard = f"] if user.has_groups('{OWN_ONLY}') else []"
            self.assertTrue(rule.domain_force.strip().endswith(guard), rule.name)
