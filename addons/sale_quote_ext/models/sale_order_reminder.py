
from odoo import api, fields, models
from odoo.tools import SQL, format_date

SILENT = "sale_quote_ext.mail_activity_type_silent"
EXPIRING = "sale_quote_ext.mail_activity_type_expiring"


class SaleOrder(models.Model):
    """Sent quotations that nobody answers, and those about to expire, come back to
    their salesperson: once.
    """

    _inherit = "sale.order"

    _reminder_batch = 500

    # Until when there was silence, and which last day was reminded of.
    silence_reminded_date = fields.Datetime(
        string="Reminded of Silence", copy=False, readonly=True
    )
    expiry_reminded_date = fields.Date(
        string="Reminded of Expiration", copy=False, readonly=True
    )

    @api.model
    def _cron_quotation_reminders(self):
        """Plan the reminders that are due, batch by batch, each committed."""
        cron = self.env["ir.cron"]
        for find, remind in (
            (self._reminder_silent, lambda x: x._remind_of_silence()),
            (self._reminder_expiring, lambda x: x._remind_of_expiry()),
        ):
            while orders := find(self._reminder_batch):
                remind(orders)
                if not cron._commit_progress(len(orders)):
                    return

    # Which are due

    def _reminder_domain_sql(self):
        """:return: the condition on the tables ``o`` (orders), ``company`` and ``lead``
            that any reminder needs: sent, not expired, its opportunity not lost
        """
        return SQL(
            """o.state = 'sent'
               AND (o.validity_date IS NULL OR o.validity_date >= %(today)s)
               AND (lead.id IS NULL OR lead.active)""",
            today=fields.Date.today(),
        )

    @api.model
    def _reminder_silent(self, limit):
        """:return: quotations whose customer and we have been silent for as many days
            as the company says, since they were sent or since the last message with
            him, and that nobody was reminded of since; one query
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT o.id
                     FROM sale_order AS o
                     JOIN res_company AS company ON company.id = o.company_id
                LEFT JOIN crm_lead AS lead ON lead.id = o.opportunity_id
               CROSS JOIN LATERAL (
                          SELECT %(now)s - company.quotation_silent_days
                                 * INTERVAL '1 day' AS since) AS silence
                    WHERE %(any)s
                      AND company.quotation_silent_days > 0
                      AND COALESCE(o.quotation_sent_date, o.date_order)
                          <= silence.since
                      AND (o.silence_reminded_date IS NULL
                           OR o.silence_reminded_date < o.quotation_sent_date
                           OR EXISTS (SELECT FROM mail_message AS message
                                       WHERE message.model = 'sale.order'
                                         AND message.res_id = o.id
                                         AND message.date > o.silence_reminded_date
                                         AND (%(touch)s)))
                      AND (lead.last_touch_date IS NULL
                           OR lead.last_touch_date <= silence.since)
                      AND NOT EXISTS (SELECT FROM mail_message AS message
                                       WHERE message.model = 'sale.order'
                                         AND message.res_id = o.id
                                         AND message.date > silence.since
                                         AND (%(touch)s))
                 ORDER BY o.id
                    LIMIT %(limit)s""",
                any=self._reminder_domain_sql(),
                now=fields.Datetime.now(),
                touch=self.env["mail.message"]._is_touch_sql(),
                limit=limit,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _reminder_expiring(self, limit):
        """:return: quotations that expire within as many days as the company says, and
            whose last day nobody was reminded of; one query
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT o.id
                     FROM sale_order AS o
                     JOIN res_company AS company ON company.id = o.company_id
                LEFT JOIN crm_lead AS lead ON lead.id = o.opportunity_id
                    WHERE %(any)s
                      AND company.quotation_expiring_days > 0
                      AND o.validity_date
                          <= %(today)s + company.quotation_expiring_days
                      AND o.expiry_reminded_date IS DISTINCT FROM o.validity_date
                 ORDER BY o.id
                    LIMIT %(limit)s""",
                any=self._reminder_domain_sql(),
                today=fields.Date.today(),
                limit=limit,
            )
        )
        return self.browse(row[0] for row in rows)

    # Reminding

    def _remind_of_silence(self):
        kind = self.env.ref(SILENT, raise_if_not_found=False)
        self._remind(kind, lambda order: order._silence_summary())
        self.silence_reminded_date = fields.Datetime.now()

    def _remind_of_expiry(self):
        kind = self.env.ref(EXPIRING, raise_if_not_found=False)
        self._remind(kind, lambda order: order._expiry_summary())
        for date, orders in self.grouped("validity_date").items():
            orders.expiry_reminded_date = date

    def _silence_summary(self):
        sent = self.quotation_sent_date or self.date_order
        days = (fields.Datetime.now() - sent).days
        return self.env._(
            "No answer to the quotation sent %(days)s days ago", days=days
        )

    def _expiry_summary(self):
        return self.env._(
            "The quotation expires on %(date)s",
            date=format_date(self.env, self.validity_date),
        )

    def _remind(self, kind, summary):
        """Plan an activity on each of these, for its salesperson, all at once; nobody
        is told by e-mail.

        :param kind: the type of the activity; without one, nothing is planned
        :param summary: what gives the summary of one quotation in its user's language
        """
        model_id = self.env["ir.model"]._get_id(self._name)
        values = []
        for order in self if kind else ():
            user = order._reminder_user()
            if user:
                spoken = order.with_context(lang=user.lang or self.env.lang)
                values.append(
                    {
                        "res_model_id": model_id,
                        "res_id": order.id,
                        "user_id": user.id,
                        "activity_type_id": kind.id,
                        "summary": summary(spoken),
                        "date_deadline": fields.Date.today(),
                        "automated": True,
                    }
                )
        activities = self.env["mail.activity"].sudo()
        activities = activities.with_context(mail_activity_quick_update=True)
        activities.create(values)

    def _reminder_user(self):
        """:return: who is reminded of one quotation: its salesperson, else the leader
            of its team; there may be nobody
        """
        users = [self.user_id, self.team_id.user_id]
        return next((user for user in users if user.active), self.env["res.users"])
