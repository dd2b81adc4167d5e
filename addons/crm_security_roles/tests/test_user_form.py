from odoo import Command
from odoo.tests import Form, tagged

from .common import EVERY, READ, RolesCommon


@tagged("post_install", "-at_install")
class TestUserForm(RolesCommon):
    """The administrator picks a role and reads what it means."""

    def _role(self, name):
        return self.env.ref(f"crm_security_roles.group_{name}")

    def _drop_down(self, lang="en_US"):
        groups = self.env["res.groups"].with_context(lang=lang)
        hierarchy = groups._get_view_group_hierarchy()
        privilege = self.env.ref("crm_security_roles.privilege_documents")
        return hierarchy, hierarchy["privileges"][privilege.id]

    def test_the_drop_down_offers_the_three_roles_in_order(self):
        hierarchy, shown = self._drop_down()
        names = [hierarchy["groups"][group]["name"] for group in shown["group_ids"]]
        self.assertEqual(names, ["Own documents", "All documents", "Manager"])
        self.assertEqual(shown["placeholder"], "No role")

    def test_every_role_says_what_it_sees(self):
        hierarchy, shown = self._drop_down()
        for group in shown["group_ids"]:
            self.assertTrue(hierarchy["groups"][group]["comment"].strip())
        self.assertIn("Without a role", shown["description"])

    def test_the_drop_down_speaks_the_language_of_the_administrator(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.env["res.lang"]._activate_lang("mn_MN")
        module = self.env["ir.module.module"]._get("crm_security_roles")
        module._update_translations(["fa_IR", "mn_MN"])
        for lang in ("fa_IR", "mn_MN"):
            hierarchy, shown = self._drop_down(lang)
            texts = [shown["name"], shown["placeholder"], shown["description"]]
            for group in shown["group_ids"]:
                texts.append(hierarchy["groups"][group]["name"])
                texts.append(hierarchy["groups"][group]["comment"])
            for text in texts:
                self.assertFalse(text.isascii(), (lang, text))

    def test_the_cached_drop_down_of_core_is_left_alone(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        english = self._drop_down()[1]
        self._drop_down("fa_IR")
        self.assertEqual(self._drop_down()[1], english)

    def test_the_form_shows_the_sentence_of_the_role_chosen(self):
        with Form(self.core_own, "base.view_users_form") as form:
            self.assertFalse(form.document_role_id)
            form.group_ids.add(self._role("own"))
            self.assertEqual(form.document_role_id, self._role("own"))
            self.assertEqual(form.document_role_comment, self._role("own").comment)
            form.group_ids.add(self._role("manager"))
            self.assertEqual(form.document_role_id, self._role("manager"))

    def test_the_role_decides_what_is_found_at_once(self):
        self.assertEqual(self._cases_found(self.seller, "order"), READ)
        self.seller.group_ids = [Command.link(self._role("all").id)]
        self.assertEqual(self._cases_found(self.seller, "order"), EVERY)
        self.seller.group_ids = [Command.unlink(self._role("all").id)]
        self.assertEqual(self._cases_found(self.seller, "order"), READ)
        self.seller.group_ids = [
            Command.unlink(self._role("own").id),
            Command.link(self.env.ref("sales_team.group_sale_salesman").id),
        ]
        found = self._cases_found(self.seller, "order")
        self.assertEqual(found, {"own", "given", "loose", "nobody"})
