from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date
from odoo.tools.misc import clean_context


class CrmLead(models.Model):
    """Mark the activity at hand as done and plan the next."""

    _inherit = "crm.lead"

    # Days until a to-do is due that nothing else proposes.
    _plan_next_days = 3
    # What the same person planned within this time is not done yet: he clicked twice.
    _plan_next_twin_age = timedelta(seconds=10)

    def action_done_and_plan_next(self):
        """Ask what was done and what comes next.

        :param self: any number of leads
        :return: the action of the dialog
        :raise AccessError: the user may not write one of them
        """
        leads = self._plan_next_checked()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Done and Plan the Next"),
            "res_model": "crm.lead.plan.next",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_ids": [fields.Command.set(leads.ids)]},
        }

    def action_done_and_plan_proposed(self):
        """Do both at once, as proposed. Nothing is planned for what is closed or has
        something planned already; a second click does nothing.

        :param self: any number of leads
        :return: a client action that says what was planned, then a reload
        :raise AccessError: the user may not write one of them
        """
        leads = self._plan_next_checked()
        rest = leads.filtered(lambda lead: not lead._plan_next_just_planned())
        return leads._plan_next_notify(*rest._plan_next(rest._plan_next_proposed()))

    # What extensions override

    def _plan_next_current(self):
        """:return: the activity at hand of one lead: the user's own that is due
        first, else anybody's; empty if nothing is planned
        """
        self.ensure_one()
        mine = self.activity_ids.filtered(lambda x: x.user_id == self.env.user)
        return (mine or self.activity_ids)[:1]

    def _plan_next_proposal(self):
        """:return: the values of the next activity of one lead; none if it is closed
        or if another activity is planned already
        """
        self.ensure_one()
        current = self._plan_next_current()
        if not self.active or self.won_status != "pending":
            return {}
        if self.activity_ids - current:
            return {}
        kind, due = self._plan_next_kind(current)
        return {
            "activity_type_id": kind.id,
            "summary": kind.summary,
            "note": kind.default_note,
            "date_deadline": due,
            "user_id": (kind.default_user_id or self.user_id or self.env.user).id,
        }

    def _plan_next_kind(self, current):
        """:return: the type of the next activity and its date: the stage's, else what
        follows ``current``, else a to-do
        """
        today = fields.Date.context_today(self)
        kind = self.stage_id.next_activity_type_id
        if kind.active:
            return kind, today + timedelta(days=self.stage_id.next_activity_days)
        previous = current.activity_type_id
        kind = previous.triggered_next_type_id or previous.suggested_next_type_ids[:1]
        if kind:
            chain = {"activity_previous_deadline": current.date_deadline}
            due = kind.with_context(**chain)._get_date_deadline()
            return kind, max(due, today)
        types = self.env["mail.activity.type"]
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        kind = todo or types.search([("res_model", "in", [False, self._name])], limit=1)
        return kind, today + timedelta(days=self._plan_next_days)

    # How it works

    def _plan_next_just_planned(self):
        """:return: whether this user planned the activity at hand a moment ago, in an
        earlier request
        """
        current = self._plan_next_current()
        if not current or current.create_uid != self.env.user:
            return False
        age = self.env.cr.now() - current.create_date
        return timedelta() < age < self._plan_next_twin_age

    def _plan_next_checked(self):
        """:return: ``self``, each lead once
        :raise AccessError: the user may not write one of them
        :raise MissingError: one is not there
        """
        leads = self._chain_distinct()
        leads.check_access("write")
        leads.mapped("stage_id")
        return leads

    def _plan_next_proposed(self):
        """:return: ``{lead: values of the proposed activity}``"""
        return {lead: lead._plan_next_proposal() for lead in self}

    def _plan_next(self, plans, feedback=False):
        """Mark the current activities as done and plan what ``plans`` says.

        :param plans: ``{lead: values of its next activity}``; no values, no plan
        :return: the activities done, and those planned
        """
        done = self.env["mail.activity"].union(*(x._plan_next_current() for x in self))
        activities = done.with_env(self.env(context=clean_context(self.env.context)))
        _messages, planned = activities._action_done(feedback=feedback)
        followed = {activity.res_id: activity for activity in planned}
        missing = []
        for lead, values in plans.items():
            if values and lead.id in followed:  # core's own chain was quicker
                followed[lead.id].write(values)
            elif values:
                missing.append({**values, **lead._plan_next_link()})
        return done, planned | activities.create(missing)

    def _plan_next_link(self):
        model = self.env["ir.model"]._get_id(self._name)
        return {"res_model_id": model, "res_id": self.id}

    def _plan_next_notify(self, done, planned, then="soft_reload"):
        """:return: the action that tells the user what was done and planned"""
        if len(self) == 1:
            title, message = self._plan_next_told(done, planned)
        else:
            title = self.env._("%(count)s activities done", count=len(done))
            message = self.env._("%(count)s activities planned.", count=len(planned))
        close = {"type": "ir.actions.act_window_close"}
        reload = {"type": "ir.actions.client", "tag": then}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": message,
                "type": "success" if done or planned else "info",
                "next": reload if then else close,
            },
        }

    def _plan_next_told(self, done, planned):
        """:return: title and message of what happened to one lead"""
        title = self.env._("Nothing was due")
        if done:
            title = self.env._("Done: %(activity)s", activity=done.display_name)
        following = planned or self.activity_ids[:1]
        if not following:
            nothing = self.env._("Nothing is planned for “%(name)s”.", name=self.name)
            return title, nothing
        return title, self.env._(
            "Next for “%(name)s”: %(activity)s, %(date)s.",
            name=self.name,
            activity=following.display_name,
            date=format_date(self.env, following.date_deadline),
        )
