from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestRights(LinkCase):
    def test_salesperson_posts_the_invoice_of_his_own_order(self):
        """Core lets him draft it and no more."""
        order = self.make_order("delivery")
        order.chain_run_step("invoice")
        invoice = order.invoice_ids
        self.assertEqual(invoice.state, "posted")
        with self.assertRaises(AccessError):
            invoice.with_user(self.salesperson).button_draft()
        self.assertIn(
            f"Posted by {self.salesperson.name}",
            " ".join(invoice.sudo().message_ids.mapped("body")),
        )

    def test_accountants_posting_is_not_logged_as_elevated(self):
        order = self.make_order("delivery")
        order.with_user(self.accountant).chain_run_step("invoice")
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertNotIn(
            "Posted by", " ".join(order.invoice_ids.message_ids.mapped("body"))
        )

    def test_salesperson_posts_nobody_elses_invoice(self):
        order = self.make_order("delivery")
        manager = new_test_user(
            self.env,
            login="chain_all",
            groups="sales_team.group_sale_salesman_all_leads",
        )
        manager.write(
            {
                "company_ids": [(4, self.env.company.id)],
                "company_id": self.env.company.id,
            }
        )
        with self.assertRaisesRegex(UserError, "Only its salesperson chain_sales"):
            order.with_user(manager).action_chain_step("invoice")
        self.assertFalse(order.invoice_ids)

    def test_salesperson_posts_no_draft_somebody_may_have_touched(self):
        order = self.make_order("delivery")
        draft = order._create_invoices()
        draft.invoice_line_ids[0].price_unit = 1
        with self.assertRaisesRegex(UserError, "draft invoice already"):
            order.action_chain_step("invoice")
        self.assertEqual(draft.state, "draft")

    def test_salesperson_posts_no_credit_note(self):
        order = self.make_order("invoice")
        self.give_back(order)
        self.assertEqual(order.invoice_status, "to invoice")
        with self.assertRaisesRegex(UserError, "Ask accounting for a credit note"):
            order.action_chain_step("invoice")
        self.assertEqual(len(order.invoice_ids), 1)

    def give_back(self, order):
        picking = order.picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 3
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": 3, "picked": True})
        back.button_validate()

    def test_salesperson_registers_no_payment(self):
        order = self.make_order("invoice")
        with self.assertRaisesRegex(UserError, "may not register payments"):
            order.action_chain_step("payment")
        self.assertEqual(order.invoice_ids.payment_state, "not_paid")

    def test_without_the_warehouse_right_nothing_is_delivered(self):
        user = new_test_user(
            self.env, login="chain_desk", groups="sales_team.group_sale_salesman"
        )
        user.write(
            {
                "company_ids": [(4, self.env.company.id)],
                "company_id": self.env.company.id,
            }
        )
        order = self.make_order()
        order.user_id = user
        with self.assertRaisesRegex(UserError, "may not validate deliveries"):
            order.with_user(user).action_chain_step("delivery")

    def test_accountant_needs_no_crm_rights_on_the_order(self):
        order = self.make_order("delivery").with_user(self.accountant)
        self.env.invalidate_all()
        keys = [segment["key"] for segment in order.chain_bar["segments"]]
        self.assertNotIn("lead", keys)
        order.action_chain_next()
        self.assertEqual(order.invoice_ids.state, "posted")
