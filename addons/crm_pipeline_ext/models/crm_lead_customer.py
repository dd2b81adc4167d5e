from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list, parse_contact_from_email, str2bool

from ..batch import collecting
from ..folding import fold_name, fold_number

# What tells one customer from another, surest first, and where partners keep it.
KEYS = {
    "email": ("email_normalized",),
    "phone": ("phone_sanitized",),
    "number": ("vat_folded", "company_registry_folded"),
    "name": ("name_folded",),
    "firm": ("name_folded",),
}
SURE_KEYS = ("email", "phone", "number")
# Whoever is found by the one is somebody else if he has another of these.
SPEAKS_AGAINST = {
    "email": (),
    "phone": ("email", "number"),
    "number": (),
    "name": ("email", "phone", "number"),
    "firm": ("number",),
}
READ = (
    "name_folded",
    "email_normalized",
    "phone_sanitized",
    "vat_folded",
    "company_registry_folded",
    "company_id",
    "is_company",
    "commercial_company_name",
)


class CrmLead(models.Model):
    """Who the customer of a lead is: found by what is known of him, or created."""

    _inherit = "crm.lead"

    company_number = fields.Char(
        help="Tax ID or registration number of the customer's company. "
        "A registered customer is found by it, however it is written.",
    )
    known_customer_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_known_customer",
        help="A registered customer of whom this lead seems to be.",
    )
    known_customer_reason = fields.Char(
        compute="_compute_known_customer",
        string="Known By",
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends(
        "type",
        "active",
        "partner_id",
        "company_id",
        "email_normalized",
        "phone_sanitized",
        "company_number",
        "contact_name",
        "partner_name",
    )
    def _compute_known_customer(self):
        enquiries = self.filtered(
            lambda lead: lead.type == "lead" and lead.active and not lead.partner_id
        )
        customers = enquiries._chain_find_customers()
        for lead in self:
            customer = customers.get(lead.id, self.env["res.partner"])
            lead.known_customer_id = customer
            lead.known_customer_reason = lead._customer_reason(customer)

    def action_take_known_customer(self):
        """Give each lead without a customer the registered one it seems to be of.

        :param self: any number of leads
        :raise AccessError: the user may not write one of the leads
        """
        leads = self._chain_distinct()
        leads.check_access("write")
        leads = leads.filtered(lambda lead: not lead.partner_id)
        leads._assign_customers(leads._chain_find_customers())

    # Core's wizards

    def _find_matching_partner(self):
        """Core goes by e-mail alone; the chain by more, and both find the same."""
        found = super()._find_matching_partner()
        if self.partner_id:
            return found
        return self._chain_find_customers().get(self.id, found)

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        values = super()._prepare_customer_values(partner_name, is_company, parent_id)
        if self.company_number and not parent_id:
            values["company_registry"] = self.company_number
        return values

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "company_number"]

    # The chain

    def _chain_set_customers(self):
        """Give every lead its customer: found, or created once for all.

        Who left an e-mail address comes first, then who left a phone number, then who
        left his company's: the others may be one of them.
        """
        rest = self.filtered(lambda lead: not lead.partner_id)
        for known_by in ("email_normalized", "phone_sanitized", "company_number", "id"):
            leads = rest.filtered(known_by)
            leads._chain_assign_customers()
            rest -= leads

    def _chain_assign_customers(self):
        customers = self._chain_find_customers()
        self._assign_customers(customers)
        missing = self.filtered(lambda lead: lead.id not in customers)
        missing._set_customers(missing._chain_create_customers())

    def _chain_customers_foreseen(self):
        """:return: ``{lead id: name and reason}`` of the customers a run would find"""
        leads = self._filtered_access("write")
        leads = leads.filtered(lambda lead: not lead.partner_id and lead.active)
        customers = leads._chain_find_customers()
        return {
            lead.id: self.env._(
                "%(customer)s (%(reason)s)",
                customer=customers[lead.id].display_name,
                reason=lead._customer_reason(customers[lead.id]),
            )
            for lead in leads
            if lead.id in customers
        }

    def _assign_customers(self, customers):
        """Give the leads registered customers, and note why in their chatter.

        :param customers: ``{lead id: partner}``
        """
        leads = self.filtered(lambda lead: lead.id in customers)
        if not leads:
            return
        bodies = {
            lead.id: self.env._(
                "Customer found: %(customer)s (%(reason)s).",
                customer=customers[lead.id].display_name,
                reason=lead._customer_reason(customers[lead.id]),
            )
            for lead in leads
        }
        leads._set_customers(customers)
        collecting(leads)._message_log_batch(bodies)

    def _set_customers(self, customers):
        for partner, same in self.grouped(lambda lead: customers[lead.id]).items():
            same.partner_id = partner

    # Who it is

    def _chain_find_customers(self):
        """Look customers up by e-mail, phone (E.164) and company number, then by name.

        Two queries for any number of leads. Nothing known of the lead may speak against
        the customer, and a name counts only if one alone bears it.

        :return: ``{lead id: partner}`` of the leads whose customer is registered
        """
        found = {}
        rounds = [SURE_KEYS] if self else []
        if self and self._matches_names():
            rounds.append(("name",))
        for keys in rounds:
            rest = self.filtered(lambda lead: lead.id not in found)
            partners = rest._search_customers(keys)
            for key in keys if partners else ():
                rest = rest.filtered(lambda lead: lead.id not in found)
                found.update(rest._match_customers(key, partners))
        return found

    @api.model
    def _matches_names(self):
        param = self.env["ir.config_parameter"].sudo()
        return str2bool(param.get_param("crm_pipeline_ext.match_by_name"), False)

    def _search_customers(self, keys, domain=Domain.TRUE):
        """:return: the partners of whom one of ``keys`` is that of one of the leads"""
        domains = [
            Domain(field, "in", values)
            for key in keys
            if (values := {x for lead in self for x in lead._identity(key)})
            for field in KEYS[key]
        ]
        if not domains:
            return self.env["res.partner"]
        companies = Domain("company_id", "in", [False, *self.company_id.ids])
        return self.env["res.partner"].search_fetch(
            Domain.OR(domains) & companies & domain, READ, order="id"
        )

    def _match_customers(self, key, partners):
        """:return: ``{lead id: partner}``, by one key"""
        bearers = defaultdict(list)
        for partner in partners:
            for value in partner._identity(key):
                bearers[value].append(partner)
        matches = {
            lead: [
                partner
                for value in lead._identity(key)
                for partner in bearers.get(value, ())
                if lead._may_be_of(partner, key)
            ]
            for lead in self
        }
        return {
            lead.id: customer
            for lead, candidates in matches.items()
            if candidates and (customer := lead._likeliest_customer(key, candidates))
        }

    def _identity(self, key):
        """:return: the values of one of :data:`KEYS` that the lead is known by"""
        if key == "email":
            value = self.email_normalized
        elif key == "phone":
            value = self.phone_sanitized
        elif key == "number":
            value = fold_number(self.company_number)
        elif key == "firm":
            value = fold_name(self.partner_name)
        else:
            value = fold_name(self.contact_name or self.partner_name)
        return {value} if value else set()

    def _may_be_of(self, partner, key):
        """:return: whether nothing known of the lead speaks against ``partner``, who
        is found by ``key``
        """
        if partner.company_id and partner.company_id != self.company_id:
            return False
        for other in SPEAKS_AGAINST[key]:
            mine, his = self._identity(other), partner._identity(other)
            if mine and his and not mine & his:
                return False
        return key != "name" or self._may_work_for(partner)

    def _may_work_for(self, partner):
        """:return: False if ``partner`` is a person of another company"""
        firm = not partner.is_company and fold_name(partner.commercial_company_name)
        mine = self.contact_name and fold_name(self.partner_name)
        return not (firm and mine) or firm == mine

    def _likeliest_customer(self, key, partners):
        """:return: the oldest person, or the oldest company if the lead names only
        one: core gives a company the e-mail and the phone of its first contact. A
        number is the company's, unless the lead names one of its people. A name may be
        anybody's: nobody, where several bear it.
        """
        if key == "name":
            return len(partners) == 1 and partners[0]
        company = self._chain_is_company()
        if key == "number":
            named = self._identity("name")
            people = [
                partner
                for partner in partners
                if partner.name_folded in named and not partner.is_company
            ]
            company = not people
            partners = people or partners
        return min(partners, key=lambda partner: partner.is_company != company)

    def _customer_reason(self, customer):
        """:return: why one lead seems to be of ``customer``, or False"""
        reasons = [
            self._customer_reason_of(key, same.pop(), customer)
            for key in (*SURE_KEYS, "name")
            if (same := self._identity(key) & customer._identity(key))
        ]
        return bool(reasons) and format_list(self.env, reasons)

    def _customer_reason_of(self, key, value, customer):
        if key == "email":
            return self.env._("same e-mail %(email)s", email=value)
        if key == "phone":
            return self.env._("same phone %(phone)s", phone=value)
        if key == "number":
            return self.env._("same company number %(number)s", number=value)
        if customer.name == (self.contact_name or self.partner_name):
            return self.env._("same name")
        return self.env._("same name, written “%(name)s”", name=customer.name)

    # Creating them

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
                    parent_id=parents.get(lead.id, Partner).id,
                )
                for lead in contacts
            ]
        )
        customers = dict(zip(contacts, created, strict=True))
        return {
            lead.id: customers.get(head) or parents[head.id]
            for head, leads in zip(heads, same.values(), strict=True)
            for lead in leads
        }

    def _chain_customer_key(self):
        """:return: what leads of the same, still unknown customer have in common"""
        self.ensure_one()
        firm = fold_number(self.company_number) or fold_name(self.partner_name)
        names = (fold_name(self._chain_contact_name()), firm)
        return (
            self.email_normalized
            or self.phone_sanitized
            or (any(names) and names)
            or self.id
        )

    def _chain_create_companies(self):
        """Find or create the companies that the leads name.

        :return: ``{lead id: company}``
        """
        leads = self.filtered("partner_name")
        found = leads._chain_find_companies()
        missing = leads.filtered(lambda lead: lead.id not in found)
        same = missing.grouped(lambda lead: fold_name(lead.partner_name))
        created = collecting(self.env["res.partner"]).create(
            [
                head._prepare_customer_values(head.partner_name, is_company=True)
                for head, *_others in same.values()
            ]
        )
        for leads, company in zip(same.values(), created, strict=True):
            found.update(dict.fromkeys(leads.ids, company))
        return found

    def _chain_find_companies(self):
        """:return: ``{lead id: company}``: the oldest of that number, or of that name
        and no other number
        """
        companies = self._search_customers(
            ("firm", "number"), Domain("is_company", "=", True)
        )
        return {
            **self._match_customers("firm", companies),
            **self._match_customers("number", companies),
        }

    def _chain_contact_name(self):
        self.ensure_one()
        return self.contact_name or parse_contact_from_email(self.email_from or "")[0]

    def _chain_is_company(self):
        """A lead that names a company and no person is the company's own."""
        return bool(self.partner_name and not self._chain_contact_name())
