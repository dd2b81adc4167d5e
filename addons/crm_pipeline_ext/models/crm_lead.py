from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.chain.mixin"]

    # More duplicates than this are for a person to sort out, as in core's merge.
    _chain_merge_limit = 5

    chain_step = fields.Selection(
        selection=[("lead", "Enquiry"), ("opportunity", "Opportunity")],
        compute="_compute_chain_step",
        store=True,
        help="The last step of the sale chain that this sale has passed, "
        "read from its documents.",
    )

    @api.depends("type", "partner_id")
    def _compute_chain_step(self):
        """The step before the first one still needed, for all leads at once.

        Extensions add to the dependencies, not to the computation.
        """
        rest, passed = self, "lead"
        for step in self._chain_steps():
            needed = rest._chain_needed(step)
            needed.chain_step = passed
            rest, passed = rest - needed, step
        rest.chain_step = passed

    @api.model
    def _chain_read_documents_anew(self):
        """Recompute ``chain_step`` of all leads, for addons that add steps: what
        they find in a database that has been in use was made before them.
        """
        field, last = self._fields["chain_step"], 0
        leads = self.with_context(active_test=False)
        while batch := leads.search([("id", ">", last)], limit=1000, order="id"):
            last = batch[-1].id
            self.env.add_to_compute(field, batch)
            batch.flush_recordset([field.name])
            self.env.invalidate_all()

    @api.model
    def _chain_documents(self):
        """:return: the models of documents; what steps change in them is told"""
        return ["crm.lead"]

    # Step: opportunity

    def _chain_opportunity_needed(self):
        """An opportunity is one with a registered customer."""
        return self.filtered(lambda lead: lead.type == "lead" or not lead.partner_id)

    def _chain_opportunity_blockers(self):
        blockers = self._chain_lost_blockers()
        for leads in self._chain_duplicates():
            if len(leads) > self._chain_merge_limit:
                reason = self.env._(
                    "It looks like %(count)s other open leads of the same customer. "
                    "Merge them, or convert it with “Convert to Opportunity”.",
                    count=len(leads) - 1,
                )
                for lead in leads & self:
                    blockers[lead.id].append(reason)
        if not self.env["res.partner"].has_access("create"):
            free = self.filtered(lambda lead: lead.id not in blockers)
            customers = free._chain_find_customers()
            for lead in free.filtered(lambda lead: lead.id not in customers):
                blockers[lead.id].append(
                    self.env._(
                        "Its customer is not registered yet, and you may not create "
                        "contacts. Ask an administrator for “Contact Creation”."
                    )
                )
        return blockers

    def _chain_opportunity_do(self):
        leads = self._chain_merge_duplicates()
        leads._chain_set_customers()
        leads._chain_convert()

    def _chain_lost_blockers(self):
        """:return: a ``defaultdict(list)`` of blockers, to be added to"""
        blockers = defaultdict(list)
        for lead in self.filtered(lambda lead: not lead.active):
            blockers[lead.id].append(
                self.env._("It is lost or archived. Restore it first.")
            )
        return blockers

    # Duplicates: core's criteria (same customer or e-mail, still pending), found
    # for all leads with one search. See core's `_get_lead_duplicates`.

    def _chain_duplicates_domain(self):
        """:return: the leads that may be duplicates of those of ``self``"""
        return (
            Domain("won_status", "=", "pending")
            & Domain("active", "=", True)
            & (Domain("type", "=", "lead") | Domain("chain_step", "=", "opportunity"))
            & (
                Domain("email_normalized", "in", self._chain_emails())
                | Domain("partner_id", "in", self.partner_id.ids)
            )
        )

    def _chain_emails(self):
        return [email for email in set(self.mapped("email_normalized")) if email]

    def _chain_duplicates(self):
        """Group the leads of ``self`` with their duplicates.

        Two opportunities are never duplicates of one another: a customer may well
        have two deals. A lead belongs to the likelier one of them.

        :return: recordsets of two leads or more, each with one of ``self``
        """
        leads = self.filtered(lambda lead: lead.type == "lead" and lead.active)
        if not leads:
            return []
        groups = {}  # {(company, e-mail or customer): (all keys, leads) of its group}
        for lead in self.search(leads._chain_duplicates_domain(), order="id"):
            criteria = filter(None, (lead.email_normalized, lead.partner_id))
            keys, group = {(lead.company_id, key) for key in criteria}, lead
            for others_keys, others in [groups[key] for key in keys if key in groups]:
                keys, group = keys | others_keys, group | others
            groups.update(dict.fromkeys(keys, (keys, group)))
        return [
            group
            for group in {self._chain_one_opportunity(x) for _k, x in groups.values()}
            if len(group) > 1 and group & leads
        ]

    @api.model
    def _chain_one_opportunity(self, group):
        """Keep the leads of a group and the likeliest of its opportunities."""
        deals = group.filtered(lambda lead: lead.type == "opportunity")
        return (group - deals) | deals._sort_by_confidence_level(reverse=True)[:1]

    def _chain_merge_duplicates(self):
        """Merge each group of duplicates by core's own merge.

        :return: the leads of ``self`` that are left and those merged into
        """
        merged = self.browse()
        for group in self._chain_duplicates():
            merged |= group.merge_opportunity()
        return self.exists() | merged

    # Conversion; customers are found in crm_lead_customer.py

    def _chain_convert(self):
        """Core's conversion, one write for leads that get the same values."""
        leads = self.filtered(lambda lead: lead.type == "lead")
        for (team, _stage), same in leads.grouped(
            lambda lead: (lead.team_id, bool(lead.stage_id))
        ).items():
            head = same[0]
            same.write(head._convert_opportunity_data(head.partner_id, team.id))

    # Chain bar and labels

    @api.model
    def _chain_step_labels(self):
        return {
            **super()._chain_step_labels(),
            "opportunity": self.env._("Convert to Opportunity"),
        }

    @api.depends("chain_step", "won_status")
    def _compute_chain_bar(self):
        super()._compute_chain_bar()

    def _chain_bar_segments(self):
        return self._chain_lead_segments()

    def _chain_bar_next(self):
        """What comes after the stored step: no document need be read."""
        if self.won_status == "lost":
            return False
        steps = ["lead", *self._chain_steps()]
        following = steps[steps.index(self.chain_step) + 1 :]
        offered = self._chain_policy()._offered_steps()
        return next((self._chain_offer(x) for x in following if x in offered), False)

    def _chain_lead_segments(self):
        """:return: the bar's segments of the lead itself, before any order"""
        self.ensure_one()
        link = {"model": self._name, "id": self.id, "name": self.name}
        deal = self.type == "opportunity" and bool(self.partner_id)
        opportunity = {
            **link,
            "name": self.partner_id.display_name,
            "date": self.date_conversion or self.create_date,
            "amount": self.expected_revenue,
            "currency_id": self.company_currency.id,
        }
        return [
            self._chain_segment(
                "lead",
                self.env._("Enquiry"),
                True,
                [{**link, "date": self.create_date}],
            ),
            self._chain_segment(
                "opportunity",
                self.env._("Opportunity"),
                deal,
                [opportunity] if deal else [],
            ),
        ]
