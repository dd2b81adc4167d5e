from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model
    def _get_view_group_hierarchy(self):
        """Show the role's drop-down in the language of the administrator.

        The placeholder and the description of a privilege are not translatable
        fields. The cached value belongs to core: it is copied, not changed.
        """
        hierarchy = super()._get_view_group_hierarchy()
        privilege = self.env.ref(
            "crm_security_roles.privilege_documents", raise_if_not_found=False
        )
        shown = privilege and hierarchy["privileges"].get(privilege.id)
        if not shown:
            return hierarchy
        translated = {**shown, **self._get_role_privilege_texts()}
        privileges = {**hierarchy["privileges"], privilege.id: translated}
        return {**hierarchy, "privileges": privileges}

    def _get_role_privilege_texts(self):
        """Return the texts around the drop-down of roles on the user form."""
        return {
            "placeholder": self.env._("No role"),
            "description": self.env._(
                "Which sales and purchase documents this person works on. Stock and "
                "accounting rights are given separately. Without a role, the other "
                "settings on this page decide alone."
            ),
        }
