from odoo import api, models


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _eval_context(self):
        """Let the domain of a rule ask whether its user is to be narrowed.

        ``own_documents_only`` guards the global rules of this module: they
        evaluate to an empty domain for everybody else.
        """
        return {
            **super()._eval_context(),
            "own_documents_only": self.env.user._sees_own_documents_only(),
        }
