import math
from datetime import timedelta

from babel.dates import format_timedelta
from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import clean_context
from odoo.tools.misc import babel_locale_parse


class ChainRun(models.Model):
    """The chain for many records: seen beforehand, then done in the background.

    Its lines are worked off in chunks, a transaction each; what a line's record
    needs is read from its documents every time. So nothing is lost or done twice
    when a worker dies: the chunk it was at is taken back and taken up again.
    """

    _name = "crm.chain.run"
    _description = "Chain Run"
    _order = "id desc"

    # What whoever may create a run may say about it.
    _given_fields = {"res_model", "line_ids", "last_step"}

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Started By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        help="The run has the rights, the companies and the language of this user.",
    )
    company_ids = fields.Many2many(
        comodel_name="res.company",
        string="Companies",
        readonly=True,
        default=lambda self: self.env.companies,
    )
    res_model = fields.Selection(
        selection="_selection_res_model",
        string="Documents",
        required=True,
        readonly=True,
    )
    last_step = fields.Selection(
        selection="_selection_last_step",
        string="Stop After",
        help="The last step of this run; without one, as far as the policy goes.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("previewed", "Previewed"),
            ("running", "Running"),
            ("done", "Done"),
            ("errors", "Done with Errors"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    started_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    line_ids = fields.One2many(
        comodel_name="crm.chain.run.line",
        inverse_name="run_id",
        string="Lines",
    )
    line_count = fields.Integer(string="Records", compute="_compute_counts")
    pending_count = fields.Integer(string="Waiting", compute="_compute_counts")
    done_count = fields.Integer(string="Done", compute="_compute_counts")
    blocked_count = fields.Integer(string="Blocked", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="In percent.")
    time_left = fields.Char(compute="_compute_time_left")

    @api.model
    def _selection_res_model(self):
        """The models that runs take: those of the chain."""
        names = [
            name
            for name, model in self.env.registry.items()
            if "chain_bar" in model._fields and not model._abstract
        ]
        models_ = self.env["ir.model"].sudo().search([("model", "in", names)])
        return [(model.model, model.name) for model in models_]

    @api.model
    def _selection_last_step(self):
        return self.env["crm.chain.policy"]._selection_last_step()

    @api.depends("res_model", "user_id")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._("Chain run %(number)s", number=run.id or "")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        groups = self.env["crm.chain.run.line"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        )
        counts = {(run.id, state): count for run, state, count in groups}
        for run in self:
            for state in ("pending", "done", "blocked", "failed"):
                run[f"{state}_count"] = counts.get((run.id, state), 0)
            run.line_count = (
                run.pending_count
                + run.done_count
                + run.blocked_count
                + run.failed_count
            )
            finished = run.line_count - run.pending_count
            run.progress = 100 * finished / run.line_count if run.line_count else 0

    @api.depends_context("lang")
    @api.depends("started_at", "state", "line_ids.state")
    def _compute_time_left(self):
        locale = babel_locale_parse(self.env.lang)
        for run in self:
            finished = run.line_count - run.pending_count
            run.time_left = False
            if run.state == "running" and finished:
                passed = fields.Datetime.now() - run.started_at
                left = passed.total_seconds() * run.pending_count / finished
                left = timedelta(seconds=math.ceil(left))
                run.time_left = format_timedelta(left, locale=locale)

    # What may be said of a run, and by whom

    @api.model_create_multi
    def create(self, vals_list):
        """Anybody of sales may prepare a run, of records he may read and for himself:
        the run will work with his rights.

        :raise UserError: other fields are given, another kind of documents, or
            records that do not exist
        """
        kinds = dict(self._selection_res_model())
        for vals in vals_list:
            self._check_given(vals, self._given_fields)
            if vals.get("res_model") not in kinds:
                raise UserError(
                    self.env._(
                        "A chain run takes one kind of documents: %(kinds)s.",
                        kinds=list(kinds),
                    )
                )
        own = {
            "user_id": self.env.uid,
            "company_ids": [(6, 0, self.env.companies.ids)],
            "state": "draft",
        }
        run = self.with_context(clean_context(self.env.context))
        return super(ChainRun, run).create([{**vals, **own} for vals in vals_list])

    def write(self, vals):
        """A preview follows what it is a preview of.

        :raise UserError: anything but ``last_step`` is given, or it is too late
        """
        self._check_given(vals, {"last_step"})
        if not self.env.su:
            self._check_state("draft", "previewed")
        written = super().write(vals)
        if "last_step" in vals:
            self.filtered(lambda run: run.state == "previewed").action_preview()
        return written

    @api.model
    def _check_given(self, vals, allowed):
        others = set(vals) - allowed
        if others and not self.env.su:
            raise UserError(
                self.env._(
                    "A chain run does not let you set: %(fields)s.",
                    fields=sorted(others),
                )
            )
        steps = dict(self._selection_last_step())
        if vals.get("last_step") and vals["last_step"] not in steps:
            raise UserError(
                self.env._(
                    "There is no step “%(step)s” here. Known steps: %(steps)s.",
                    step=vals["last_step"],
                    steps=list(steps),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _check_not_running(self):
        for run in self.filtered(lambda run: run.state == "running"):
            raise UserError(
                self.env._("%(run)s is running. Cancel it first.", run=run.display_name)
            )

    def _check_records(self, ids):
        """
        :raise UserError: not all of these records of one run exist
        :raise AccessError: the user may not read one of them
        """
        records = self.env[self.res_model].browse(ids)
        if missing := records - records.exists():
            raise UserError(
                self.env._(
                    "Records %(ids)s of %(run)s do not exist.",
                    ids=[str(record_id) for record_id in missing.ids[:10]],
                    run=self.display_name,
                )
            )
        records.check_access("read")

    def _check_state(self, *states):
        """:raise UserError: a run is in none of these states"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for run in self.filtered(lambda run: run.state not in states):
            raise UserError(
                self.env._(
                    "%(run)s is in the state “%(state)s”. This can be done only in: "
                    "%(states)s.",
                    run=run.display_name,
                    state=labels[run.state],
                    states=[labels[state] for state in states],
                )
            )

    def _check_ids(self):
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)

    def _check_own(self):
        """:raise AccessError: a run is another user's, and would use his rights"""
        self._check_ids()
        for run in self.filtered(lambda run: run.user_id != self.env.user):
            raise AccessError(
                self.env._(
                    "%(run)s works with the rights of %(user)s. Only he may start it; "
                    "prepare one of your own.",
                    run=run.display_name,
                    user=run.user_id.name,
                )
            )

    def _act(self, *states):
        """:return: these runs as superuser, locked, once it is clear that the user
        may act on them and that they are in one of ``states``
        """
        self._check_ids()
        self.check_access("write")
        runs = self.sudo()
        runs.lock_for_update()
        runs.invalidate_recordset(["state"])
        runs._check_state(*states)
        return runs

    # What the user and other programs call

    def action_preview(self):
        """Find out what these runs would do. No document is written.

        :raise UserError: a run has been started already
        """
        self._check_own()
        for run in self._act("draft", "previewed"):
            if run.line_ids:
                run.line_ids._preview()
            run.state = "previewed"

    def action_start(self):
        """Start these runs: a small one is done when the call returns, a large one
        goes on in the background.

        :raise UserError: a run has been started already
        """
        self._check_own()
        runs = self._act("draft", "previewed")
        runs.line_ids.state = "pending"
        runs.write({"state": "running", "started_at": fields.Datetime.now()})
        runs._launch()

    def action_retry(self):
        """Take up again what failed, was blocked or was cancelled. What is done stays
        done.

        :raise UserError: a run has not ended
        """
        self._check_own()
        runs = self._act("done", "errors", "cancelled")
        lines = runs.line_ids.filtered(lambda line: line.state != "done")
        lines.write({"state": "pending", "attempts": 0, "not_before": False})
        runs.filtered("pending_count").write(
            {"state": "running", "started_at": fields.Datetime.now(), "ended_at": False}
        )
        runs._launch()

    def action_cancel(self):
        """Stop these runs after the chunk under way. What is done stays done.

        :raise UserError: a run has ended
        """
        runs = self._act("draft", "previewed", "running")
        runs.write({"state": "cancelled", "ended_at": fields.Datetime.now()})
        runs._tell_progress()

    # How it works

    def _launch(self):
        """Set these runs going: small ones at once, others in the background."""
        small = self.filtered(lambda run: run.pending_count <= run._chunk_size())
        (self - small)._launch_large()
        small._process()

    def _launch_large(self):
        """Have the scheduled action go on with these runs at once."""
        if self:
            self._wake_up()

    @api.model
    def _wake_up(self, at=None):
        self.env.ref("crm_pipeline_ext.ir_cron_chain_run").sudo()._trigger(at)

    @api.model
    def _cron_process(self):
        """Go on with the runs that are not finished."""
        runs = self.search([("state", "=", "running")], order="id")
        orphans = runs._orphans()
        orphans.action_cancel()
        (runs - orphans)._unattended()._process()

    def _orphans(self):
        """:return: the runs of users who have left: those run nothing any more"""
        return self.filtered(
            lambda run: not run.user_id.active and run.user_id.id != SUPERUSER_ID
        )

    def _unattended(self):
        """:return: the runs nobody but the scheduled action is going on with"""
        return self

    def _process(self):
        """Work off these runs chunk by chunk, each in a transaction of its own, until
        they are finished, cancelled or out of time.

        What somebody else is working on is put off. Any number of processes may work
        on the same run. Called by the scheduled action, and by :meth:`_launch`.
        """
        for run in self.sudo():
            in_time = True
            while in_time and (lines := run._claim()):
                in_time = run._work(lines)
            run._finish()
            if not in_time:
                return

    def _claim(self, among=()):
        """:return: the next lines to work on, locked; none if none can be had now, or
        the run is not running any more
        :param among: a domain of lines, if not all of this run's
        """
        self.ensure_one()
        self.invalidate_recordset(["state"])
        if self.state != "running":
            return self.line_ids.browse()
        size = self._chunk_size()
        # more than a chunk: other processes may be at the first ones
        waiting = self.line_ids.search([*self._waiting(), *among], limit=20 * size)
        return waiting.try_lock_for_update(limit=size)

    def _waiting(self):
        """:return: the domain of these runs' lines that can be worked on now"""
        now = fields.Datetime.now()
        return [
            ("run_id", "in", self.ids),
            ("state", "=", "pending"),
            "|",
            ("not_before", "=", False),
            ("not_before", "<=", now),
        ]

    def _chunk_size(self):
        """:return: how many records one transaction takes, by the steps that the
        policies of this run's companies take
        """
        Model = self.env[self.res_model]
        policies = self.env["crm.chain.policy"].search(
            [("company_id", "in", self.company_ids.ids)]
        )
        steps = {step for policy in policies for step in policy._steps(self.last_step)}
        return min(map(Model._chain_chunk_limit, steps), default=Model._chain_chunk)

    def _work(self, lines):
        """Do these lines and commit.

        :return: whether there is time for more
        """
        try:
            lines._process()
            self.env.flush_all()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation):
            self.env.cr.rollback()
            lines._put_off()
        self._tell_progress()
        Line = self.env["crm.chain.run.line"]
        running = self.search([("state", "=", "running")])
        seconds = self.env["ir.cron"]._commit_progress(
            len(lines), remaining=Line.search_count(running._waiting())
        )
        self.env.invalidate_all()
        return seconds > 0

    def _finish(self):
        """End a running run that has nothing left; come back for what is left."""
        if self.state != "running":
            return
        pending = self.line_ids.search(
            [("run_id", "=", self.id), ("state", "=", "pending")],
            order="not_before",
            limit=1,
        )
        if pending:
            soon = fields.Datetime.now() + timedelta(minutes=1)
            self._wake_up(pending.not_before or soon)
        elif self.try_lock_for_update():
            bad = self.blocked_count or self.failed_count
            self.write(
                {
                    "state": "errors" if bad else "done",
                    "ended_at": fields.Datetime.now(),
                }
            )
            self._tell_progress()
            self._tell_end()
        self.env["ir.cron"]._commit_progress()

    def _as_starter(self):
        """:return: this run with the rights, companies and language of its user"""
        self.ensure_one()
        user = self.user_id
        companies = (user.company_id | self.company_ids) & self.company_ids
        context = {
            "lang": user.lang,
            "tz": user.tz,
            "allowed_company_ids": (companies & user.company_ids).ids,
        }
        return self.with_env(self.env(user=user, su=False, context=context))

    def _tell_progress(self):
        """Have the starter's open forms of these runs read them again."""
        for run in self:
            run.user_id._bus_send("crm.chain.run", {"id": run.id})

    def _tell_end(self):
        """Tell the starter what came of a run: in passing if he waited for it, else
        by a message.
        """
        run = self._as_starter().sudo()
        summary = run.env._(
            "%(done)s done, %(blocked)s blocked, %(failed)s failed.",
            done=run.done_count,
            blocked=run.blocked_count,
            failed=run.failed_count,
        )
        if run.line_count <= run._chunk_size():
            run.user_id._bus_send(
                "simple_notification",
                {"title": run.display_name, "message": summary},
            )
            return
        run.env["mail.thread"].message_notify(
            model=run._name,
            res_id=run.id,
            subject=run.display_name,
            body=summary,
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=run.user_id.partner_id.ids,
        )
