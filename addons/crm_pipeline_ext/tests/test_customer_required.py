from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import ChainCase

MESSAGE = "needs a registered customer.*Deal"


@tagged("post_install", "-at_install")
class TestCustomerRequired(ChainCase):
    """Where the setting asks for it, no opportunity is without a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Sara"})
        deal = {"name": "Deal", "type": "opportunity"}
        cls.old, cls.good = cls.make_leads(
            deal, {**deal, "partner_id": cls.customer.id}
        )
        cls.switch(True)

    @classmethod
    def switch(cls, on):
        settings = cls.env["res.config.settings"].create({"crm_customer_required": on})
        settings.execute()

    @contextmanager
    def refused(self, message=MESSAGE):
        """What was done before the refusal is taken back, as at the end of a call."""
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertRegex(str(caught.exception), message)

    def make_deal(self, **vals):
        [deal] = self.make_leads({"name": "Deal", **vals}, type="opportunity")
        return deal

    def test_is_off_by_default(self):
        self.switch(False)
        self.assertTrue(self.make_deal())

    def test_new_opportunity_needs_one(self):
        with self.refused():
            self.make_deal()
        self.assertTrue(self.make_deal(partner_id=self.customer.id))

    def test_leads_stay_free(self):
        [lead] = self.make_leads({"name": "Lead"})
        lead.write({"priority": "2"})
        self.assertFalse(lead.partner_id)

    def test_lead_does_not_turn_into_one(self):
        [lead] = self.make_leads({"name": "Deal"})
        with self.refused():
            lead.write({"type": "opportunity"})
        lead.write({"type": "opportunity", "partner_id": self.customer.id})

    def test_customer_is_not_taken_away(self):
        for leads in (self.good, self.good | self.make_leads({"name": "Lead"})):
            with self.refused():
                leads.write({"partner_id": False})

    def test_message_names_each_record(self):
        leads = self.make_leads({"name": "Deal A"}, {"name": "Deal B"})
        with self.refused("Deal A, Deal B"):
            leads.write({"type": "opportunity"})

    def test_import_is_refused(self):
        result = self.Lead.load(
            ["name", "type", "partner_id/.id"],
            [
                ["Deal", "opportunity", ""],
                ["Other", "opportunity", str(self.customer.id)],
            ],
        )
        self.assertFalse(result["ids"])
        self.assertRegex(result["messages"][0]["message"], MESSAGE)

    def test_quick_create_of_the_pipeline(self):
        view = "crm.quick_create_opportunity_form"
        new = self.Lead.with_context(default_type="opportunity")
        with self.refused(), Form(new, view) as form:
            form.name = "Deal"
        company = self.env["res.partner"].create({"name": "Kian", "is_company": True})
        with Form(new, view) as form:
            form.name = "Deal"
            form.commercial_partner_id = company
        self.assertEqual(form.record.partner_id, company)

    def test_conversion_of_core_without_customer(self):
        [lead] = self.make_leads({"name": "Deal"})
        with self.refused():
            lead.convert_opportunity(self.env["res.partner"])
        wizard = lead.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )
        convert = wizard.create({"name": "convert", "action": "exist"})
        with self.refused():
            convert.action_apply()
        convert.action = "create"
        convert.action_apply()
        self.assertEqual(lead.partner_id.name, "Deal")

    def test_chain_registers_the_customer_first(self):
        [lead] = self.make_leads({"name": "Deal", "contact_name": "Omid"})
        lead.chain_run_step("opportunity")
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_id.name, "Omid")

    def test_old_ones_are_not_blocked(self):
        self.old.write({"priority": "2", "type": "opportunity"})
        self.old.action_set_lost(
            lost_reason_id=self.env["crm.lost.reason"].create({"name": "Price"}).id
        )
        self.assertEqual(self.old.won_status, "lost")
        self.old.partner_id = self.customer
        with self.refused():
            self.old.partner_id = False

    def test_copy_of_an_old_one_is_new(self):
        with self.refused():
            self.old.copy()

    def test_customer_of_an_opportunity_is_not_deleted(self):
        with self.refused("Sara is the customer"):
            self.customer.unlink()
        self.switch(False)
        self.customer.unlink()

    def test_enquiry_by_email_registers_who_writes(self):
        lead = self.env["crm.lead"].message_new(
            {"subject": "Deal", "from": "Omid <omid@x.example>", "author_id": False},
            {"type": "opportunity"},
        )
        self.assertEqual(lead.partner_id.email, "omid@x.example")
        self.assertEqual(lead.type, "opportunity")

    def test_enquiry_of_a_visitor_registers_him(self):
        public = self.env.ref("base.public_user")
        lead = (
            self.env["crm.lead"]
            .with_user(public)
            .sudo()
            .create({"name": "Deal", "type": "opportunity", "contact_name": "Omid"})
        )
        self.assertEqual(lead.partner_id.name, "Omid")

    def test_setting_that_is_off_costs_nothing(self):
        self.switch(False)
        deals = self.make_deal() | self.make_deal()
        deals[0].write({"type": "lead"})
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(deals._customer_required())
        with patch.object(type(deals), "_without_customer") as asked:
            deals.write({"type": "opportunity"})
            deals.copy()
        asked.assert_not_called()
