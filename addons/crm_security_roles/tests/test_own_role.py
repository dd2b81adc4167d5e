from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CASES, EXTRA, EXTRA_INVOICING, READ, WRITTEN, RolesCommon

DENIED = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestOwnRole(RolesCommon):
    """What the role of own documents reads, writes, creates and deletes."""

    def _check(self, kind, operation, expected, path=None):
        found = self._cases_with_access(self.seller, kind, operation, path)
        self.assertEqual(found, expected, (kind, path, operation))

    def _check_document(self, kind, path, written=WRITTEN):
        """Check the four operations on documents of a kind and on their lines."""
        for target in (None, path) if path else (None,):
            self.assertEqual(self._cases_found(self.seller, kind, target), READ)
            self._check(kind, "read", READ, target)
            self._check(kind, "write", written, target)

    def _add_groups(self, xmlids):
        groups = [Command.link(self.env.ref(xmlid).id) for xmlid in xmlids.split(",")]
        self.seller.group_ids = groups

    def test_documents_stand_as_the_cases_say(self):
        for kind, records in self.documents.items():
            owner = "invoice_user_id" if kind in ("invoice", "bill") else "user_id"
            for case, record in records.items():
                creator, assigned = (self.actors[name] for name in CASES[case])
                self.assertEqual(record.create_uid, creator, (kind, case))
                self.assertEqual(record[owner], assigned, (kind, case))

    def test_leads(self):
        self._check_document("lead", None)

    def test_orders_and_their_lines(self):
        self._check_document("order", "order_line")

    def test_invoices_and_their_items_are_read_only(self):
        self._check_document("invoice", "line_ids", written=set())

    def test_purchases_and_bills_need_the_purchase_group(self):
        for kind in ("purchase", "bill"):
            self._check(kind, "read", set())

    def test_extra_groups_open_no_lead_or_order(self):
        self._add_groups(EXTRA_INVOICING)
        self._check_document("lead", None)
        self._check_document("order", "order_line")

    def test_purchases_with_the_purchase_group(self):
        self._add_groups(EXTRA)
        self._check_document("purchase", "order_line")

    def test_purchases_with_every_extra_group(self):
        self._add_groups(EXTRA_INVOICING)
        self._check_document("purchase", "order_line")

    def test_bills_with_the_purchase_group(self):
        self._add_groups(EXTRA)
        self._check_document("bill", "line_ids", written=READ)

    def test_invoices_with_the_invoicing_group(self):
        self._add_groups(EXTRA_INVOICING)
        self._check_document("invoice", "line_ids", written=READ)
        self._check_document("bill", "line_ids", written=READ)

    def test_core_all_documents_beside_the_role_opens_nothing(self):
        self._add_groups("sales_team.group_sale_manager")
        self._check_document("lead", None)
        self._check_document("order", "order_line")
        self._check_document("invoice", "line_ids", written=set())

    def test_deletion_follows_writing(self):
        self._add_groups(f"sales_team.group_sale_manager,{EXTRA}")
        for kind in ("lead", "order", "purchase"):
            self._check(kind, "unlink", WRITTEN)

    @mute_logger(*DENIED)
    def test_reading_and_writing_the_documents_of_another_is_refused(self):
        self._add_groups(EXTRA_INVOICING)
        for kind in self.documents:
            document = self._of(kind, "other").with_user(self.seller)
            with self.assertRaises(AccessError):
                document.read(["display_name"])
            with self.assertRaises(AccessError):
                document.write({"message_follower_ids": []})

    @mute_logger(*DENIED)
    def test_deleting_the_documents_of_another_is_refused(self):
        self._add_groups(f"sales_team.group_sale_manager,{EXTRA_INVOICING}")
        for kind in self.documents:
            with self.assertRaises(AccessError):
                self._of(kind, "other").with_user(self.seller).unlink()

    @mute_logger(*DENIED)
    def test_a_document_is_created_for_oneself_only(self):
        self._add_groups(EXTRA)
        for model, vals in (
            ("crm.lead", {"name": "Mine"}),
            ("sale.order", {"partner_id": self.customer.id}),
            ("purchase.order", {"partner_id": self.customer.id}),
        ):
            as_seller = self.env[model].with_user(self.seller)
            self.assertTrue(as_seller.create({**vals, "user_id": self.seller.id}))
            with self.assertRaises(AccessError):
                as_seller.create({**vals, "user_id": self.colleague.id})

    def _wizard(self, model, field, *cases):
        """Return a wizard of the seller's that sends the invoices of some cases."""
        for case in cases:
            self._of("invoice", case).action_post()
        ids = [self._of("invoice", case).id for case in cases]
        value = [Command.set(ids)] if field == "move_ids" else ids[0]
        wizard = self.env[model].with_user(self.seller).sudo().create({field: value})
        return wizard.with_user(self.seller)

    def test_only_readable_invoices_are_sent(self):
        self._add_groups(EXTRA_INVOICING)
        model, field = "account.move.send.wizard", "move_id"
        self.assertTrue(self._wizard(model, field, "own").has_access("read"))
        self.assertFalse(self._wizard(model, field, "other").has_access("read"))

    def test_invoices_are_sent_together_when_all_are_readable(self):
        self._add_groups(EXTRA_INVOICING)
        model, field = "account.move.send.batch.wizard", "move_ids"
        self.assertTrue(self._wizard(model, field, "own", "given").has_access("read"))
        mixed = self._wizard(model, field, "handed", "other")
        self.assertFalse(mixed.has_access("read"))

    @mute_logger(*DENIED)
    def test_a_line_is_added_to_own_orders_only(self):
        self._add_groups("sales_team.group_sale_manager")
        line = {"product_id": self.product_a.id}
        as_seller = self.env["sale.order.line"].with_user(self.seller)
        own, other = (self._of("order", case).id for case in ("own", "handed"))
        self.assertTrue(as_seller.create({**line, "order_id": own}))
        with self.assertRaises(AccessError):
            as_seller.create({**line, "order_id": other})

    def test_sums_hold_readable_documents_only(self):
        self._add_groups(EXTRA_INVOICING)
        self.assertEqual(self._sum(self.seller, "lead", "expected_revenue"), 400)
        for kind in ("order", "purchase", "invoice"):
            self.assertEqual(self._sum(self.seller, kind, "amount_untaxed"), 400)
        for kind in ("order", "purchase"):
            path = "order_line"
            total = self._sum(self.seller, kind, "price_subtotal", path)
            self.assertEqual(total, 400)

    def test_an_own_order_shows_its_invoices(self):
        order = self._of("order", "own")
        order.order_line = [Command.create({"product_id": self.product_b.id})]
        order.action_confirm()
        invoice = order._create_invoices()
        self.env.invalidate_all()
        self.assertEqual(order.sudo().invoice_ids, invoice)
        shown = order.with_user(self.seller)
        self.assertEqual(shown.invoice_ids, invoice)
        self.assertEqual(shown.invoice_count, 1)

    def test_a_handed_over_order_is_shown_whole(self):
        order = self._of("order", "handed")
        order.order_line = [Command.create({"product_id": self.product_b.id})]
        order.action_confirm()
        invoice = order._create_invoices()
        self.assertEqual(invoice.invoice_user_id, self.colleague)
        self.env.invalidate_all()
        shown = order.with_user(self.seller).read()[0]
        self.assertEqual(len(shown["order_line"]), 2)
        self.assertEqual(shown["invoice_ids"], [])
        self.assertEqual(shown["invoice_count"], 0)

    def test_following_a_document_gives_no_access(self):
        for kind in ("lead", "order", "invoice"):
            self._of(kind, "other").message_subscribe(self.seller.partner_id.ids)
            self.assertEqual(self._cases_found(self.seller, kind), READ)
