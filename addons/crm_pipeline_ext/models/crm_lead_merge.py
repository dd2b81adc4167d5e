from odoo import models


class CrmLead(models.Model):
    """What core's merge would lose of the leads that are merged into another."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self._merge_done_activities(opportunities)
        self._merge_run_lines(opportunities)
        return result

    def _merge_dependences_calendar_events(self, opportunities):
        """Core moves only the meetings the user may write: others' private ones would
        lose their opportunity, or stop the merge.
        """
        leads = self.sudo()
        return super(CrmLead, leads)._merge_dependences_calendar_events(
            opportunities.sudo()
        )

    def _merge_done_activities(self, opportunities):
        """Core moves the activities that are open; those done tell what was done."""
        everything = opportunities.sudo().with_context(active_test=False)
        everything.activity_ids.write({"res_id": self.id})

    def _merge_run_lines(self, opportunities):
        """The lines of runs that are over still lead to the sale. One that waits ends
        by itself: its lead is no more.
        """
        lines = self.env["crm.chain.run.line"].sudo()
        runs = lines.search([("res_model", "=", self._name), ("res_id", "=", self.id)])
        moved = lines.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", opportunities.ids),
                ("state", "!=", "pending"),
                ("run_id", "not in", runs.run_id.ids),
            ],
            order="id",
        )
        first = moved.grouped("run_id").values()  # a run takes each record once
        moved.browse(line[:1].id for line in first).write({"res_id": self.id})
