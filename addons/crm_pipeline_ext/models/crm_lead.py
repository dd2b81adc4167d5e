from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import parse_contact_from_email

from ..batch import collecting


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

    # Customers

    def _chain_set_customers(self):
        """Give every lead its customer: found, or created once for all.

        Who left an e-mail address comes first, then who left a phone number: the
        others may be one of them.
        """
        rest = self.filtered(lambda lead: not lead.partner_id)
        for known_by in ("email_normalized", "phone_sanitized", "id"):
            leads = rest.filtered(known_by)
            leads._chain_assign_customers()
            rest -= leads

    def _chain_assign_customers(self):
        customers = self._chain_find_customers()
        missing = self.filtered(lambda lead: lead.id not in customers)
        customers.update(missing._chain_create_customers())
        for partner, same in self.grouped(lambda x: customers[x.id]).items():
            same.partner_id = partner

    def _chain_find_customers(self):
        """Look customers up by e-mail, then by phone (E.164), then by name.

        A name counts only if one customer alone bears it and neither his e-mail
        nor his phone is another.

        :return: ``{lead id: partner}`` of the leads whose customer is registered
        """
        found = {}
        for key in ("email_normalized", "phone_sanitized"):
            rest = self.filtered(lambda lead: lead.id not in found)
            found.update(rest._chain_match_customers(key, rest.grouped(key)))
        rest = self.filtered(lambda lead: lead.id not in found)
        by_name = rest.grouped(lambda x: x.contact_name or x.partner_name)
        found.update(rest._chain_match_customers("name", by_name, unique=True))
        return found

    def _chain_match_customers(self, key, leads_by_value, unique=False):
        values = [value for value in leads_by_value if value]
        if not values:
            return {}
        may_be = "_chain_may_be_namesake" if unique else "_chain_may_be_customer"
        companies = [False, *self.company_id.ids]
        partners = self.env["res.partner"].search(
            Domain(key, "in", values) & Domain("company_id", "in", companies),
            order="id",
        )
        return {
            lead.id: lead._chain_likeliest_customer(matches)
            for value, candidates in partners.grouped(key).items()
            for lead in leads_by_value.get(value, ())
            if (matches := candidates.filtered(getattr(lead, may_be)))
            and not (unique and len(matches) > 1)
        }

    def _chain_likeliest_customer(self, partners):
        """:return: the oldest person, or the oldest company if the lead names only
        one: core gives a company the e-mail and the phone of its first contact
        """
        wanted = self._chain_is_company()
        return partners.sorted(lambda partner: partner.is_company != wanted)[0]

    def _chain_may_be_customer(self, partner):
        """:return: False if something known of the lead speaks against ``partner``"""
        emails = {self.email_normalized, partner.email_normalized} - {False}
        companies = partner.company_id - self.company_id
        return len(emails) < 2 and not companies

    def _chain_may_be_namesake(self, partner):
        """:return: whether ``partner``, who bears the same name, may be the customer"""
        phones = {self.phone_sanitized, partner.phone_sanitized} - {False}
        return len(phones) < 2 and self._chain_may_be_customer(partner)

    def _chain_create_customers(self):
        """Create the customers of these leads: a contact, a company or both.

        Leads with the same e-mail, phone or name share a customer; one that has
        none of them has its own.

        :return: ``{lead id: partner}`` for all of ``self``
        """
        Partner = collecting(self.env["res.partner"])
        parents = self._chain_create_companies()
        same = self.grouped(lambda lead: lead._chain_customer_key())
        heads = [leads[0] for leads in same.values()]
        contacts = [lead for lead in heads if not lead._chain_is_company()]
        created = Partner.create(
            [
                lead._prepare_customer_values(
                    lead._chain_contact_name() or lead.name,
                    parent_id=parents.get(lead.partner_name, Partner).id,
                )
                for lead in contacts
            ]
        )
        customers = dict(zip(contacts, created, strict=True))
        return {
            lead.id: customers.get(head) or parents[head.partner_name]
            for head, leads in zip(heads, same.values(), strict=True)
            for lead in leads
        }

    def _chain_customer_key(self):
        """:return: what leads of the same, still unknown customer have in common"""
        self.ensure_one()
        names = (self._chain_contact_name(), self.partner_name)
        return (
            self.email_normalized
            or self.phone_sanitized
            or (any(names) and names)
            or self.id
        )

    def _chain_create_companies(self):
        """:return: ``{company name: partner}``, found or created"""
        leads_by_name = self.filtered("partner_name").grouped("partner_name")
        if not leads_by_name:
            return {}
        Partner = self.env["res.partner"]
        companies = Partner.search(
            Domain("name", "in", list(leads_by_name))
            & Domain("is_company", "=", True)
            & Domain("company_id", "in", [False, *self.company_id.ids]),
            order="id desc",
        )
        found = {company.name: company for company in companies}
        missing = [name for name in leads_by_name if name not in found]
        created = collecting(Partner).create(
            [
                leads_by_name[name][0]._prepare_customer_values(name, is_company=True)
                for name in missing
            ]
        )
        return {**found, **dict(zip(missing, created, strict=True))}

    def _chain_contact_name(self):
        self.ensure_one()
        return self.contact_name or parse_contact_from_email(self.email_from or "")[0]

    def _chain_is_company(self):
        """A lead that names a company and no person is the company's own."""
        return bool(self.partner_name and not self._chain_contact_name())

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

    def _chain_bar_segments(self):
        return self._chain_lead_segments()

    def _chain_bar_next(self):
        """What comes after the stored step: no document need be read."""
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
