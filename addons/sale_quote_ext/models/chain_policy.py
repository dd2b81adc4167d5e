from odoo import fields, models


class ChainPolicy(models.Model):
    _inherit = "crm.chain.policy"

    sale_order_template_id = fields.Many2one(
        comodel_name="sale.order.template",
        string="Quotation Template",
        check_company=True,
        help="For opportunities that have no template of their own.",
    )
    send_quotation = fields.Boolean(
        string="Send Quotations",
        default=True,
        help="Otherwise quotations are confirmed without having been sent.",
    )

    def _step_taken(self, step):
        if step == "send" and not self.send_quotation:
            return False
        return super()._step_taken(step)

    def _step_offered(self, step):
        if step == "send":
            return self.send_quotation
        return super()._step_offered(step)
