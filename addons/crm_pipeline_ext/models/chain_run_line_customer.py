from odoo import fields, models


class ChainRunLine(models.Model):
    """Beforehand, a run tells which registered customer a lead would get, and why."""

    _inherit = "crm.chain.run.line"

    customer = fields.Char(
        readonly=True,
        help="The registered customer it would get, and what he is known by.",
    )

    def _preview(self):
        super()._preview()
        if self.run_id.res_model == "crm.lead":
            customers = self._records().exists()._chain_customers_foreseen()
            for line in self:
                line.customer = customers.get(line.res_id)
