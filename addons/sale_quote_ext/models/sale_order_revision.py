from odoo import api, fields, models
from odoo.fields import Domain

from ..revision_text import RevisionText


class SaleOrderRevision(models.Model):
    """What a quotation was when it was sent. Written by the program alone: nobody has
    the right to, whatever he sends; read by whoever reads the quotation.
    """

    _name = "sale.order.revision"
    _description = "Quotation Revision"
    _order = "id desc"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotation",
        required=True,
        index=True,
        ondelete="cascade",
    )
    number = fields.Integer(required=True, aggregator=None)
    reason = fields.Selection(
        selection=[("sent", "Sent"), ("kept", "Kept by Hand")],
        required=True,
        default="sent",
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    amount_untaxed = fields.Monetary(string="Untaxed Amount")
    amount_total = fields.Monetary(string="Total")
    validity_date = fields.Date(string="Expiration")
    content = fields.Json(
        string="Data",
        required=True,
        exportable=False,
        export_string_translation=False,
        help="The terms and lines, as sale.order._revision_content() describes them.",
    )
    content_html = fields.Html(
        string="Content", compute="_compute_content_html", sanitize=False
    )

    _number_once = models.Constraint(
        "UNIQUE (order_id, number)",
        "There is a revision of this number already. Try again.",
    )

    @api.depends("order_id.name", "number")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._(
                "%(quotation)s, revision %(number)s",
                quotation=revision.order_id.name,
                number=revision.number,
            )

    @api.depends_context("lang")
    @api.depends("content")
    def _compute_content_html(self):
        for revision in self:
            revision.content_html = self.env["ir.qweb"]._render(
                "sale_quote_ext.revision_content",
                {
                    "text": RevisionText(self.env, revision.currency_id),
                    "content": revision.content,
                },
            )

    @api.model
    def _last_sent(self, orders):
        """:return: ``{order: content}`` of what was last sent of each; one query"""
        if not orders:
            return {}
        revisions = self.sudo().search_fetch(
            [("order_id", "in", orders.ids), ("reason", "=", "sent")],
            ["order_id", "content"],
            order="id",
        )
        last = {revision.order_id.id: revision.content for revision in revisions}
        return {order: last[order.id] for order in orders if order.id in last}

    # Rights: those of the quotation

    def _check_access(self, operation):
        if result := super()._check_access(operation):
            return result
        if self.env.su or not any(self._ids):
            return None
        orders = self.sudo().order_id.with_env(self.env)
        hidden = orders - orders._filtered_access("read")
        forbidden = self.filtered(lambda x: x.sudo().order_id.id in hidden.ids)
        if not forbidden:
            return None
        rules = self.env["ir.rule"]
        return forbidden, lambda: rules._make_access_error(operation, forbidden)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            orders = self.env["sale.order"]._search(Domain.TRUE)
            domain = Domain(domain) & Domain("order_id", "in", orders)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    # Buttons

    def action_compare(self):
        """Open the comparison of these: of two of them, or of one with the quotation
        as it is now.

        :raise UserError: they are more than two, or of several quotations
        :raise AccessError: the user may not read their quotation
        """
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        revisions = self.union().sorted("number")
        revisions.check_access("read")
        compare = self.env["sale.order.revision.compare"]
        return compare._open(revisions)
