from odoo import api, models

PENDING_KEY = "crm_pipeline_ext.stays"
# What a stay is made of.
WATCHED = {
    "stage_id",
    "type",
    "active",
    "probability",
    "team_id",
    "user_id",
    "company_id",
    "source_id",
    "lost_reason_id",
}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads.filtered(lambda lead: lead.type == "opportunity")._stay_note()
        return leads

    def write(self, vals):
        if not WATCHED.isdisjoint(vals):
            becoming = vals.get("type") == "opportunity"
            leads = self.filtered(lambda x: becoming or x.type == "opportunity")
            leads._stay_note(known=True)
        return super().write(vals)

    def _stay_note(self, known=False):
        """Have the stays of ``self`` kept at the end of the transaction.

        :param bool known: whether revenue and probability are those before the change
        """
        if not self:
            return
        precommit = self.env.cr.precommit
        if PENDING_KEY not in precommit.data:
            precommit.add(self.env(su=True)["crm.lead"]._stay_keep)
        noted = precommit.data.setdefault(PENDING_KEY, {})
        for lead in self:
            if lead.id not in noted:
                values = (lead.expected_revenue, lead.probability)
                noted[lead.id] = values if known else (None, None)

    @api.model
    def _stay_keep(self):
        """One query for all opportunities of the transaction, none without any."""
        if noted := self.env.cr.precommit.data.pop(PENDING_KEY, None):
            self.env["crm.lead.stay"]._keep(noted)

    def _merge_dependences(self, opportunities):
        """What is merged into ``self`` was one deal with it: its history stays at
        hand, but is not counted beside that of ``self``.
        """
        result = super()._merge_dependences(opportunities)
        self._stay_keep()
        self.env["crm.lead.stay"]._merge(opportunities, self)
        return result
