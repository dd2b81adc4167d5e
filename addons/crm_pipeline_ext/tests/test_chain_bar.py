from odoo.tests import HttpCase, tagged

from .common import ChainCase


@tagged("post_install", "-at_install")
class TestChainBar(ChainCase):
    def segments(self, lead):
        lead.invalidate_recordset()
        return {segment["key"]: segment for segment in lead.chain_bar["segments"]}

    def test_bar_tells_where_the_sale_stands(self):
        [lead] = self.make_leads({"contact_name": "Sara", "expected_revenue": 500})
        before = self.segments(lead)
        self.assertTrue(before["lead"]["done"])
        self.assertFalse(before["opportunity"]["done"])
        lead.chain_run_step("opportunity")
        [document] = self.segments(lead)["opportunity"]["documents"]
        self.assertEqual(document["name"], "Sara")
        self.assertEqual(document["amount"], 500)
        self.assertEqual(document["currency_id"], lead.company_currency.id)

    def test_bar_offers_the_next_step(self):
        [lead] = self.make_leads({"contact_name": "Sara"})
        self.assertEqual(
            lead.chain_bar["next"],
            {"step": "opportunity", "label": "Convert to Opportunity"},
        )

    def test_bar_of_a_lost_one_offers_nothing_until_it_is_restored(self):
        [lead] = self.make_leads({"contact_name": "Sara"})
        reason = self.env["crm.lost.reason"].create({"name": "Budget"})
        lead.action_set_lost(lost_reason_id=reason.id)
        self.assertFalse(lead.chain_bar["next"])
        lead.action_unarchive()
        self.assertEqual(lead.chain_bar["next"]["step"], "opportunity")

    def test_new_record_has_no_bar(self):
        self.assertFalse(self.Lead.new({"name": "Not saved"}).chain_bar)

    def test_form_shows_the_bar(self):
        arch = self.Lead.get_view(
            self.env.ref("crm.crm_lead_view_form").id, "form"
        )["arch"]
        self.assertIn('widget="chain_bar"', arch)


@tagged("post_install", "-at_install")
class TestChainBarJs(HttpCase):
    def test_unit_tests_of_the_widgets(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            "&filter=%22chain_%22",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
        )
