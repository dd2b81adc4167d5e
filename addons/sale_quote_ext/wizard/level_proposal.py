from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

LIST_URL = "/odoo/action-sale_quote_ext.level_proposal_action_server"


class LevelProposal(models.TransientModel):
    """What a manager sees before levels by revenue are given."""

    _name = "level.proposal"
    _description = "Proposed Customer Level"
    _order = "id"

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    level_id = fields.Many2one(
        comodel_name="res.partner.grade",
        string="Level Today",
        readonly=True,
        ondelete="cascade",
    )
    proposed_level_id = fields.Many2one(
        comodel_name="res.partner.grade",
        readonly=True,
        ondelete="cascade",
    )
    by_hand = fields.Boolean(
        string="Set by Hand",
        readonly=True,
        help="Somebody has set the level of today. It changes only if you choose so.",
    )
    revenue = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    reason = fields.Char(readonly=True)
    expires_on = fields.Date(string="Until", readonly=True)

    # The list

    @api.model
    def _review_list(self):
        """:return: the list of all proposals as of now
        :raise AccessError: the user does not decide on levels
        """
        self.env["res.partner.grade"]._check_user_may_assign()
        self.search([("create_uid", "=", self.env.uid)]).sudo().unlink()
        self._propose()
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "sale_quote_ext.level_proposal_action"
            ),
            "domain": [("create_uid", "=", self.env.uid)],
        }

    @api.model
    def _propose(self):
        """:return: the proposals of now, that the user may see"""
        proposals = self.env["res.partner"]._level_proposals()
        partners = self.env["res.partner"].browse(x.partner.id for x in proposals)
        seen = set(partners._filtered_access("read").ids)
        return self.create(
            [self._prepare(x) for x in proposals if x.partner.id in seen]
        )

    @api.model
    def _prepare(self, proposal):
        """:return: the values for a :class:`Proposal`"""
        partner, level = proposal.partner, proposal.level
        return {
            "partner_id": partner.id,
            "level_id": partner.grade_id.id,
            "proposed_level_id": level.id,
            "by_hand": bool(partner.grade_id and not partner._level_is_earned()),
            "revenue": proposal.revenue,
            "currency_id": proposal.basis.revenue_currency_id.id,
            "reason": self._reason(proposal),
            "expires_on": partner._level_expiry(level),
        }

    @api.model
    def _reason(self, proposal):
        level, basis = proposal.level, proposal.basis
        values = {
            "level": basis.name,
            "threshold": format_amount(
                self.env, basis.revenue_threshold, basis.revenue_currency_id
            ),
        }
        if not level:
            return self.env._(
                "Expired; %(level)s takes %(threshold)s.", **values
            )
        if level == proposal.partner.grade_id:
            return self.env._("%(level)s again, from %(threshold)s.", **values)
        return self.env._("%(level)s from %(threshold)s.", **values)

    # Applying

    def action_apply(self):
        """Give the chosen customers their proposed level.

        :raise UserError: nothing is chosen; or levels have changed since
        :raise AccessError: the user does not decide on levels
        """
        self.env["sale.order"]._chain_check_ids(self._ids)
        self.env["res.partner.grade"]._check_user_may_assign()
        if not self:
            raise UserError(self.env._("Choose the customers first."))
        if changed := self.filtered(lambda x: x.partner_id.grade_id != x.level_id):
            raise UserError(
                self.env._(
                    "These customers have another level by now: %(customers)s. Open "
                    "the list again.",
                    customers=changed.partner_id.mapped("display_name"),
                )
            )
        self._apply()
        return self._review_list()

    def _apply(self):
        """One write for each level and day, and a note for each customer."""
        for (level, day), chosen in self.grouped(
            lambda x: (x.proposed_level_id, x.expires_on)
        ).items():
            chosen.partner_id.write(
                {
                    "grade_id": level.id,
                    "level_earned_id": level.id,
                    "level_expires_on": day,
                }
            )
        self.partner_id.sudo()._message_log_batch(
            bodies={x.partner_id.id: x._note() for x in self},
            author_id=self.env.user.partner_id.id,
        )

    def _note(self):
        """For the chatter, which also those read who may not know the revenue."""
        return self.env._(
            "Level by the revenue of the last 12 months. %(reason)s",
            reason=self.reason,
        )

    # Scheduled

    @api.model
    def _review(self):
        """The scheduled action: tell the managers, or give the levels, as the settings
        say. Levels by hand stay.
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        mode = get_param("sale_quote_ext.level_review")
        if mode not in ("tell", "apply"):
            return
        proposals = self._propose()
        due = proposals.filtered(lambda x: not x.by_hand)
        if due and mode == "apply":
            due._apply()
        elif due:
            due._tell()
        proposals.unlink()

    def _tell(self):
        """To each sales manager, in his language, with a link to the list."""
        managers = self.env.ref("sales_team.group_sale_manager").all_user_ids
        for user in managers.filtered(lambda x: x.active and not x.share):
            env = self.with_context(lang=user.lang).env
            text = env._(
                "%(count)s customers have earned another level, or theirs has expired.",
                count=len(self),
            )
            env["mail.thread"].message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("Customer Levels to Review"),
                body=Markup("<p>%s</p><p><a href='%s'>%s</a></p>")
                % (text, LIST_URL, env._("Review Levels")),
            )
