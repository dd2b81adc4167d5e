import logging
import traceback
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list, groupby

from .chain_reason import ChainReason

_logger = logging.getLogger(__name__)


class ChainRunLine(models.Model):
    """One record of a run, what would be or was done with it, and what stopped it."""

    _name = "crm.chain.run.line"
    _description = "Chain Run Line"
    _order = "attempts, id"
    _rec_name = "res_id"

    # Seconds to wait for somebody who is working on a record, longer each time.
    _waits = (5, 10, 20, 40, 80, 160, 320)

    run_id = fields.Many2one(
        comodel_name="crm.chain.run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    res_model = fields.Selection(related="run_id.res_model")
    res_id = fields.Many2oneReference(
        string="Record",
        model_field="res_model",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("pending", "Waiting"),
            ("done", "Done"),
            ("blocked", "Blocked"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    step_keys = fields.Json(readonly=True, export_string_translation=False)
    steps = fields.Char(
        compute="_compute_steps",
        help="Beforehand, from which to which step a record would be taken; "
        "afterwards, to which it was.",
    )
    reasons = fields.Json(readonly=True)
    message = fields.Text(compute="_compute_message")
    traceback = fields.Text(readonly=True, groups="base.group_system")
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    attempts = fields.Integer(readonly=True)
    not_before = fields.Datetime(readonly=True)

    _once_in_a_run = models.Constraint(
        "UNIQUE (run_id, res_id)",
        "A chain run takes each record once.",
    )
    _waiting_index = models.Index("(run_id, attempts, id) WHERE state = 'pending'")

    @api.depends_context("lang")
    @api.depends("step_keys")
    def _compute_steps(self):
        labels = self.env["crm.lead"]._chain_step_labels()
        for line in self:
            names = [labels.get(key, key) for key in line.step_keys or ()]
            if len(names) > 2:
                line.steps = f"{names[0]} … {names[-1]}"
            else:
                line.steps = format_list(self.env, names) if names else False

    @api.depends("reasons")
    def _compute_message(self):
        for line in self:
            line.message = " ".join(reason["text"] for reason in line.reasons or ())

    @api.model_create_multi
    def create(self, vals_list):
        """Lines come with their run, and name a record each.

        :raise UserError: other fields are given, or records that do not exist
        :raise AccessError: the user may not read one of the records
        """
        allowed = {"run_id", "res_id"}
        if not self.env.su and (others := set().union(*vals_list) - allowed):
            raise UserError(
                self.env._(
                    "A chain run does not let you set: %(fields)s.",
                    fields=sorted(others),
                )
            )
        ids = [vals.get(name) for vals in vals_list for name in sorted(allowed)]
        self.env["crm.chain.mixin"]._chain_check_ids(ids)
        for run_id, given in groupby(vals_list, lambda vals: vals.get("run_id")):
            run = self.run_id.browse(run_id)
            if not self.env.su:
                run._check_own()
                run._check_state("draft", "previewed")
            run._check_records({vals["res_id"] for vals in given})
        return super().create(vals_list)

    # What the user calls

    def action_open(self):
        """:return: the action that opens the records of these lines of one run"""
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        model = self[:1].res_model
        return model and self.env[model].browse(
            self.mapped("res_id")
        )._get_records_action(context={})

    # How it works

    def _records(self):
        """:return: the records of these lines of one run, as its starter has them"""
        run = self.run_id._as_starter()
        return run.env[run.res_model].browse(self.mapped("res_id"))

    def _preview(self):
        """Write down what a run would do with the records of these lines of one run."""
        records = self._records().exists()
        plans = records._chain_preview(self.run_id.last_step)
        amounts = records._filtered_access("read")._chain_amounts()
        for line in self:
            steps, reasons = plans.get(line.res_id, ([], [line._gone()]))
            amount, currency = amounts.get(line.res_id, (0, line.currency_id))
            line.write(
                {
                    "state": "blocked" if reasons else "pending",
                    "step_keys": steps,
                    "reasons": line._links(reasons),
                    "amount": amount,
                    "currency_id": currency.id,
                }
            )

    def _process(self):
        """Take the records of these lines of one run through the chain, and write down
        what came of it. Neither commits nor rolls back.

        :raise OperationalError: as :meth:`crm.chain.mixin._chain_go`
        """
        patient = not any(self.mapped("attempts"))
        result = self._records()._chain_go(self.run_id.last_step, patient)
        for line in self:
            line._conclude(result)
        put_off = self.filtered(lambda line: line.res_id in result["busy"])
        put_off._put_off()

    def _conclude(self, result):
        """Write down what came of one line.

        :param result: as of :meth:`crm.chain.mixin._chain_go`
        """
        blocked = result["blocked"].get(self.res_id)
        error = result["failed"].get(self.res_id)
        reasons = [self._told(error)] if error else blocked or []
        self.write(
            {
                "state": (error and "failed") or (blocked and "blocked") or "done",
                "step_keys": result["done"].get(self.res_id, []),
                "reasons": self._links(reasons),
                "traceback": error and "".join(traceback.format_exception(error)),
            }
        )

    def _put_off(self):
        """Have these lines, whose records somebody is working on, wait their turn
        again. After some attempts they stay blocked.
        """
        now = fields.Datetime.now()
        patient = self.filtered(lambda line: line.attempts < len(self._waits))
        for line in patient:
            line.write(
                {
                    "state": "pending",
                    "attempts": line.attempts + 1,
                    "not_before": now + timedelta(seconds=self._waits[line.attempts]),
                }
            )
        for line in self - patient:
            busy = line._records()._chain_busy()
            line.write({"state": "blocked", "reasons": line._links([busy])})

    def _links(self, reasons):
        blocked = self.env[self.res_model].browse(self.res_id)
        return ChainReason.links(reasons, blocked)

    def _gone(self):
        return self.run_id._as_starter().env._("It has been deleted or merged.")

    def _told(self, error):
        """:return: what the starter can understand of an exception"""
        if isinstance(error, UserError):
            return str(error)
        _logger.error(
            "%s, record %s of %s: %s",
            self.run_id.display_name,
            self.res_id,
            self.res_model,
            error,
            exc_info=error,
        )
        env = self.run_id._as_starter().env
        return env._(
            "Something unexpected went wrong, and nothing of this step was done. Ask "
            "an administrator to look at this line."
        )
