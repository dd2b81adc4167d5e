from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestReportsOpen(HttpCase):
    """The views are drawn without an error in the page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            login="reports_manager",
            password="reports_manager",
            groups="sales_team.group_sale_manager",
        )
        team = cls.env["crm.team"].create({"name": "Seen", "use_opportunities": True})
        lead = cls.env["crm.lead"].create(
            {"name": "Seen", "type": "opportunity", "team_id": team.id}
        )
        lead.date_deadline = fields.Date.today()
        cls.env.cr.flush()

    def opens(self, xmlid, shows):
        self.browser_js(
            f"/odoo/action-{xmlid}",
            "console.log('test successful')",
            f"document.querySelector({shows!r}) !== null",
            login="reports_manager",
            timeout=200,
        )

    def test_the_funnel_opens_as_a_pivot(self):
        self.opens("crm_pipeline_ext.crm_funnel_report_action", ".o_pivot_cell_value")

    def test_the_forecast_opens_as_a_pivot(self):
        self.opens("crm_pipeline_ext.crm_forecast_report_action", ".o_pivot_cell_value")

    def test_the_cards_of_teams_show_their_funnel(self):
        self.opens("sales_team.crm_team_action_pipeline", ".o_team_funnel_bar")
