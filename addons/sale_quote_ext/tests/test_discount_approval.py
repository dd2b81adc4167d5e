from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_discount_authority import DiscountCase

ACTIVITY = "sale_quote_ext.mail_activity_type_discount"


@tagged("post_install", "-at_install")
class TestDiscountApproval(DiscountCase):
    """Asking a leader, and his answer."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order({"discount": 25}, {"product_id": self.service.id})

    def ask(self, order=None):
        order = order or self.order
        order.action_discount_request()
        return order

    def approve(self, order=None, user=None):
        (order or self.order).with_user(user or self.leader).action_discount_approve()

    def refuse(self, reason="Too much"):
        action = self.order.with_user(self.leader).action_discount_refuse()
        wizards = self.env[action["res_model"]].with_user(self.leader)
        form = Form(wizards.with_context(**action["context"]))
        form.reason = reason
        form.save().action_refuse()

    def activities(self):
        self.order.invalidate_recordset()
        return self.order.sudo().activity_ids.filtered(
            lambda x: x.activity_type_id == self.env.ref(ACTIVITY)
        )

    def test_request_plans_an_activity_for_the_leader(self):
        self.ask()
        self.assertEqual(self.activities().user_id, self.leader)
        self.assertIn("25", self.activities().summary)
        self.assertEqual(self.order.discount_state, "requested")

    def test_without_a_leader_the_managers_are_asked(self):
        self.team.user_id = False
        self.ask()
        asked = self.activities().user_id
        self.assertIn(self.manager, asked)
        self.assertTrue(
            all(x.has_group("sales_team.group_sale_manager") for x in asked)
        )

    def test_leader_does_not_ask_himself(self):
        self.team.user_id = self.salesperson
        self.ask()
        self.assertIn(self.manager, self.activities().user_id)
        self.assertNotIn(self.salesperson, self.activities().user_id)

    def test_leader_of_a_team_one_is_no_member_of_is_not_asked(self):
        friends = self.env["crm.team"].create(
            {"name": "Friends", "user_id": self.colleague.id}
        )
        order = self.ask(self.make_order({"discount": 25}, team_id=friends.id))
        self.assertEqual(order._discount_request().approver_ids, self.leader)

    def test_approved_quotation_is_sent_and_confirmed(self):
        self.ask()
        self.approve()
        self.assertEqual(self.order.discount_state, "approved")
        self.assertFalse(self.activities())
        self.order.action_quotation_sent()
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_customer_accepts_what_was_approved(self):
        self.ask()
        self.approve()
        self.order.action_quotation_sent()
        self.order.with_user(self.env.ref("base.public_user")).sudo()._validate_order()
        self.assertEqual(self.order.state, "sale")

    def test_request_alone_frees_nothing(self):
        self.ask()
        with self.assertRaisesRegex(UserError, "wait for the approval"):
            self.order.action_confirm()

    def test_refused_quotation_stays_held_and_tells_why(self):
        self.ask()
        self.refuse("Ask for more")
        self.assertEqual(self.order.discount_state, "refused")
        self.assertIn("Ask for more", self.order.discount_message)
        self.assertFalse(self.activities())
        self.assertHeld(self.order)

    def test_refusing_needs_a_reason(self):
        self.ask()
        with self.assertRaises(AssertionError):
            self.refuse(reason=False)

    def test_marking_the_activity_as_done_approves(self):
        self.ask()
        self.activities().with_user(self.leader).action_feedback("Good customer")
        approval = self.order.sudo().discount_approval_ids
        self.assertEqual(approval.state, "approved")
        self.assertEqual(approval.reason, "Good customer")
        self.order.action_confirm()

    def test_marking_the_leaders_activity_as_done_is_no_way_round(self):
        self.ask()
        with self.assertRaisesRegex(UserError, "not yours to approve"):
            self.activities().with_user(self.salesperson).action_done()

    def test_salesperson_approves_nothing(self):
        self.ask()
        for user in (self.salesperson, self.colleague):
            with self.assertRaises(UserError):
                self.approve(user=user)
        with self.assertRaisesRegex(UserError, "not yours"):
            self.order.action_discount_refuse()
        wizard = self.env["sale.discount.refuse"].with_user(self.salesperson)
        wizard = wizard.create({"order_ids": self.order.ids, "reason": "x"})
        with self.assertRaisesRegex(UserError, "not yours"):
            wizard.action_refuse()

    def test_leader_does_not_approve_his_own_quotation(self):
        self.limit("all", 10)
        self.order.sudo().user_id = self.leader
        order = self.order.with_user(self.leader)
        order.action_discount_request()
        self.assertNotIn(self.leader, order._discount_request().approver_ids)
        with self.assertRaisesRegex(UserError, "not yours"):
            order.action_discount_approve()

    def test_manager_approves_in_the_leaders_place(self):
        self.ask()
        self.approve(user=self.manager)
        self.order.action_confirm()

    def test_nobody_writes_an_approval(self):
        self.ask()
        approval = self.order.sudo().discount_approval_ids.sudo(False)
        values = {
            "order_id": self.order.id,
            "partner_id": self.customer.id,
            "state": "approved",
        }
        for user in (self.salesperson, self.leader, self.manager):
            with self.assertRaises(AccessError):
                approval.with_user(user).write({"state": "approved"})
            with self.assertRaises(AccessError):
                approval.with_user(user).create(values)
            with self.assertRaises(AccessError):
                self.order.with_user(user).write(
                    {"discount_approval_ids": [Command.create(values)]}
                )
        self.assertHeld(self.order)

    def test_approval_expires_when_the_discount_grows(self):
        self.ask()
        self.approve()
        for values in ({"discount": 26}, {"discount": 25, "price_unit": 90}):
            self.order.order_line[0].write(values)
            self.assertHeld(self.order)
        self.order.order_line[0].write({"discount": 20, "price_unit": 100})
        self.order.action_confirm()

    def test_approval_is_of_its_line(self):
        self.ask()
        self.approve()
        self.order.order_line[1].discount = 25
        with self.assertRaisesRegex(UserError, "Assembly"):
            self.order.action_confirm()

    def test_approval_is_of_its_product(self):
        self.ask()
        self.approve()
        line = self.order.order_line[0]
        line.write({"product_id": self.make_product("Crane").id})
        line.write({"discount": 25})
        self.assertHeld(self.order)

    def test_approval_is_of_its_customer(self):
        self.ask()
        self.approve()
        self.order.partner_id = self.env["res.partner"].create({"name": "Other"})
        self.order.order_line[0].discount = 25
        self.assertHeld(self.order)

    def test_approval_expires_with_a_cheaper_pricelist(self):
        self.ask()
        self.approve()
        half = {"compute_price": "fixed", "fixed_price": 50}
        self.order.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Half", "item_ids": [Command.create(half)]}
        )
        self.order.action_update_prices()
        self.assertHeld(self.order)

    def test_approval_is_not_copied(self):
        self.ask()
        self.approve()
        copy = self.order.copy()
        self.assertFalse(copy.sudo().discount_approval_ids)
        self.assertHeld(copy)

    def test_what_was_asked_is_approved_not_what_came_later(self):
        self.ask()
        self.order.order_line[0].discount = 60
        self.approve()
        self.assertHeld(self.order)

    def test_asking_again_takes_the_place_of_the_first_request(self):
        self.ask()
        self.order.order_line[0].discount = 60
        self.ask()
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(self.order._discount_request().discount, 60)
        self.approve()
        self.order.action_confirm()

    def test_asking_twice_asks_once(self):
        self.ask()
        self.ask()
        self.assertEqual(len(self.order.sudo().discount_approval_ids), 1)

    def test_there_must_be_something_to_ask(self):
        with self.assertRaisesRegex(UserError, "no discount beyond"):
            self.make_order().action_discount_request()
        with self.assertRaisesRegex(UserError, "No approval is asked"):
            self.approve()

    def test_chatter_tells_who_which_discount_and_why(self):
        self.ask()
        self.refuse("Ask for more")
        self.ask()
        self.activities().with_user(self.leader).action_feedback("Good customer")
        notes = self.order.sudo().message_ids.mapped("body")
        for words in (
            "disc_leader",
            "asks to approve a discount of up to 25",
            "Pump: 25 %",
            "refused a discount of up to 25 %: Ask for more",
            "approved a discount of up to 25",
            "Good customer",
        ):
            self.assertTrue(any(words in x for x in notes), words)

    def test_sending_by_ones_own_authority_is_logged(self):
        self.order.with_user(self.manager).action_quotation_sent()
        approval = self.order.sudo().discount_approval_ids
        self.assertEqual(approval.decided_by_id, self.manager)
        notes = self.order.sudo().message_ids.mapped("body")
        self.assertTrue(any("by his own authority" in x for x in notes))
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_filter_shows_what_awaits_me(self):
        self.ask()
        domain = [("discount_awaits_me", "=", True)]
        orders = self.env["sale.order"]
        self.assertEqual(orders.with_user(self.leader).search(domain), self.order)
        self.assertFalse(orders.with_user(self.salesperson).search(domain))
        others = orders.with_user(self.leader).search(
            [("discount_awaits_me", "=", False)]
        )
        self.assertNotIn(self.order, others)
        self.approve()
        self.assertFalse(orders.with_user(self.leader).search(domain))

    def test_form_shows_state_and_buttons(self):
        form = Form(self.order)
        self.assertEqual(form.discount_state, "beyond")
        with form.order_line.edit(0) as line:
            line.price_unit = 130
        self.assertFalse(form.discount_state)
        with form.order_line.edit(0) as line:
            line.price_unit = 90
        self.assertEqual(form.discount_state, "beyond")
        self.ask(form.save())
        seen = Form(self.order.with_user(self.leader))
        self.assertTrue(seen.discount_can_decide)
        self.assertFalse(Form(self.order).discount_can_decide)
