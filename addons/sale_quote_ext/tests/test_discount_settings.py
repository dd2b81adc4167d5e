from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_discount_authority import DiscountCase


@tagged("post_install", "-at_install")
class TestDiscountSettings(DiscountCase):
    """Where the limits are set, and whose they are."""

    def of(self, user, team=None):
        return user._discount_limit(team or self.team)

    def test_limits_are_set_in_the_settings(self):
        with Form(self.env["res.config.settings"]) as form:
            form.discount_limited_own = True
            form.discount_limit_own = 7.5
            form.discount_limited_all = True
            form.discount_limit_all = 0
        form.record.execute()
        self.assertEqual(self.of(self.salesperson), 7.5)
        self.assertEqual(self.of(self.leader), 0)
        self.assertIsNone(self.of(self.manager))
        with Form(self.env["res.config.settings"]) as form:
            self.assertEqual(form.discount_limit_own, 7.5)
            form.discount_limited_own = False
        form.record.execute()
        self.assertIsNone(self.of(self.salesperson))

    def test_limit_is_a_percentage(self):
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"discount_limit_own": 101})
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.team.discount_limit = -1
            self.team.flush_recordset()

    def test_limit_of_a_team_is_set_on_its_form(self):
        with Form(self.team) as form:
            form.discount_limited = True
            form.discount_limit = 15
        self.assertEqual(self.of(self.salesperson), 15)
        self.team.active = False
        self.assertEqual(self.of(self.salesperson), 10)

    def test_salesperson_cannot_set_limits(self):
        values = {"discount_limited": True, "discount_limit": 100}
        with self.assertRaisesRegex(Exception, "not allowed"):
            self.team.with_user(self.salesperson).write(values)

    def test_in_several_teams_that_of_the_quotation_counts_else_the_lowest(self):
        self.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        self.team.write({"discount_limited": True, "discount_limit": 20})
        other = self.env["crm.team"].create(
            {
                "name": "Service",
                "discount_limited": True,
                "discount_limit": 5,
                "member_ids": [Command.link(self.salesperson.id)],
            }
        )
        third = self.env["crm.team"].create({"name": "Third"})
        self.assertEqual(self.of(self.salesperson), 20)
        self.assertEqual(self.of(self.salesperson, other), 5)
        self.assertEqual(self.of(self.salesperson, third), 5)

    def test_customer_has_the_lowest_limit_of_all(self):
        self.limit("all", 30)
        self.team.write({"discount_limited": True, "discount_limit": 4})
        self.assertEqual(self.of(self.env.ref("base.public_user")), 4)

    def test_bookkeeper_has_no_more_than_a_salesperson(self):
        """He may write orders, and so their state."""
        self.colleague.group_ids = self.env.ref("account.group_account_invoice")
        self.assertEqual(self.of(self.colleague.with_user(self.colleague)), 10)
        order = self.make_order({"discount": 25})
        self.assertHeld(
            order, lambda: order.with_user(self.colleague).write({"state": "sale"})
        )
