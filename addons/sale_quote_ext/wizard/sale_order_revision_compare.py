from odoo import api, fields, models
from odoo.exceptions import UserError

from ..revision_text import RevisionText


class SaleOrderRevisionCompare(models.TransientModel):
    """Two revisions of a quotation side by side, or one and the quotation as it is."""

    _name = "sale.order.revision.compare"
    _description = "Compare Revisions"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotation",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    before_id = fields.Many2one(
        comodel_name="sale.order.revision",
        string="From",
        required=True,
        domain="[('order_id', '=', order_id)]",
        ondelete="cascade",
    )
    after_id = fields.Many2one(
        comodel_name="sale.order.revision",
        string="To",
        domain="[('order_id', '=', order_id)]",
        ondelete="cascade",
        help="Empty: the quotation as it is now.",
    )
    changes_html = fields.Html(
        string="Changes", compute="_compute_changes_html", sanitize=False
    )

    @api.depends_context("lang")
    @api.depends("before_id", "after_id")
    def _compute_changes_html(self):
        for wizard in self:
            changes = wizard._changes() if wizard.before_id else []
            wizard.changes_html = self.env["ir.qweb"]._render(
                "sale_quote_ext.revision_changes", {"changes": changes}
            )

    @api.model
    def _open(self, revisions):
        """
        :param revisions: one or two, readable and in their order
        :return: the action of the comparison
        """
        if len(revisions) not in (1, 2) or len(revisions.order_id) != 1:
            raise UserError(
                self.env._(
                    "Choose one revision, or two of the same quotation, to compare."
                )
            )
        wizard = self.create(
            {
                "order_id": revisions.order_id.id,
                "before_id": revisions[0].id,
                "after_id": revisions[1:].id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Revisions"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _changes(self):
        """:return: see :meth:`RevisionText.changes`
        :raise AccessError: the user may not read the quotation
        """
        self.ensure_one()
        order = self.order_id
        revisions = self.before_id | self.after_id
        revisions.check_access("read")
        order.check_access("read")
        after = self.after_id.content
        if not self.after_id:
            after = order.sudo()._revision_content()
        text = RevisionText(self.env, self.before_id.currency_id)
        return text.changes(self.before_id.content, after)
