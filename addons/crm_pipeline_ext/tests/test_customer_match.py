from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestCustomerMatch(ChainCase):
    """Registered customers are found the same way by whoever looks for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"].with_user(cls.salesperson)

    def make_lead(self, **vals):
        [lead] = self.make_leads(vals)
        return lead

    def wizard(self, lead):
        return lead.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )

    def assert_customer(self, customer, **vals):
        """By core's wizard, core's mass wizard, our chain and the form alike."""
        one, two, three = self.make_leads(vals, vals, vals)
        self.assertEqual(one._find_matching_partner(), customer)
        self.assertEqual(one.known_customer_id, customer)
        self.wizard(one).create({"name": "convert"}).action_apply()
        mass = one.env["crm.lead2opportunity.partner.mass"].with_context(
            active_model="crm.lead", active_ids=two.ids
        )
        mass.create({"deduplicate": False}).action_mass_convert()
        three._chain_set_customers()
        for lead in (one, two, three):
            if customer:
                self.assertEqual(lead.partner_id, customer)
            else:
                self.assertNotIn(lead.partner_id, self.others)

    def test_texts_of_a_partner_are_kept_folded(self):
        partner = self.Partner.create(
            {"name": "شرکت كيان", "is_company": True, "vat": "IR ۱۲۳-۴"}
        )
        self.assertEqual(partner.name_folded, "شرکت کیان")
        self.assertEqual(partner.vat_folded, "IR1234")
        partner.write({"name": "Kian", "company_registry": "10/200"})
        self.assertEqual(partner.name_folded, "kian")
        self.assertEqual(partner.company_registry_folded, "10200")

    def test_by_email(self):
        customer = self.Partner.create({"name": "Sara", "email": "Sara@Example.com"})
        self.assert_customer(customer, email_from="sara@example.COM")

    def test_person_before_the_company_that_shares_his_email(self):
        """Core's wizard would take whichever is older."""
        both = {"email": "quinn@example.com"}
        self.Partner.create({"name": "Quinn Ltd", "is_company": True, **both})
        person = self.Partner.create({"name": "Quinn", **both})
        self.assert_customer(
            person, contact_name="Quinn", email_from="quinn@example.com"
        )

    def test_by_phone(self):
        customer = self.Partner.create({"name": "Reza", "phone": "+98 912 345 6789"})
        iran = self.env.ref("base.ir").id
        self.assert_customer(customer, phone="0912-345-6789", country_id=iran)

    def test_by_tax_id_however_written(self):
        customer = self.Partner.create(
            {"name": "Kian", "is_company": True, "vat": "۱۴۰۰-۱۲۳۴۵۶۷"}
        )
        self.assert_customer(
            customer, partner_name="Kian Trading", company_number="1400 1234567"
        )

    def test_by_registration_number(self):
        customer = self.Partner.create(
            {"name": "Kian", "is_company": True, "company_registry": "AB-77.1"}
        )
        self.assert_customer(customer, company_number="ab 771")

    def test_number_is_the_companys_unless_the_lead_names_one_of_its_people(self):
        company = self.Partner.create(
            {"name": "Kian", "is_company": True, "vat": "14001234567"}
        )
        sara, _reza = self.Partner.create(
            [
                {"name": "سارا کریمی", "parent_id": company.id},
                {"name": "Reza", "parent_id": company.id},
            ]
        )
        number = {"company_number": "14001234567"}
        self.assert_customer(sara, contact_name="سارا كريمي", **number)
        self.assert_customer(company, contact_name="Somebody", **number)

    def test_by_a_name_written_otherwise(self):
        customer = self.Partner.create({"name": "علي أكبر كريمي"})
        self.assert_customer(customer, contact_name="علی اکبر کریمی")

    def test_not_by_name_where_the_setting_says_so(self):
        self.Partner.create({"name": "علي أكبر كريمي"})
        lead = self.make_lead(contact_name="علی اکبر کریمی")
        self.assertTrue(lead._chain_find_customers())
        settings = self.env["res.config.settings"]
        settings.create({"crm_match_by_name": False}).execute()
        self.assertFalse(lead._chain_find_customers())

    def test_several_of_that_name_are_nobody(self):
        self.others = self.Partner.create([{"name": "علي"}, {"name": "علی"}])
        self.assert_customer(self.Partner, contact_name="علی")

    def test_what_speaks_against_a_namesake(self):
        self.others = self.Partner.create(
            {
                "name": "Kian",
                "email": "info@kian.example",
                "phone": "+98 21 2233 4455",
                "vat": "14001234567",
                "is_company": True,
            }
        )
        for other in (
            {"email_from": "kian@elsewhere.example"},
            {"phone": "+98 21 2233 4456"},
            {"company_number": "14007654321"},
        ):
            with self.subTest(**other):
                lead = self.make_lead(partner_name="Kian", **other)
                self.assertFalse(lead._chain_find_customers())
                self.assertFalse(lead.known_customer_id)

    def test_namesake_of_another_company_is_another(self):
        self.Partner.create({"name": "Ali Rezai", "company_name": "Kian"})
        lead = self.make_lead(contact_name="Ali Rezai", partner_name="Omid")
        self.assertFalse(lead.known_customer_id)
        lead.partner_name = "KIAN"
        self.assertTrue(lead.known_customer_id)

    def test_same_phone_and_another_company_number_are_another(self):
        self.Partner.create(
            {"name": "Kian", "vat": "14001234567", "phone": "+98 21 2233 4455"}
        )
        lead = self.make_lead(phone="+98 21 2233 4455", company_number="99")
        self.assertFalse(lead.known_customer_id)

    def test_partner_of_another_company_of_ours_is_not_taken(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["res.partner"].create(
            {"name": "Sara", "vat": "14001234567", "company_id": elsewhere.id}
        )
        lead = self.make_lead(company_number="14001234567")
        self.assertFalse(lead.sudo()._chain_find_customers())

    def test_new_company_keeps_the_number_and_is_found_by_it(self):
        first, second = self.make_leads(
            {"partner_name": "Kian", "company_number": "77-12"},
            {"partner_name": "Kiyan Co.", "company_number": "7712"},
        )
        first._chain_set_customers()
        self.assertEqual(first.partner_id.company_registry, "77-12")
        self.assertEqual(second.known_customer_id, first.partner_id)

    def test_new_contact_joins_the_company_written_otherwise(self):
        company = self.Partner.create({"name": "شركة كيان", "is_company": True})
        lead = self.make_lead(contact_name="Sara", partner_name="شرکه کیان")
        lead._chain_set_customers()
        self.assertEqual(lead.partner_id.name, "Sara")
        self.assertEqual(lead.partner_id.parent_id, company)

    def test_every_reason_is_named(self):
        customer = self.Partner.create(
            {
                "name": "كيان",
                "email": "info@kian.example",
                "phone": "+98 21 2233 4455",
                "vat": "14001234567",
            }
        )
        lead = self.make_lead(
            partner_name="کیان",
            email_from="info@kian.example",
            phone="+98 21 2233 4455",
            company_number="1400-1234567",
        )
        self.assertEqual(
            lead.known_customer_reason,
            "same e-mail info@kian.example, same phone +982122334455, "
            "same company number 14001234567, and same name, written “كيان”",
        )
        self.assertFalse(lead._customer_reason(self.salesperson.partner_id))
        customer.name = "کیان"
        self.assertTrue(lead._customer_reason(customer).endswith("and same name"))

    def test_wizard_of_core_shows_why(self):
        customer = self.Partner.create({"name": "Reza", "phone": "+98 912 345 6789"})
        lead = self.make_lead(phone="+98 912 345 6789")
        with Form(self.wizard(lead)) as wizard:
            self.assertEqual(wizard.partner_id, customer)
            self.assertEqual(wizard.customer_reason, "same phone +989123456789")
            wizard.partner_id = self.colleague.partner_id
            self.assertFalse(wizard.customer_reason)

    def test_form_of_a_lead_offers_the_known_customer(self):
        customer = self.Partner.create({"name": "Sara", "email": "sara@x.example"})
        with Form(self.Lead.with_context(default_type="lead")) as form:
            form.name = "Enquiry"
            self.assertFalse(form.known_customer_id)
            form.email_from = "sara@x.example"
            self.assertEqual(form.known_customer_id, customer)
            self.assertEqual(form.known_customer_reason, "same e-mail sara@x.example")
        lead = form.record
        lead.action_take_known_customer()
        self.assertEqual(lead.partner_id, customer)
        self.assertEqual(lead.type, "lead")
        self.assertIn("same e-mail sara@x.example", lead.message_ids[0].body)
        self.assertFalse(lead.known_customer_id)

    def test_opportunity_asks_nothing(self):
        self.Partner.create({"name": "Sara", "email": "sara@x.example"})
        [deal] = self.make_leads({"email_from": "sara@x.example"}, type="opportunity")
        self.env.flush_all()
        self.env.invalidate_all()
        deal.mapped("type")  # the record itself is read
        with self.assertQueryCount(0):
            self.assertFalse(deal.known_customer_id)

    @users("chain_colleague")
    def test_only_who_may_write_the_lead_may_take_the_customer(self):
        self.Partner.create({"name": "Sara", "email": "sara@x.example"})
        lead = self.make_lead(email_from="sara@x.example")
        with self.assertRaises(AccessError):
            lead.with_user(self.env.user).action_take_known_customer()
        self.assertFalse(lead.partner_id)

    def test_chain_notes_whom_it_found_and_why(self):
        self.Partner.create({"name": "Sara", "email": "sara@x.example"})
        found, created = self.make_leads(
            {"email_from": "sara@x.example"}, {"email_from": "new@x.example"}
        )
        (found | created).chain_run_step("opportunity")
        notes = found.message_ids.filtered(lambda x: "Customer found" in x.body)
        self.assertIn("Sara (same e-mail sara@x.example)", notes.body)
        self.assertEqual(notes.author_id, self.salesperson.partner_id)
        self.assertNotIn("Customer found", "".join(created.message_ids.mapped("body")))

    def test_preview_of_a_run_tells_the_customer_and_why(self):
        self.Partner.create({"name": "Sara", "email": "sara@x.example"})
        leads = self.make_leads({"email_from": "sara@x.example"}, {})
        run = self.make_run(leads)
        run.action_preview()
        known, unknown = run.line_ids.sorted("res_id")
        self.assertEqual(known.customer, "Sara (same e-mail sara@x.example)")
        self.assertFalse(unknown.customer)
        self.assertFalse(leads.partner_id)

    def test_queries_do_not_grow_with_the_leads(self):
        self.env["crm.team"].create(  # core looks for one for each lead without
            {"name": "North", "member_ids": self.salesperson.ids}
        )
        counts = {}
        for count in (10, 100):
            vals_list = [
                {
                    "contact_name": f"Buyer {count} {number}",
                    **(
                        {"email_from": f"b{count}.{number}@x.example"},
                        {"phone": f"+98 912 {count:03} 1{number:03}"},
                        {"company_number": f"{count} {number}"},
                        {},
                    )[number % 4],
                }
                for number in range(count)
            ]
            self.Partner.create(
                [
                    {
                        "name": vals["contact_name"].upper(),
                        "email": vals.get("email_from"),
                        "phone": vals.get("phone"),
                        "vat": vals.get("company_number"),
                    }
                    for vals in vals_list
                ]
            )
            leads = self.make_leads(*vals_list)
            self.env.flush_all()
            self.env.invalidate_all()
            leads.mapped("name")
            start = self.cr.sql_log_count
            self.assertEqual(len(leads._chain_find_customers()), count)
            counts[count] = self.cr.sql_log_count - start
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            leads.chain_run_step("opportunity")
            self.env.flush_all()
            counts[count, "step"] = self.cr.sql_log_count - start
            self.assertEqual(
                leads.partner_id.mapped("name"),
                [vals["contact_name"].upper() for vals in vals_list],
            )
        self.assertLessEqual(counts[100], counts[10], counts)
        self.assertLessEqual(counts[100], 4, counts)
        per_lead = (counts[100, "step"] - counts[10, "step"]) / 90
        self.assertLess(per_lead, 1, counts)
