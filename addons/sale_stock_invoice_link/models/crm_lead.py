from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    chain_step = fields.Selection(
        selection_add=[
            ("delivery", "Delivered"),
            ("invoice", "Invoiced"),
            ("send_invoice", "Invoice Sent"),
            ("payment", "Paid"),
        ],
        ondelete={
            "delivery": "set order",
            "invoice": "set order",
            "send_invoice": "set order",
            "payment": "set order",
        },
    )

    @api.depends(
        "order_ids.picking_ids.state",
        "order_ids.invoice_status",
        "order_ids.order_line.invoice_lines.move_id.state",
        "order_ids.order_line.invoice_lines.move_id.payment_state",
        "order_ids.order_line.invoice_lines.move_id.is_move_sent",
    )
    def _compute_chain_step(self):
        super()._compute_chain_step()

    # What can be told before there is an order

    def _chain_delivery_foreseen(self):
        Order = self.env["sale.order"]
        if reasons := Order._chain_warehouse_reasons():
            return {record.id: list(reasons) for record in self}
        demands = [
            (
                line.lead_id,
                line.lead_id._chain_warehouse(),
                line.product_id,
                line.product_uom_id,
                line.product_uom_qty,
            )
            for line in self.line_ids
        ]
        return self.env["product.product"]._chain_shortages(demands)

    def _chain_warehouse(self):
        """:return: the warehouse core proposes for the quotation of one lead"""
        user = self.user_id or self.env.user
        company = self._chain_company()
        return user.with_company(company)._get_default_warehouse_id()

    def _chain_reserve_foreseen(self):
        return self._chain_delivery_foreseen()

    def _chain_invoice_foreseen(self):
        Order = self.env["sale.order"]
        found = self._chain_draft_invoice_foreseen()
        for lead in self.filtered("user_id"):
            if reason := Order._chain_billing_right(lead.user_id):
                found.setdefault(lead.id, []).append(reason)
        return found

    def _chain_draft_invoice_foreseen(self):
        by_company = self.grouped(lambda lead: lead._chain_company())
        return {
            lead.id: [reason]
            for company, leads in by_company.items()
            if (reason := self.env["sale.order"]._chain_books_reason(company))
            for lead in leads
        }

    def _chain_payment_foreseen(self):
        reasons = self.env["sale.order"]._chain_payment_reasons()
        return {lead.id: list(reasons) for lead in self}

    @api.model
    def _chain_step_labels(self):
        return {
            **super()._chain_step_labels(),
            "delivery": self.env._("Deliver"),
            "invoice": self.env._("Create Invoice"),
            "send_invoice": self.env._("Send Invoice"),
            "payment": self.env._("Register Payment"),
            "reserve": self.env._("Reserve"),
            "draft_invoice": self.env._("Create Draft Invoice"),
        }

    @api.model
    def _chain_documents(self):
        return [
            *super()._chain_documents(),
            "stock.picking",
            "account.move",
            "account.payment",
        ]
