from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_discount_authority import DiscountCase

ACTIVITY = "sale_quote_ext.mail_activity_type_discount"


@tagged("post_install", "-at_install")
class TestDiscountTricks(DiscountCase):
    """Ways round the limit that take another program than the web client, or patience:
    context keys, defaults, fields no form shows, and lines that hide one another.
    """

    def currency(self, rate):
        return self.env["res.currency"].create(
            {
                "name": "GTK",
                "symbol": "G",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": rate})],
            }
        )

    # What the caller says about his call

    def test_request_is_no_approval_whatever_the_context_says(self):
        order = self.make_order({"discount": 25})
        order.with_context(default_state="approved").action_discount_request()
        self.assertEqual(order._discount_request().state, "requested")
        self.assertHeld(order)

    def test_request_is_no_approval_whatever_the_users_defaults_say(self):
        order = self.make_order({"discount": 25})
        defaults = self.env["ir.default"].with_user(self.salesperson)
        defaults.set("sale.discount.approval", "state", "approved", user_id=True)
        order.action_discount_request()
        self.assertHeld(order)

    def test_list_price_is_not_what_the_context_says(self):
        order = self.make_order({"price_unit": 10})
        cheap = order.with_context(no_variant_attributes_price_extra=-90)
        self.assertHeld(cheap)

    def test_former_team_helps_nobody(self):
        former = self.env["crm.team"].create(
            {"name": "Free", "discount_limited": True, "discount_limit": 90}
        )
        former.member_ids = self.salesperson
        former.crm_team_member_all_ids.active = False
        order = self.make_order({"discount": 25}, team_id=former.id)
        self.env.invalidate_all()
        self.assertHeld(order.with_context(active_test=False))

    def test_limit_of_an_archived_team_is_none_whatever_the_context_says(self):
        self.team.write({"discount_limited": True, "discount_limit": 2})
        self.team.active = False
        users = self.env["res.users"].with_context(active_test=False)
        self.assertEqual(users._discount_lowest_limit(), 10)

    def test_it_cannot_be_created_as_sent_by_a_default(self):
        orders = self.Order.with_context(default_state="sent")
        line = Command.create({"product_id": self.pump.id, "discount": 50})
        with self.assertRaisesRegex(UserError, "the limit is"):
            orders.create({"partner_id": self.customer.id, "order_line": [line]})

    # Fields that no form shows

    def test_currency_of_a_confirmed_order_is_judged(self):
        order = self.make_order()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.currency_id = self.currency(4)

    def test_currency_of_the_line_is_that_of_the_order(self):
        order = self.make_order({"price_unit": 25})
        order.order_line.currency_id = self.currency(0.25)
        self.env.flush_all()
        self.assertHeld(order)

    def test_amount_set_beside_the_price_counts(self):
        order = self.make_order()
        line = order.order_line
        line.extra_tax_data = {
            "currency_id": order.currency_id.id,
            "price_unit": 100,
            "discount": 0,
            "quantity": 1,
            "rate": 1,
            "manual_tax_amounts": {"0": {}},
            "manual_total_excluded_currency": 10,
            "manual_total_excluded": 10,
        }
        self.assertHeld(order)

    def test_amount_set_beside_the_price_counts_on_a_confirmed_order(self):
        order = self.make_order()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.order_line.extra_tax_data = {
                "currency_id": order.currency_id.id,
                "price_unit": 100,
                "discount": 0,
                "quantity": 1,
                "rate": 1,
                "manual_tax_amounts": {"0": {}},
                "manual_total_excluded_currency": 10,
                "manual_total_excluded": 10,
            }

    def test_pending_email_sends_nothing_beyond_authority(self):
        held, free = self.make_order({"discount": 25}), self.make_order()
        template = held._find_mail_template()
        (held | free).write({"pending_email_template_id": template.id})
        orders = self.env["sale.order"]
        send = patch.object(
            self.env.registry["sale.order"],
            "_send_order_notification_mail",
            autospec=True,
        )
        with send as sent, self.own_transaction(orders) as running:
            running._cron_send_pending_emails()
        self.assertEqual([call.args[0] for call in sent.call_args_list], [free])

    def test_unit_of_another_kind_is_no_smaller_part_of_the_product(self):
        self.pump.uom_id = self.env.ref("uom.product_uom_kgm")
        unit = self.env.ref("uom.product_uom_unit")
        order = self.make_order({"product_uom_id": unit.id, "price_unit": 0.1})
        self.assertHeld(order)

    # Lines that hide one another

    def test_line_deleted_after_confirmation_was_worth_nothing(self):
        order = self.make_order(
            {},
            {"price_unit": 900, "is_downpayment": True},
            {"price_unit": -90},
        )
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.order_line[1].unlink()

    def test_line_moved_to_another_order_was_worth_nothing(self):
        order = self.make_order({}, {"price_unit": 900}, {"price_unit": -90})
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.order_line[1].order_id = self.make_order()

    def combo_order(self):
        """:return: the quotation of a package of a pump, at 65 in place of 100"""
        combo = self.env["product.combo"].create(
            {
                "name": "Set",
                "combo_item_ids": [
                    Command.create({"product_id": self.pump.id, "extra_price": 5})
                ],
            }
        )
        package = self.env["product.product"].create(
            {
                "name": "Package",
                "type": "combo",
                "list_price": 60,
                "combo_ids": [Command.set(combo.ids)],
            }
        )
        order = self.make_order({"product_id": package.id})
        self.add_part(order)
        return order

    def add_part(self, order):
        package = order.order_line[0]
        return self.Order.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.pump.id,
                "combo_item_id": package.product_id.combo_ids.combo_item_ids.id,
                "linked_line_id": package.id,
            }
        )

    def test_part_of_a_combo_is_its_own_product(self):
        order = self.combo_order()
        self.assertEqual(self.given(order), [0])
        crane = self.env["product.product"].create({"name": "Crane", "list_price": 900})
        order.order_line[1].write({"product_id": crane.id})
        order.order_line[1].write({"price_unit": 65})
        self.assertHeld(order)

    def test_combo_has_each_part_once(self):
        order = self.combo_order()
        self.add_part(order).price_unit = 5
        self.assertHeld(order)

    def test_combo_has_as_many_parts_as_combos(self):
        order = self.combo_order()
        order.order_line[1].write({"product_uom_qty": 50, "price_unit": 65})
        self.assertHeld(order)

    def test_combo_of_another_order_is_none(self):
        order, other = self.combo_order(), self.make_order()
        order.order_line[1].order_id = other
        self.assertHeld(other)

    # What has become pointless, or was changed since

    def activities(self, order):
        order.invalidate_recordset()
        kind = self.env.ref(ACTIVITY)
        return order.sudo().activity_ids.filtered(lambda x: x.activity_type_id == kind)

    def test_nothing_awaits_the_leader_once_it_is_settled(self):
        for act in ("action_confirm", "action_quotation_sent", "action_cancel"):
            order = self.make_order({"discount": 25})
            order.action_discount_request()
            order.order_line.discount = 5
            getattr(order, act)()
            self.assertFalse(self.activities(order), act)
            self.assertFalse(order._discount_request(), act)

    def test_customer_accepts_what_is_sent_again(self):
        order = self.make_order({"discount": 30}, require_signature=True)
        order = order.with_user(self.manager)
        order.action_quotation_sent()
        order.order_line.discount = 40
        seen = order.with_user(self.env.ref("base.public_user")).sudo()
        self.assertFalse(seen._has_to_be_signed())
        composer = self.env["mail.compose.message"].with_user(self.manager)
        composer = composer.with_context(**order.action_quotation_send()["context"])
        composer.create({})._action_send_mail()
        self.assertTrue(seen._has_to_be_signed())

    def test_composer_schedules_no_quotation_beyond_authority(self):
        order = self.make_order()
        action = order.action_quotation_send()
        composers = self.env["mail.compose.message"].with_user(self.salesperson)
        composer = composers.with_context(**action["context"]).create(
            {"scheduled_date": "2099-01-01 08:00:00"}
        )
        order.order_line.discount = 50
        self.assertHeld(order, composer.action_schedule_message)

    def test_approval_is_of_the_quantity(self):
        for quantity in (1, 100):
            order = self.make_order({"discount": 25, "product_uom_qty": 10})
            order.action_discount_request()
            order.with_user(self.leader).action_discount_approve()
            order.order_line.product_uom_qty = quantity
            order.order_line.discount = 25
            self.assertHeld(order)

    def approved_order(self):
        """:return: a confirmed order of ten assemblies, at an approved discount"""
        vals = {"discount": 25, "product_uom_qty": 10, "product_id": self.service.id}
        order = self.make_order(vals)
        order.action_discount_request()
        order.with_user(self.leader).action_discount_approve()
        order.action_confirm()
        return order

    def test_approval_is_of_the_quantity_on_a_confirmed_order_too(self):
        line = self.approved_order().order_line
        line.write({"product_uom_qty": 8, "discount": 25})
        with self.assertRaisesRegex(UserError, "have a leader change the order"):
            line.write({"product_uom_qty": 100, "discount": 25})

    def test_approval_is_of_the_product_on_a_confirmed_order_too(self):
        line = self.approved_order().order_line
        crane = self.env["product.product"].create(
            {"name": "Crane", "type": "service", "list_price": 900}
        )
        with self.assertRaisesRegex(UserError, "have a leader change the order"):
            line.write({"product_id": crane.id, "price_unit": 900, "discount": 25})

    def test_state_tells_no_approval_that_does_not_hold_any_more(self):
        order = self.make_order({"discount": 30}).with_user(self.manager)
        order.action_quotation_sent()
        self.assertEqual(order.discount_state, "approved")
        order.order_line.discount = 40
        self.assertFalse(order.discount_state)

    def test_same_quantity_in_another_unit_is_the_same(self):
        order = self.make_order({"discount": 25, "product_uom_qty": 24})
        order.action_discount_request()
        order.with_user(self.leader).action_discount_approve()
        dozen = self.env.ref("uom.product_uom_dozen").id
        order.order_line.write({"product_uom_id": dozen, "product_uom_qty": 2})
        order.order_line.write({"discount": 25})
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_line_added_while_another_session_confirms_is_not_overlooked(self):
        """The confirming one cannot see the line: both change the order's row, so the
        database has one of them try again. Nothing else of the order changes here.
        """
        order, donor = self.make_order(), self.make_order({}, {"price_unit": 0})
        for act in (
            lambda: order.order_line.create(
                {"order_id": order.id, "product_id": self.pump.id, "price_unit": 0}
            ),
            lambda: donor.order_line[1].write({"order_id": order.id}),
        ):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE sale_order SET create_date = '2026-01-01' WHERE id = %s",
                [order.id],
            )
            self.env.invalidate_all()
            before = self.row_version(order)
            act()
            self.env.flush_all()
            self.assertNotEqual(self.row_version(order), before)

    def row_version(self, order):
        self.env.cr.execute("SELECT ctid FROM sale_order WHERE id = %s", [order.id])
        return self.env.cr.fetchone()

    # Who sees what

    def test_manager_reads_approvals_of_his_companies_only(self):
        company = self.env["res.company"].create({"name": "Branch"})
        order = self.make_order({"discount": 25})
        order.action_discount_request()
        self.manager.company_ids += company
        self.manager.company_id = company
        self.manager.company_ids = company
        approvals = self.env["sale.discount.approval"].with_user(self.manager)
        self.assertFalse(approvals.search([("order_id", "=", order.id)]))
