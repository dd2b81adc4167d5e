from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list

from ..batch import CONTEXT_KEY, Batch


class ChainMixin(models.AbstractModel):
    """What a record needs to be carried along the sale chain.

    A step is a key of ``crm.lead.chain_step`` and three batch methods on the
    model that does it. For the key ``send``:

    ``_chain_send_needed()``
        the records of ``self`` whose documents say the step is still to be
        done. Runs as superuser; a second call after the step returns nothing.
    ``_chain_send_blockers()``
        ``{record id: [reason, ...]}`` for the records that cannot take the
        step. Runs with the user's own rights and writes nothing.
    ``_chain_send_do()``
        does it for the whole recordset, none of which is blocked.

    Where a sale stands is never kept apart from its documents: adding the three
    methods is all it takes to add a step.
    """

    _name = "crm.chain.mixin"
    _description = "Sale Chain"

    chain_bar = fields.Json(
        compute="_compute_chain_bar",
        compute_sudo=False,
        groups="base.group_user",
        exportable=False,
        export_string_translation=False,
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_chain_bar(self):
        for record in self:
            record.chain_bar = record.id and {
                "segments": record._chain_bar_segments(),
                "next": record._chain_bar_next(),
            }

    # What the user and other programs call

    def chain_run_step(self, step):
        """Do one step for the records of ``self`` that need it.

        Blocked records are left exactly as they were; the others are done in
        one batch and one transaction.

        :param str step: a key of :meth:`_chain_steps`
        :return: ``{"done": [ids], "blocked": {"id": [reasons]}}``; records that
            did not need the step are in neither. The ids under ``blocked`` are
            texts: neither JSON nor XML-RPC has other keys.
        :raise UserError: the model has no such step, or an id is not of a record
        :raise AccessError: the user may not write one of the records
        """
        result = self._chain_run(step)
        blocked = {
            str(record_id): [str(reason) for reason in reasons]
            for record_id, reasons in result["blocked"].items()
        }
        return {"done": result["done"], "blocked": blocked}

    def action_chain_step(self, step):
        """Do one step from a button or a server action and tell what happened.

        :param str step: a key of :meth:`_chain_steps`
        :return: a client action: the notification, then a reload of the view
        :raise UserError: every record that needs the step is blocked; the
            message names each record with its reasons
        """
        return self._chain_notify({step: self._chain_run(step)})

    def action_chain_next(self):
        """Take each record one step further, whichever step is its next.

        :return: and :raise: as :meth:`action_chain_step`
        """
        chosen = self._chain_distinct()
        chosen.check_access("write")
        next_steps = chosen._chain_next()
        return self._chain_notify(
            {
                step: records._chain_run(step)
                for step, records in next_steps.items()
            }
        )

    # What extensions override

    @api.model
    def _chain_steps(self):
        """:return: the keys of this model's steps, first to last"""
        keys = self.env["crm.lead"]._fields["chain_step"].get_values(self.env)
        return [key for key in keys if self._chain_can(key)]

    @api.model
    def _chain_can(self, step):
        """:return: whether this model does ``step``, itself or by its documents"""
        return hasattr(self, f"_chain_{step}_needed")

    @api.model
    def _chain_step_labels(self):
        """:return: ``{step: what doing it is called}``, in the user's language"""
        field = self.env["crm.lead"]._fields["chain_step"]
        return dict(field._description_selection(self.env))

    def _chain_needed(self, step):
        """:return: the records of ``self`` that still need ``step``"""
        needed = getattr(self.sudo(), f"_chain_{step}_needed")()
        return needed.with_env(self.env)

    def _chain_blockers(self, step):
        """:return: ``{record id: [reasons]}`` of the records ``step`` cannot take"""
        blockers = getattr(self, f"_chain_{step}_blockers")()
        return {key: reasons for key, reasons in blockers.items() if reasons}

    def _chain_do(self, step):
        """Do ``step``; the caller has found that all of ``self`` need and may."""
        batch = self.with_context(**{CONTEXT_KEY: Batch()})
        getattr(batch, f"_chain_{step}_do")()
        batch._chain_tell()

    def _chain_tell(self):
        """Post what the documents have changed so far, all of them at once: each
        step has its own messages, as by hand.
        """
        self.env.flush_all()
        self.env["crm.lead"]._stage_follow_documents()
        for model in self.env["crm.lead"]._chain_documents():
            self.env[model]._track_finalize()
        self.env["mail.thread"]._chain_post_collected()
        self.env["crm.lead"]._touch_collected()

    def _chain_lock(self):
        """Lock what a step will change until the transaction ends.

        :return: the records of ``self`` nobody else is working on
        """
        return self.try_lock_for_update(allow_referencing=True)

    def _chain_queue_up(self):
        """Have the transactions that call this for the same records follow one
        another: each waits for the one before, and if that has made something, Odoo
        repeats it, so that it sees what was made.
        """
        if self.ids:
            table, ids = SQL.identifier(self._table), tuple(sorted(self.ids))
            self.env.cr.execute(SQL("UPDATE %s SET id = id WHERE id IN %s", table, ids))

    def _chain_bar_segments(self):
        """:return: the bar's segments of one record, made by
        :meth:`_chain_segment`, first to last
        """
        return []

    # How it works

    def _chain_run(self, step):
        """As :meth:`chain_run_step`, with the ids of the blocked as they are; those
        blocked only as long as somebody else is at work are also under ``busy``.
        """
        records = self._chain_distinct()
        if not (isinstance(step, str) and self._chain_can(step)):
            raise UserError(
                self.env._(
                    "There is no step “%(step)s” here. Known steps: %(steps)s.",
                    step=step,
                    steps=self._chain_steps(),
                )
            )
        records.check_access("write")
        needed = records._chain_needed(step)
        free = needed._chain_lock()
        blocked = {record.id: [self._chain_busy()] for record in needed - free}
        taken = list(blocked)
        blocked.update(free._chain_blockers(step))
        todo = free.filtered(lambda record: record.id not in blocked)
        if todo:
            todo._chain_do(step)
            unfinished = self.env._(
                "It was not completed. Open its documents to see what is left."
            )
            left = todo.exists()._chain_needed(step)
            blocked.update({record.id: [unfinished] for record in left})
            todo -= left
        return {"done": todo.ids, "blocked": blocked, "busy": taken}

    @api.model
    def _chain_busy(self):
        return self.env._("Somebody else is working on it. Try again in a moment.")

    def _chain_distinct(self):
        """:return: ``self``, each record once: other programs may name one twice,
        and it would get its documents twice

        :raise UserError: an id is not of a saved record
        """
        self._chain_check_ids(self._ids)
        return self.union()

    @api.model
    def _chain_check_ids(self, ids):
        """:raise UserError: one is not the id of a saved record: other programs send
        anything
        """
        if not all(type(x) is int and 0 < x < 2**31 for x in ids):
            raise UserError(
                self.env._("Give the ids of saved records, as whole numbers.")
            )

    def _chain_next(self):
        """:return: ``{step: records}``: each record under its first needed step, of
        those its policy offers
        """
        result = defaultdict(self.browse)
        for policy, rest in self._chain_policies().items():
            for step in filter(self._chain_can, policy._offered_steps()):
                if needed := rest._chain_needed(step):
                    result[step] |= needed
                    rest -= needed
        return result

    def _chain_bar_next(self):
        """:return: the next step's key and label, or False at the chain's end"""
        for step in self._chain_next():
            return self._chain_offer(step)
        return False

    @api.model
    def _chain_offer(self, step):
        return {"step": step, "label": self._chain_step_labels()[step]}

    @api.model
    def _chain_segment(self, key, label, done, documents=()):
        """One segment of the chain bar.

        :param str label: in the user's language
        :param bool done: whether the sale has come past it
        :param documents: dicts of ``model``, ``id``, ``name`` and, where they
            apply, ``date`` (a date), ``amount`` and ``currency_id``
        """
        return {
            "key": key,
            "label": label,
            "done": bool(done),
            "documents": [
                {**document, "date": fields.Date.to_string(document.get("date"))}
                for document in documents
            ],
        }

    @api.model
    def _chain_notify(self, results):
        """Turn ``{step: result of _chain_run}`` into what the user sees."""
        done = sum(len(result["done"]) for result in results.values())
        reasons = self._chain_reasons(results)
        if reasons and not done:
            raise UserError("\n".join(reasons))
        message = self.env._("%(done)s done.", done=done)
        if not (done or reasons):
            message = self.env._("Nothing left to do here.")
        if reasons:
            message = self.env._(
                "%(done)s done, %(blocked)s blocked. %(reasons)s",
                done=done,
                blocked=len(reasons),
                reasons=" ".join(reasons),
            )
        labels = self._chain_step_labels()
        steps = format_list(self.env, [labels[step] for step in results])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": steps or False,
                "message": message,
                "type": "warning" if reasons else "success" if done else "info",
                "sticky": bool(reasons),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _chain_reasons(self, results):
        """:return: one sentence per blocked record: its name and its reasons"""
        blocked = {
            record_id: reasons
            for result in results.values()
            for record_id, reasons in result["blocked"].items()
        }
        return [
            f"{record.display_name}: {' '.join(blocked[record.id])}"
            for record in self.browse(blocked)
        ]
