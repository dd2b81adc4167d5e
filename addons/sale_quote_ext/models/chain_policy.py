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
    quotation_drift = fields.Selection(
        selection=[
            ("keep", "Confirm as Sent"),
            ("stop", "Leave to a Person"),
        ],
        string="Changed since Sent",
        default="keep",
        required=True,
        help="What steps and runs do with quotations whose prices, taxes, cost or "
        "stock have changed since they were sent. A person who confirms one is asked.",
    )

    def _step_taken(self, step):
        if step == "send" and not self.send_quotation:
            return False
        return super()._step_taken(step)

    def _step_offered(self, step):
        if step == "send":
            return self.send_quotation
        return super()._step_offered(step)
