from odoo import api, fields, models


class CrmLead(models.Model):
    """Which opportunity to turn to next, and why.

    The score is the mean of parts from 0 to 1, weighted by the sales team's numbers
    and multiplied by 100. A part is a name in :meth:`_next_action_parts`, a method
    ``_next_action_NAME()`` and a field ``next_action_weight_NAME`` on ``crm.team``.
    """

    _inherit = "crm.lead"

    # Days after which nothing is gained by waiting longer.
    _next_action_overdue_days = 10
    _next_action_future_days = 14
    _next_action_silent_days = 30
    # Days of silence that are worth a word.
    _next_action_notable_days = 7

    next_action_date = fields.Date(
        compute="_compute_next_action_date",
        store=True,
        copy=False,
        help="The due date of the earliest activity that is still to be done.",
    )
    value_band = fields.Integer(
        compute="_compute_next_action_score",
        store=True,
        copy=False,
        aggregator=None,
        help="10 or 25 if the opportunity is among that many percent of its team's "
        "most valuable ones, expected revenue weighted by probability; else 0.",
    )
    next_action_score = fields.Float(
        string="Score",
        digits=(5, 1),
        compute="_compute_next_action_score",
        store=True,
        copy=False,
        aggregator="avg",
        help="From 0 to 100: how much the opportunity wants attention. Found from its "
        "next activity, the days since the last touch, its value and its stars, with "
        "the weights of the sales team.",
    )
    next_action_reasons = fields.Char(
        string="Why",
        compute="_compute_next_action_reasons",
        exportable=False,
        help="What gives the opportunity its score.",
    )

    @api.depends("activity_ids.active", "activity_ids.date_deadline")
    def _compute_next_action_date(self):
        """One query; none for those just created, which are known to have none."""
        asked = self.filtered(lambda lead: lead._cache.get("activity_ids") != ())
        dates = {}
        if asked.ids:
            domain = [
                ("res_model", "=", self._name),
                ("res_id", "in", asked.ids),
                ("active", "=", True),
            ]
            groups = (domain, ["res_id"], ["date_deadline:min"])
            dates = dict(self.env["mail.activity"].sudo()._read_group(*groups))
        for lead in self:
            lead.next_action_date = dates.get(lead.id, False)

    @api.depends(
        "active",
        "type",
        "won_status",
        "team_id",
        "priority",
        "prorated_revenue",
        "next_action_date",
        "last_touch_date",
    )
    def _compute_next_action_score(self):
        """Bands come before scores, which are reckoned with them."""
        leads = self._next_action_open()
        rest = self - leads
        rest.value_band = rest.next_action_score = 0
        for lead in leads:
            lead.value_band = lead._next_action_band()
        for lead, score in leads._next_action_scores().items():
            lead.next_action_score = score

    @api.depends(
        "active",
        "type",
        "won_status",
        "team_id",
        "priority",
        "prorated_revenue",
        "value_band",
        "next_action_date",
        "last_touch_date",
        "create_date",
    )
    @api.depends_context("lang", "tz")
    def _compute_next_action_reasons(self):
        leads = self._next_action_open()
        (self - leads).next_action_reasons = False
        reasons = leads._next_action_why()
        for lead in leads:
            lead.next_action_reasons = " · ".join(reasons[lead]) or False

    # What extensions override

    @api.model
    def _next_action_parts(self):
        """:return: the names of the score's parts, in the order of their reasons"""
        return ["activity", "value", "touch", "priority"]

    def _next_action_open(self):
        """:return: those of ``self`` that have a score"""
        return self.filtered(
            lambda lead: lead.active
            and lead.type == "opportunity"
            and lead.won_status == "pending"
        )

    @api.model
    def _next_action_phrase(self, reason, number):
        """:param reason: a key of a reason, as the parts give it
        :return: the reason in the user's language, to stand beside others
        """
        if reason == "overdue":
            if number == 1:
                return self.env._("overdue 1 day")
            return self.env._("overdue %(days)s days", days=number)
        if reason == "silent":
            return self.env._("no touch for %(days)s days", days=number)
        return {
            "today": self.env._("due today"),
            "missing": self.env._("no next action"),
            "top": self.env._("top %(percent)s %% value", percent=number),
            "priority": self.env._("high priority"),
        }[reason]

    # The parts: `{lead: (part from 0 to 1, key of its reason or "", its number)}`

    def _next_action_activity(self):
        today = fields.Date.context_today(self)
        return {lead: lead._next_action_due(today) for lead in self}

    def _next_action_due(self, today):
        """Overdue is worst, then due today, then nothing planned."""
        if not self.next_action_date:
            return 0.6, "missing", 0
        days = (self.next_action_date - today).days
        if days < 0:
            late = min(-days / self._next_action_overdue_days, 1)
            return 0.8 + 0.2 * late, "overdue", -days
        if not days:
            return 0.8, "today", 0
        return max(0.4 * (1 - days / self._next_action_future_days), 0), "", 0

    def _next_action_touch(self):
        full, notable = self._next_action_silent_days, self._next_action_notable_days
        result = {}
        for lead in self:
            days = lead.days_since_touch
            result[lead] = (min(days / full, 1), days >= notable and "silent", days)
        return result

    def _next_action_value(self):
        """Half for what is worth the team's median, and nearing 1 above it."""
        result = {}
        for lead in self:
            value = max(lead.prorated_revenue, 0)
            median = lead._next_action_team()["median"] or value
            part = value and value / (value + median)
            result[lead] = (part, lead.value_band and "top", lead.value_band)
        return result

    def _next_action_priority(self):
        result = {}
        for lead in self:
            stars = int(lead.priority or 0)
            result[lead] = (stars / 3, stars >= 2 and "priority", stars)
        return result

    # How it works

    def _next_action_team(self):
        """:return: the numbers of the lead's team, from the cache"""
        return self.env["crm.team"]._next_action_settings(self.team_id._origin.id)

    def _next_action_band(self):
        team, value = self._next_action_team(), self.prorated_revenue
        for band in (10, 25):
            top = team[f"top_{band}"]
            if top and value >= top:
                return band
        return 0

    def _next_action_scores(self):
        """:return: ``{lead: score}`` for now"""
        names = self._next_action_parts()
        parts = {name: getattr(self, f"_next_action_{name}")() for name in names}
        scores = {}
        for lead in self:
            weights = lead._next_action_team()["weights"]
            total = sum(weights.values())
            points = sum(weights[name] * parts[name][lead][0] for name in names)
            scores[lead] = round(100 * points / total, 1) if total else 0
        return scores

    def _next_action_why(self):
        """:return: ``{lead: [reason, ...]}`` in the user's language; no query"""
        reasons = {lead: [] for lead in self}
        for name in self._next_action_parts():
            parts = getattr(self, f"_next_action_{name}")()
            for lead, (_part, key, number) in parts.items():
                if key:
                    reasons[lead].append(self._next_action_phrase(key, number))
        return reasons
