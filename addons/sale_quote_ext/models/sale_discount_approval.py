from markupsafe import Markup

from odoo import fields, models

from .sale_order_approval import ACTIVITY


class SaleDiscountApproval(models.Model):
    """A leader's word on the discounts of a quotation. Written by the program alone:
    nobody has the right to, whatever he sends.
    """

    _name = "sale.discount.approval"
    _description = "Discount Approval"
    _order = "id desc"

    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        ondelete="cascade",
        help="For whom it was asked; it holds for nobody else.",
    )
    state = fields.Selection(
        selection=[
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("replaced", "Replaced"),
        ],
        required=True,
        default="requested",
        index=True,
    )
    discount = fields.Float(
        string="Highest Discount (%)",
        digits="Discount",
    )
    line_discounts = fields.Json(
        help="By the id of the line: its product and its discount in percent.",
    )
    requested_by_id = fields.Many2one(comodel_name="res.users", ondelete="restrict")
    approver_ids = fields.Many2many(comodel_name="res.users", string="Approvers")
    decided_by_id = fields.Many2one(comodel_name="res.users", ondelete="restrict")
    decided_on = fields.Datetime()
    reason = fields.Text()

    def _covered(self):
        """:return: ``{line id: percent}`` that these approvals allow, of lines that
        still sell the same product, and as much of it as a leader was asked for
        """
        covered = {}
        lines = self.env["sale.order.line"]
        for key in [key for approval in self for key in approval.line_discounts or {}]:
            lines |= lines.browse(int(key))
        lines = {line.id: line for line in lines.exists()}
        for approval in self:
            for key, (percent, *what) in approval._line_items():
                if key in lines and lines[key]._discount_is_of(*what):
                    covered[key] = max(percent, covered.get(key, percent))
        return covered

    def _line_items(self):
        """:return: pairs of the id of a line, and its percent, product id and, if it
        matters, quantity
        """
        for key, (product_id, percent, *quantity) in (
            self.line_discounts or {}
        ).items():
            yield int(key), (percent, product_id, *quantity)

    def _may_decide(self, user):
        """:return: whether this one request is for ``user`` to decide: for whom it was
        asked, or a sales manager. Nobody decides for himself, unless his own authority
        is enough.
        """
        self.ensure_one()
        manager = user.has_group("sales_team.group_sale_manager")
        if not (manager or user in self.approver_ids):
            return False
        if user not in self.requested_by_id | self.order_id.user_id:
            return True
        limit = user._discount_limit(self.order_id.team_id)
        return manager and (limit is None or self.discount <= limit)

    def _plan_activities(self):
        for request in self:
            for user in request.approver_ids:
                request.order_id.activity_schedule(
                    ACTIVITY,
                    user_id=user.id,
                    summary=self.env._(
                        "Approve a discount of %(discount)s %%",
                        discount=request.order_id._discount_text(request.discount),
                    ),
                    note=request._note(),
                )

    def _no_approver(self):
        return self.env._(
            "Nobody may approve the discount of %(order)s. Ask an administrator to "
            "give its sales team a leader.",
            order=self.order_id.display_name,
        )

    def _text(self):
        """:return: what happened, in a sentence"""
        self.ensure_one()
        order = self.order_id
        values = {
            "discount": order._discount_text(self.discount),
            "asker": self.requested_by_id.name,
            "decider": self.decided_by_id.name,
        }
        if self.state == "requested":
            return self.env._(
                "%(asker)s asks to approve a discount of up to %(discount)s %%.",
                **values,
            )
        if self.state == "refused":
            return self.env._(
                "%(decider)s refused a discount of up to %(discount)s %%: %(reason)s",
                **values,
                reason=self.reason or "",
            )
        if self.requested_by_id == self.decided_by_id:
            return self.env._(
                "%(decider)s gave a discount of up to %(discount)s %% by his own "
                "authority.",
                **values,
            )
        return self.env._(
            "%(decider)s approved a discount of up to %(discount)s %%.", **values
        )

    def _note(self):
        """:return: what happened, line by line"""
        lines = self.env["sale.order.line"].sudo()
        items = Markup().join(
            Markup("<li>%s: %s %%</li>")
            % (
                lines.browse(int(key)).product_id.display_name
                or lines.browse(int(key)).name,
                self.order_id._discount_text(percent),
            )
            for key, (_product, percent, *_quantity) in self.line_discounts.items()
        )
        reason = self.state == "approved" and self.reason
        said = Markup("<p>%s</p>") % reason if reason else ""
        return Markup("<p>%s</p>%s<ul>%s</ul>") % (self._text(), said, items)

    def _log(self):
        """Into the chatter of the orders, together."""
        orders = self.order_id
        orders._message_log_batch(
            bodies={approval.order_id.id: approval._note() for approval in self},
            author_id=self.env.user.partner_id.id,
        )
