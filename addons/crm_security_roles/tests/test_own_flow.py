from odoo.tests import Form, tagged

from .common import RolesCommon


@tagged("post_install", "-at_install")
class TestOwnFlow(RolesCommon):
    """A user of the own role carries his sale and his purchase to the end."""

    def _convert(self, lead):
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_user(self.seller)
            .with_context(active_model="crm.lead", active_ids=lead.ids)
            .create({"name": "convert", "action": "create", "lead_id": lead.id})
        )
        wizard.action_apply()

    def _quote(self, lead):
        action = lead.action_new_quotation()
        as_seller = self.env["sale.order"].with_user(self.seller)
        order = Form(as_seller.with_context(**action["context"]))
        with order.order_line.new() as line:
            line.product_id = self.product_a
            line.product_uom_qty = 3
        return order.save()

    def test_from_lead_to_draft_invoice(self):
        with Form(self.env["crm.lead"].with_user(self.seller)) as form:
            form.name = "Ten desks"
            form.partner_name = "Desk Buyers"
        lead = form.record
        self._convert(lead)
        self.assertEqual(lead.type, "opportunity")
        order = self._quote(lead)
        self.assertEqual(order.opportunity_id, lead)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        order.order_line.sudo().qty_delivered = 3
        invoice = order._create_invoices()
        self.assertEqual(invoice.with_user(self.seller).state, "draft")
        self.assertEqual(invoice.invoice_user_id, self.seller)
        self.assertEqual(order.with_user(self.seller).invoice_count, 1)
        self.assertEqual(lead.with_user(self.seller).sale_order_count, 1)

    def test_own_documents_open_on_their_forms(self):
        for kind in ("lead", "order"):
            document = self._of(kind, "own").with_user(self.seller)
            with Form(document) as form:
                form.tag_ids.clear()
            self.assertTrue(document.has_access("write"))

    def test_from_request_for_quotation_to_bill(self):
        self.seller.group_ids += self.env.ref("purchase.group_purchase_user")
        self.customer.supplier_rank = 1
        with Form(self.env["purchase.order"].with_user(self.seller)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.product_a
                line.product_qty = 2
        purchase = form.record
        purchase.button_confirm()
        purchase.order_line.sudo().qty_received = 2
        purchase.action_create_invoice()
        bill = purchase.invoice_ids
        self.assertEqual(bill.with_user(self.seller).state, "draft")
        self.assertEqual(bill.amount_untaxed, purchase.amount_untaxed)
