from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestNextActionTour(HttpCase):
    def test_done_and_the_next_planned_from_the_list(self):
        user = new_test_user(
            self.env,
            login="next_action_tour",
            groups="sales_team.group_sale_salesman",
            tz="UTC",
        )
        deals = self.env["crm.lead"].create(
            [
                {"name": name, "type": "opportunity", "user_id": user.id}
                for name in ("Quiet deal", "Tour deal")
            ]
        )
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        today = fields.Date.today()
        for deal, days in zip(deals, (9, -3), strict=True):
            deal.activity_schedule(
                activity_type_id=meeting.id,
                date_deadline=today + timedelta(days=days),
                user_id=user.id,
            )
        self.start_tour(
            "/odoo/next-actions", "crm_pipeline_ext.next_action", login=user.login
        )
        planned = deals[1].activity_ids
        self.assertEqual(planned.summary, "Visit him")
        self.assertEqual(planned.date_deadline, today + timedelta(days=3))
