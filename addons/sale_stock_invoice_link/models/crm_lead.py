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

    @api.model
    def _chain_step_labels(self):
        return {
            **super()._chain_step_labels(),
            "delivery": self.env._("Deliver"),
            "invoice": self.env._("Create Invoice"),
            "send_invoice": self.env._("Send Invoice"),
            "payment": self.env._("Register Payment"),
        }
