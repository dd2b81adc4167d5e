from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestOpportunityStep(ChainCase):
    """Customers found or created, duplicates merged, leads converted."""

    def run_step(self, leads):
        return leads.chain_run_step("opportunity")

    def test_customer_is_found_by_email(self):
        customer = self.env["res.partner"].create(
            {"name": "Sara", "email": "Sara@Example.com"}
        )
        [lead] = self.make_leads({"email_from": '"S. Ahmadi" <sara@example.COM>'})
        self.run_step(lead)
        self.assertEqual(lead.partner_id, customer)
        self.assertEqual(lead.type, "opportunity")

    def test_customer_is_found_by_phone_however_written(self):
        iran = self.env.ref("base.ir").id
        customer = self.env["res.partner"].create(
            {"name": "Reza", "phone": "+98 912 345 6789", "country_id": iran}
        )
        [lead] = self.make_leads({"phone": "0912-345-6789", "country_id": iran})
        self.run_step(lead)
        self.assertEqual(lead.partner_id, customer)

    def test_customer_is_found_by_a_name_that_is_his_alone(self):
        Partner = self.env["res.partner"]
        customer = Partner.create({"name": "Болормаа Бат"})
        Partner.create([{"name": "Ali Rezai"}, {"name": "Ali Rezai"}])
        known, ambiguous = self.make_leads(
            {"contact_name": "Болормаа Бат"}, {"contact_name": "Ali Rezai"}
        )
        self.run_step(known | ambiguous)
        self.assertEqual(known.partner_id, customer)
        self.assertEqual(Partner.search_count([("name", "=", "Ali Rezai")]), 3)

    def test_same_name_with_another_email_is_another_customer(self):
        other = self.env["res.partner"].create(
            {"name": "Ali Rezai", "email": "ali@elsewhere.example"}
        )
        [lead] = self.make_leads(
            {"contact_name": "Ali Rezai", "email_from": "rezai@example.com"}
        )
        self.run_step(lead)
        self.assertNotEqual(lead.partner_id, other)
        self.assertEqual(lead.partner_id.email, "rezai@example.com")

    def test_same_name_with_another_phone_is_another_customer(self):
        other = self.env["res.partner"].create(
            {"name": "Ganbaatar Bold", "phone": "+976 8811 7001"}
        )
        [lead] = self.make_leads(
            {"contact_name": "Ganbaatar Bold", "phone": "+976 8811 7002"}
        )
        self.run_step(lead)
        self.assertNotEqual(lead.partner_id, other)

    def test_one_batch_shares_a_customer_by_phone(self):
        """As if the leads had come one after another, the well known one first."""
        phone = {"phone": "+98 21 2233 4455"}
        only_phone, both = self.make_leads(
            {"contact_name": "Saman", **phone},
            {"contact_name": "Saman", "email_from": "saman@example.com", **phone},
            type="opportunity",
        )
        self.run_step(only_phone | both)
        self.assertEqual(only_phone.partner_id, both.partner_id)
        self.assertEqual(both.partner_id.email, "saman@example.com")

    def test_person_is_found_and_not_the_company_with_his_email(self):
        """Core gives the company that it creates the e-mail of its first contact."""
        person = {
            "contact_name": "Quinn",
            "partner_name": "Quinn Interiors",
            "email_from": "quinn@example.com",
        }
        first, second = self.make_leads(person, person, type="opportunity")
        self.run_step(first)
        self.run_step(second)
        self.assertFalse(first.partner_id.is_company)
        self.assertEqual(first.partner_id, second.partner_id)

    def test_contact_is_created_under_his_company(self):
        [lead] = self.make_leads(
            {
                "contact_name": "Sara",
                "partner_name": "Ahmadi Trading",
                "email_from": "sara@ahmadi.example",
            }
        )
        self.run_step(lead)
        self.assertEqual(lead.partner_id.name, "Sara")
        self.assertEqual(lead.partner_id.parent_id.name, "Ahmadi Trading")
        self.assertTrue(lead.partner_id.parent_id.is_company)
        self.assertEqual(lead.partner_id.user_id, self.salesperson)

    def test_company_without_a_contact_is_the_customer(self):
        leads = self.make_leads(
            {"partner_name": "Ahmadi Trading"}, {"partner_name": "Ahmadi Trading"}
        )
        self.run_step(leads)
        self.assertEqual(len(leads.partner_id), 1)
        self.assertTrue(leads.partner_id.is_company)

    def test_nothing_known_but_the_subject_names_the_customer(self):
        """As core's own conversion does."""
        [lead] = self.make_leads({"name": "Walk-in"})
        self.run_step(lead)
        self.assertEqual(lead.partner_id.name, "Walk-in")

    def test_two_of_whom_nothing_is_known_are_two_customers(self):
        leads = self.make_leads({}, {})
        self.run_step(leads)
        self.assertEqual(leads.partner_id.mapped("name"), ["Enquiry 1", "Enquiry 2"])

    def test_opportunity_without_customer_gets_one(self):
        [lead] = self.make_leads({"contact_name": "Sara"}, type="opportunity")
        self.assertEqual(lead.chain_step, "lead")
        self.run_step(lead)
        self.assertEqual(lead.partner_id.name, "Sara")
        self.assertEqual(lead.chain_step, "opportunity")

    def test_two_enquiries_of_one_customer_become_one(self):
        leads = self.make_leads(
            {"email_from": "sara@example.com"}, {"email_from": "SARA@example.com"}
        )
        result = self.run_step(leads)
        self.assertEqual(result["done"], leads.ids)
        self.assertEqual(len(leads.exists()), 1)
        self.assertEqual(leads.exists().chain_step, "opportunity")

    def test_enquiry_joins_the_open_opportunity(self):
        [deal] = self.make_leads({"email_from": "sara@example.com"}, type="opportunity")
        self.run_step(deal)
        [lead] = self.make_leads({"email_from": "sara@example.com"})
        self.run_step(lead)
        self.assertFalse(lead.exists())
        self.assertTrue(deal.exists())

    def test_two_deals_of_one_customer_stay_two(self):
        """Core's mass conversion would merge all three."""
        deals = self.make_leads(
            {"email_from": "sara@example.com"},
            {"email_from": "sara@example.com"},
            type="opportunity",
        )
        self.run_step(deals)
        [lead] = self.make_leads({"email_from": "sara@example.com"})
        self.run_step(lead)
        self.assertEqual(deals.exists(), deals)

    def test_too_many_duplicates_are_for_a_person(self):
        leads = self.make_leads(*[{"email_from": "info@shop.example"}] * 6)
        result = self.run_step(leads)
        self.assertFalse(result["done"])
        self.assertEqual(set(result["blocked"]), set(map(str, leads.ids)))
        self.assertIn("5 other open leads", result["blocked"][str(leads[0].id)][0])
        self.assertEqual(leads.exists(), leads)

    def test_leads_of_a_colleague_are_not_merged(self):
        theirs = (
            self.env["crm.lead"]
            .with_user(self.colleague)
            .create(
                {
                    "name": "Theirs",
                    "type": "lead",
                    "email_from": "sara@example.com",
                    "user_id": self.colleague.id,
                }
            )
        )
        [lead] = self.make_leads({"email_from": "sara@example.com"})
        self.run_step(lead)
        self.assertTrue(theirs.exists())
        self.assertEqual(theirs.type, "lead")

    def test_who_may_not_create_contacts_is_told(self):
        user = new_test_user(
            self.env, login="chain_poor", groups="sales_team.group_sale_salesman"
        )
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "res.partner"), ("perm_create", "=", True)]
        ).filtered(lambda access: access.group_id in user.all_group_ids).write(
            {"perm_create": False}
        )
        lead = self.env["crm.lead"].create(
            {"name": "Enquiry", "type": "lead", "user_id": user.id}
        )
        with self.assertRaisesRegex(UserError, "may not create contacts"):
            lead.with_user(user).action_chain_step("opportunity")

    def test_team_decides_the_first_stage(self):
        team = self.env["crm.team"].create({"name": "North"})
        stage = self.env["crm.stage"].create(
            {"name": "Northern", "team_ids": team.ids, "sequence": -1}
        )
        [lead] = self.make_leads({"contact_name": "Sara"}, team_id=team.id)
        lead.stage_id = False
        self.run_step(lead)
        self.assertEqual(lead.stage_id, stage)

    def test_queries_do_not_grow_with_the_batch(self):
        """Two searches and two creates for all, where core's wizard takes about
        twenty queries a lead.
        """
        for count, prefix in ((10, "a"), (40, "b")):
            leads = self.make_leads(
                *(
                    {
                        "contact_name": f"{prefix}{number}",
                        "email_from": f"{prefix}{number}@example.com",
                    }
                    for number in range(count)
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.run_step(leads)
            self.env.flush_all()
            queries = self.cr.sql_log_count - start
            with self.subTest(count=count):
                self.assertEqual(set(leads.mapped("chain_step")), {"opportunity"})
                self.assertLessEqual(queries, 80 + count)
