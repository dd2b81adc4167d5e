from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

ACTIVITY = "sale_quote_ext.mail_activity_type_discount"


class SaleOrder(models.Model):
    """Asking a leader for a discount, and his answer."""

    _inherit = "sale.order"

    discount_approval_ids = fields.One2many(
        comodel_name="sale.discount.approval",
        inverse_name="order_id",
        string="Discount Approvals",
        copy=False,
        readonly=True,
        groups="sales_team.group_sale_manager",
    )
    discount_state = fields.Selection(
        selection=[
            ("beyond", "Beyond Authority"),
            ("requested", "Approval Requested"),
            ("refused", "Approval Refused"),
            ("approved", "Approved"),
        ],
        string="Discount Authority",
        compute="_compute_discount_state",
        exportable=False,
        groups="base.group_user",
    )
    discount_message = fields.Text(
        compute="_compute_discount_state",
        exportable=False,
        groups="base.group_user",
    )
    discount_can_decide = fields.Boolean(
        compute="_compute_discount_state",
        exportable=False,
        groups="base.group_user",
    )
    discount_awaits_me = fields.Boolean(
        string="Awaiting My Approval",
        compute="_compute_discount_state",
        search="_search_discount_awaits_me",
        exportable=False,
        groups="base.group_user",
    )

    @api.depends_context("uid", "lang")
    @api.depends(
        "state",
        "partner_id",
        "team_id",
        "order_line.price_unit",
        "order_line.discount",
        "order_line.product_uom_qty",
    )
    def _compute_discount_state(self):
        """No query where nobody has a limit."""
        self.discount_state = self.discount_message = False
        self.discount_can_decide = self.discount_awaits_me = False
        if self.env["res.users"]._discount_lowest_limit() is None:
            return
        orders = self._discount_open()
        excess = orders._discount_excess()
        held = orders._discount_held()
        for order in orders:
            order._discount_show(excess.get(order, []), order in held)

    def _discount_show(self, beyond, held):
        """
        :param beyond: what is beyond the authority of who looks
        :param held: whether no customer could accept it
        """
        last = self.sudo()._origin.discount_approval_ids[:1]
        request = self._origin._discount_request()
        self.discount_can_decide = request and request._may_decide(self.env.user)
        self.discount_awaits_me = request and self.env.user in request.approver_ids
        if request:
            self.discount_state = "requested"
            self.discount_message = request._text()
        elif held and last.state == "refused":
            self.discount_state = "refused"
            self.discount_message = last._text()
        elif beyond:
            self.discount_state = "beyond"
            reasons = map(str, self._discount_reasons(beyond))
            self.discount_message = "\n".join(reasons)
        elif last.state == "approved" and not held:
            self.discount_state = "approved"
            self.discount_message = last._text()

    @api.model
    def _search_discount_awaits_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        approvals = self.env["sale.discount.approval"].sudo()._search(
            Domain("state", "=", "requested")
            & Domain("approver_ids", "in", self.env.uid)
            & Domain("order_id.state", "in", ("draft", "sent"))
        )
        awaiting = Domain("id", "in", approvals.subselect("order_id"))
        return awaiting if True in value else ~awaiting

    # Buttons

    def action_discount_request(self):
        """Ask for an approval of whatever these quotations give beyond the user's
        authority.

        :raise UserError: none of them does; or nobody could approve it
        :raise AccessError: the user may not write one of the records
        """
        orders = self._chain_distinct()
        orders.check_access("write")
        for request in orders._discount_ask():
            if not request.approver_ids:
                raise UserError(request._no_approver())
        if not orders._discount_request():
            raise UserError(
                self.env._("There is no discount beyond your authority to ask for.")
            )
        return True

    def action_discount_approve(self):
        """Allow the discounts that were asked for.

        :raise UserError: nothing is asked of the user
        :raise AccessError: he may not read one of the records
        """
        orders = self._chain_distinct()
        orders.check_access("read")
        orders._discount_decide("approved")
        return True

    def action_discount_refuse(self):
        """:return: the dialog that asks for the reason"""
        orders = self._chain_distinct()
        orders.check_access("read")
        orders._discount_requests_to_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse Discount"),
            "res_model": "sale.discount.refuse",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_ids": orders.ids},
        }

    # Asking

    def _discount_request(self):
        """:return: the open requests of these orders, as superuser"""
        approvals = self.sudo().discount_approval_ids
        return approvals.filtered(lambda approval: approval.state == "requested")

    def _discount_ask(self, user=None):
        """Open a request for each of these quotations that needs one and has none yet
        for as much, in place of an earlier one.

        :param user: whose authority does not suffice; else the current user's
        :return: the new requests, as superuser
        """
        values = [
            order._prepare_discount_request(beyond)
            for order, beyond in self._discount_open()._discount_excess(user).items()
            if not order._discount_is_asked(beyond)
        ]
        self.browse([x["order_id"] for x in values])._discount_close("replaced")
        requests = self.env["sale.discount.approval"].sudo().create(values)
        requests._plan_activities()
        requests._log()
        return requests

    def _discount_is_asked(self, beyond):
        covered = self._discount_request()._covered()
        return all(x.discount <= covered.get(x.line.id, -1) for x in beyond)

    def _prepare_discount_approval(self, beyond):
        self.ensure_one()
        return {
            "order_id": self.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "discount": max(x.discount for x in beyond),
            "line_discounts": {
                str(x.line.id): [x.line.product_id.id, x.discount] for x in beyond
            },
            "requested_by_id": self.env.uid,
        }

    def _prepare_discount_request(self, beyond):
        """A leader is asked for a quantity too, unless the customer chooses it."""
        values = self._prepare_discount_approval(beyond)
        for x in beyond:
            if not x.line._can_be_edited_on_portal():
                quantity = x.line._discount_quantity()
                values["line_discounts"][str(x.line.id)].append(quantity)
        approvers = self._discount_approvers()
        return {**values, "state": "requested", "approver_ids": approvers.ids}

    def _discount_approvers(self):
        """Whom to ask for one quotation: the leader of the team of whoever asks, else
        the sales managers.

        :return: users; there may be nobody
        """
        self.ensure_one()
        concerned = self.env.user | self.user_id
        leader = self._discount_team().user_id - concerned
        managers = self.env.ref("sales_team.group_sale_manager").sudo().all_user_ids
        for users in (leader, managers - concerned):
            able = users.sudo().filtered(
                lambda x: x.active
                and not x.share
                and self.company_id in x.company_ids
                and self.with_user(x).has_access("read")
            )
            if able:
                return able
        return managers.browse()

    def _discount_team(self):
        """:return: the team of whoever asks: the quotation's if he is a member of it"""
        teams = self.env.user._discount_teams()
        return self.sudo().team_id & teams or teams[:1]

    def _discount_clear(self):
        """Who sends or confirms by his own authority has approved it: for the
        customer, who has none.
        """
        user = self.env.user
        if not self or user._discount_lowest_limit() is None or user.share:
            return
        excess = self._discount_excess(self.env.ref("base.public_user").sudo())
        values = [
            {
                **order._prepare_discount_approval(beyond),
                "state": "approved",
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
            for order, beyond in excess.items()
        ]
        if values:
            self.browse([x["order_id"] for x in values])._discount_close("replaced")
            self.env["sale.discount.approval"].sudo().create(values)._log()

    # Deciding

    def _discount_requests_to_decide(self):
        """:raise UserError: the user may not decide on one of these orders"""
        for order in self:
            request = order._discount_request()
            if not request:
                raise UserError(
                    self.env._(
                        "No approval is asked for %(order)s any more.",
                        order=order.display_name,
                    )
                )
            if not request._may_decide(self.env.user):
                raise UserError(
                    self.env._(
                        "The discount of %(order)s is not yours to approve. "
                        "%(approvers)s may do so.",
                        order=order.display_name,
                        approvers=request.approver_ids.mapped("name"),
                    )
                )
        return self._discount_request()

    def _discount_decide(self, state, reason=False):
        requests = self._discount_requests_to_decide()
        requests.write(
            {
                "state": state,
                "reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        self._discount_unplan()
        requests._log()

    def _discount_settle(self):
        """What was sent, confirmed or cancelled needs no answer any more."""
        if self and self.env["res.users"]._discount_lowest_limit() is not None:
            self._discount_close("replaced")

    def _discount_close(self, state):
        if requests := self._discount_request():
            requests.state = state
            self._discount_unplan()

    def _discount_unplan(self):
        kept = self.env.context.get("discount_activity_done", [])
        activities = self.sudo().activity_search([ACTIVITY])
        activities.filtered(lambda activity: activity.id not in kept).unlink()
