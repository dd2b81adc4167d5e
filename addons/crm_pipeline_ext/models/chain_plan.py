from collections import defaultdict

from psycopg2 import InterfaceError, OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import UserError


class ChainMixin(models.AbstractModel):
    """What policies and runs need of a record of the chain."""

    _inherit = "crm.chain.mixin"

    # The most records of one transaction of a run. Larger batches gain nothing.
    _chain_chunk = 100

    def action_chain_run(self):
        """Prepare a run of the chain for these records and show what it would do.

        :return: the action that opens the run
        :raise UserError: there are none
        :raise AccessError: the user may not read one of them
        """
        if not self:
            raise UserError(self.env._("Select the records to run the chain for."))
        run = self.env["crm.chain.run"].create(
            {
                "res_model": self._name,
                "line_ids": [
                    (0, 0, {"res_id": record_id})
                    for record_id in self._chain_distinct().ids
                ],
            }
        )
        run.action_preview()
        return run._get_records_action(context={})

    def _chain_policies(self):
        """:return: ``{policy: records of self}`` by company and sales team. The
        policies come as superuser: which one holds must not depend on who asks.
        """
        Policy = self.env["crm.chain.policy"].sudo()
        return self.grouped(
            lambda record: Policy.browse(
                Policy._find(record._chain_company().id, record.team_id.id)
            )
        )

    def _chain_policy(self):
        """:return: the policy of one record"""
        self.ensure_one()
        return next(iter(self._chain_policies()))

    def _chain_company(self):
        """:return: the company whose policy holds for one record"""
        return self.company_id or self.team_id.company_id or self.env.company

    @api.model
    def _chain_chunk_limit(self, step):
        """:return: how many records at most take ``step`` in one transaction of a
        run: fewer than usual where each of them takes its time
        """
        return self._chain_chunk

    # Preview

    def _chain_preview(self, last_step=False):
        """What a run would do with these records. Writes nothing.

        :param last_step: as in :meth:`crm.chain.policy._steps`
        :return: ``{record id: (keys of the steps, reasons)}``: the steps up to the
            one that is blocked, and why it or a later one is
        """
        allowed = self._filtered_access("write")
        plans = {record_id: ([], [self._chain_no_right()]) for record_id in self.ids}
        for policy, records in allowed._chain_policies().items():
            steps = [x for x in policy._steps(last_step) if self._chain_can(x)]
            plans.update(records._chain_plan(steps))
        return plans

    def _chain_plan(self, steps):
        """As :meth:`_chain_preview`, for records of one policy."""
        planned = {record.id: [] for record in self}
        reasons = defaultdict(list)
        for step in steps:
            needed = self._chain_needed(step)
            first = needed.filtered(lambda record: not planned[record.id])
            found = {
                **first._chain_blockers(step),
                **(needed - first)._chain_foreseen(step),
            }
            for record in needed:
                planned[record.id].append(step)
                reasons[record.id] += found.get(record.id, [])
        return {
            record.id: (planned[record.id], list(dict.fromkeys(reasons[record.id])))
            for record in self
        }

    def _chain_foreseen(self, step):
        """What can be told now of the blockers of a step that comes later: its
        documents need not exist yet. A step has ``_chain_<step>_foreseen()`` if it
        can tell anything.

        :return: ``{record id: [reasons]}``
        """
        method = getattr(self, f"_chain_{step}_foreseen", None)
        return method() if method and self else {}

    def _chain_amounts(self):
        """What these sales are worth, for the preview.

        :return: ``{record id: (amount, currency)}``; taxes are included once there
            is an order
        """
        return {}

    @api.model
    def _chain_no_right(self):
        return self.env._("You may not change it. Ask its salesperson or a manager.")

    # Run

    def _chain_go(self, last_step=False, patient=False):
        """Take these records through the steps of their policies, as far as each of
        them comes.

        :param last_step: as in :meth:`crm.chain.policy._steps`
        :param patient: as in :meth:`_chain_attempt`
        :return: a dict of ``done`` (``{record id: keys of its steps}``), and why the
            others stopped: ``blocked`` (``{record id: reasons}``), ``busy`` (ids)
            and ``failed`` (``{record id: exception}``)
        :raise OperationalError: as :meth:`_chain_attempt`
        """
        allowed = self.exists()._filtered_access("write")
        done = defaultdict(list)
        blocked = {record.id: [self._chain_no_right()] for record in self - allowed}
        busy, failed = [], {}
        for policy, records in allowed._chain_policies().items():
            for step in filter(self._chain_can, policy._steps(last_step)):
                result = records._chain_attempt(step, patient)
                for record_id in result["done"]:
                    done[record_id].append(step)
                blocked.update(result["blocked"])
                failed.update(result["failed"])
                busy += result["busy"]
                # a step may have merged some of them into others
                records = records.exists().filtered(
                    lambda x: x.id not in blocked and x.id not in failed
                )
        return {"done": done, "blocked": blocked, "busy": busy, "failed": failed}

    def _chain_attempt(self, step, patient=False):
        """Do ``step`` for those of these records that need it, so that records which
        fail keep none of the others from it: on an error the batch is taken back and
        halved until the failing records stand alone.

        :param patient: whether a value that exists already (a number, say) may be one
            that a parallel transaction has just made: then nobody is to blame either
        :return: as :meth:`_chain_run`, and ``failed``: ``{record id: exception}``
        :raise OperationalError: a lost connection or a conflict with a parallel
            transaction; none of the records is to blame
        :raise UniqueViolation: likewise, to whom is patient
        """
        if not self:
            return {"done": [], "blocked": {}, "busy": [], "failed": {}}
        try:
            with self.env.cr.savepoint():
                return {**self._chain_run(step), "failed": {}}
        except (InterfaceError, OperationalError):
            raise
        except Exception as error:
            if patient and isinstance(error, UniqueViolation):
                raise
            if len(self) == 1:
                failed = {self.id: error}
                return {"done": [], "blocked": {}, "busy": [], "failed": failed}
        half = len(self) // 2
        first = self[:half]._chain_attempt(step, patient)
        second = self[half:]._chain_attempt(step, patient)
        return {
            "done": first["done"] + second["done"],
            "busy": first["busy"] + second["busy"],
            "blocked": {**first["blocked"], **second["blocked"]},
            "failed": {**first["failed"], **second["failed"]},
        }
