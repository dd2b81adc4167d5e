from odoo import api, fields, models

# The guard of every global rule of this module, for ``has_groups``. The own role
# narrows even beside groups of core that see everything; only the role of all
# documents lifts it. Rules repeat it as text, so that they hold before this
# module's code is loaded.
OWN_ONLY = "crm_security_roles.group_own,!crm_security_roles.group_all"


class ResUsers(models.Model):
    _inherit = "res.users"

    document_role_id = fields.Many2one(
        comodel_name="res.groups",
        compute="_compute_document_role",
        compute_sudo=True,
        groups="base.group_erp_manager",
        help="The highest role this person holds, directly or through other groups.",
    )
    document_role_comment = fields.Text(
        string="What the Role Sees",
        compute="_compute_document_role",
        compute_sudo=True,
        groups="base.group_erp_manager",
    )

    @api.depends("all_group_ids")
    @api.depends_context("lang")
    def _compute_document_role(self):
        roles = self._get_document_roles()
        for user in self:
            role = (roles & user.all_group_ids._origin)[:1]
            user.document_role_id = role
            user.document_role_comment = role.comment

    @api.model
    def _get_document_roles(self):
        """Return the groups that are roles, the most powerful one first."""
        return (
            self.env.ref("crm_security_roles.group_manager")
            | self.env.ref("crm_security_roles.group_all")
            | self.env.ref("crm_security_roles.group_own")
        )

    def _sees_own_documents_only(self):
        """Tell whether the guarded rules narrow this user (a single record)."""
        self.ensure_one()
        return self.has_groups(OWN_ONLY)
