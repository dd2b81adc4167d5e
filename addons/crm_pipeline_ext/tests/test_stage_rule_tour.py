from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestStageRuleTour(HttpCase):
    def test_a_card_is_dragged_before_and_moved_on_after_its_checklist(self):
        user = new_test_user(
            self.env, login="stage_tour", groups="sales_team.group_sale_salesman"
        )
        team = self.env["crm.team"].create(
            {"name": "Tour", "member_ids": [(4, user.id)]}
        )
        first, second = self.env["crm.stage"].create(
            [
                {"name": name, "sequence": sequence, "team_ids": team.ids}
                for name, sequence in (("Tour first", -2), ("Tour second", -1))
            ]
        )
        field = self.env["ir.model.fields"]._get("crm.lead", "expected_revenue")
        rule = self.env["crm.stage.rule"].create(
            {
                "stage_id": first.id,
                "field_ids": field.ids,
                "check_ids": [(0, 0, {"name": "Budget known"})],
            }
        )
        lead = self.env["crm.lead"].create(
            {
                "name": "Tour deal",
                "type": "opportunity",
                "user_id": user.id,
                "team_id": team.id,
                "stage_id": first.id,
            }
        )
        with mute_logger("odoo.http"):  # says at WARNING what the user is told
            self.start_tour(
                "/odoo/action-crm.crm_lead_action_pipeline",
                "crm_pipeline_ext.stage_rule",
                login=user.login,
            )
        self.assertEqual(lead.stage_id, second)
        self.assertEqual(lead.stage_check_ids, rule.check_ids)
