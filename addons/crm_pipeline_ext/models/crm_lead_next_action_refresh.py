from odoo import api, models
from odoo.fields import Domain
from odoo.service.model import retrying
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

# The last opportunity of a run that had no time to come to the end.
CURSOR = "crm_pipeline_ext.next_action_cursor"


class CrmLead(models.Model):
    """Scores that change as time passes, and those of what was there before."""

    _inherit = "crm.lead"

    _next_action_batch = 1000

    # Partial, as the lists and the columns of the pipeline ask for them.
    _next_action_idx = models.Index(
        "(next_action_score DESC, id) "
        "WHERE active IS TRUE AND type = 'opportunity' AND won_status = 'pending'"
    )
    _next_action_user_idx = models.Index(
        "(user_id, next_action_score DESC, id) "
        "WHERE active IS TRUE AND type = 'opportunity' AND won_status = 'pending'"
    )
    _pipeline_stage_idx = models.Index(
        "(stage_id, priority DESC, id DESC) WHERE active IS TRUE"
    )
    _pipeline_user_idx = models.Index(
        "(user_id, stage_id, priority DESC, id DESC) WHERE active IS TRUE"
    )
    # All that the sums over the columns ask for, so that no row need be read. Without
    # the id: with it PostgreSQL would take it for the progress bar, at twice the time.
    _pipeline_sums_idx = models.Index(
        "(user_id, stage_id) INCLUDE (type, company_id, expected_revenue) "
        "WHERE active IS TRUE"
    )

    @api.model
    def _next_action_domain(self):
        """:return: what has a score; see :meth:`_next_action_open`"""
        return (
            Domain("active", "=", True)
            & Domain("type", "=", "opportunity")
            & Domain("won_status", "=", "pending")
        )

    @api.model
    def _cron_next_actions(self):
        """Find all scores anew, batch by batch, each committed. A run that is out of
        time goes on where it stopped.
        """
        cron, parameters = self.env["ir.cron"], self.env["ir.config_parameter"].sudo()
        last = start = int(parameters.get_param(CURSOR) or 0)
        if not start:
            self.env["crm.team"]._next_action_measure()
        rest = self._next_action_domain() & Domain("id", ">", start)
        time = cron._commit_progress(remaining=self.search_count(rest))
        while time and (leads := self._next_action_after(last)):
            retrying(leads._next_action_refresh, self.env)
            last = leads[-1].id
            time = cron._commit_progress(len(leads))
        stopped = last if self._next_action_after(last)[:1] else 0
        if stopped != start:
            parameters.set_param(CURSOR, stopped or False)
            cron._commit_progress()

    def _next_action_after(self, last):
        """:return: the next batch of what has a score, from after the id ``last``"""
        rest = self._next_action_domain() & Domain("id", ">", last)
        return self.search(rest, order="id", limit=self._next_action_batch)

    def _next_action_refresh(self):
        """Find the scores of open opportunities anew. Only those that changed are
        written; nobody's last update is.
        """
        self.flush_recordset(["value_band", "next_action_score"])
        scores = self._next_action_scores()
        bands = {lead: lead._next_action_band() for lead in self}
        changed = [
            (lead.id, bands[lead], scores[lead])
            for lead in self
            if lead.value_band != bands[lead] or lead.next_action_score != scores[lead]
        ]
        if not changed:
            return
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead SET value_band = band, next_action_score = score
                     FROM UNNEST(%s::int[], %s::int[], %s::numeric[])
                       AS found(lead_id, band, score)
                    WHERE id = lead_id""",
                *map(list, zip(*changed, strict=True)),
            )
        )
        self.invalidate_recordset(["value_band", "next_action_score"], flush=False)

    # What was there before

    def _auto_init(self):
        """The opportunities of a database in use get their values by
        :meth:`_next_action_start`, not all at once.
        """
        if not column_exists(self.env.cr, self._table, "next_action_score"):
            self._next_action_columns()
            self.pool.post_init(self._next_action_start)
        return super()._auto_init()

    @api.model
    def _next_action_columns(self):
        for name in ("last_touch_date", "next_action_date"):
            field = self._fields[name]
            create_column(self.env.cr, self._table, name, field.column_type[1])
        for name in ("value_band", "next_action_score"):
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE %(table)s ADD COLUMN %(name)s %(type)s DEFAULT 0; "
                    "ALTER TABLE %(table)s ALTER COLUMN %(name)s DROP DEFAULT",
                    table=SQL.identifier(self._table),
                    name=SQL.identifier(name),
                    type=SQL(self._fields[name].column_type[1]),
                )
            )

    @api.model
    def _next_action_start(self):
        """Fill in last touches, next activities and scores from what is there."""
        self._touch_from_history(
            SQL("SELECT id AS lead_id, 'crm.lead' AS model, id AS res_id FROM crm_lead")
        )
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead
                      SET next_action_date = activity.due
                     FROM (SELECT res_id, MIN(date_deadline) AS due
                             FROM mail_activity
                            WHERE res_model = 'crm.lead' AND active
                         GROUP BY res_id) AS activity
                    WHERE crm_lead.id = activity.res_id"""
            )
        )
        self._next_action_refresh_all()

    @api.model
    def _next_action_refresh_all(self):
        """Find all scores anew in the transaction at hand."""
        self.env["crm.team"]._next_action_measure()
        last = 0
        while leads := self._next_action_after(last):
            leads._next_action_refresh()
            last = leads[-1].id
            self.env.invalidate_all()

    @api.model
    def _touch_from_history(self, documents):
        """Take last touches from messages; see ``mail.message._is_touch``.

        :param SQL documents: a query that gives ``lead_id``, ``model`` and ``res_id``
            of the documents whose messages count
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead
                      SET last_touch_date = GREATEST(last_touch_date, touch.last)
                     FROM (SELECT document.lead_id, MAX(message.date) AS last
                             FROM (%(documents)s) AS document
                             JOIN mail_message AS message
                               ON message.model = document.model
                              AND message.res_id = document.res_id
                            WHERE %(touch)s
                         GROUP BY document.lead_id) AS touch
                    WHERE crm_lead.id = touch.lead_id""",
                documents=documents,
                touch=self.env["mail.message"]._is_touch_sql(),
            )
        )
        self.invalidate_model(["last_touch_date"])
