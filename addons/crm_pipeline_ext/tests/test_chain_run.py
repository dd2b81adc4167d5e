from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.crm.models.crm_lead import CrmLead as CoreLead

from .common import ChainCase

LINE_LOG = "odoo.addons.crm_pipeline_ext.models.chain_run_line"


@tagged("post_install", "-at_install")
class TestChainRun(CronMixinCase, ChainCase):
    """Many records at once: seen beforehand, done in chunks, gone on with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.make_leads(
            *(
                {"contact_name": name, "email_from": f"{name}@run.example"}
                for name in ("sara", "ali", "bat", "nomin", "omid")
            )
        )
        cls.manager = new_test_user(
            cls.env, login="chain_manager", groups="sales_team.group_sale_manager"
        )

    def run_of(self, leads=None, **vals):
        vals = {"last_step": "opportunity", **vals}
        return self.make_run(self.leads if leads is None else leads, **vals)

    def chunks_of(self, size):
        return patch.object(type(self.leads), "_chain_chunk", size)

    def states(self, run):
        run.invalidate_recordset()
        return run.line_ids.sorted("res_id").mapped("state")

    # Preview

    def test_action_prepares_a_previewed_run(self):
        action = self.leads.action_chain_run()
        run = self.env["crm.chain.run"].browse(action["res_id"])
        self.assertEqual(run.state, "previewed")
        self.assertEqual(run.user_id, self.salesperson)
        self.assertEqual(run.line_ids.mapped("res_id"), self.leads.ids)

    def test_preview_names_steps_and_blockers_and_changes_nothing(self):
        self.leads[1].action_archive()
        run = self.run_of()
        run.action_preview()
        steps = run.line_ids[0].steps
        self.assertEqual(steps, "Convert to Opportunity")
        self.assertFalse(run.line_ids[0].reasons)
        blocked = run.line_ids.filtered(lambda line: line.state == "blocked")
        self.assertEqual(blocked, run.line_ids[1])
        [reason] = run.line_ids[1].reasons
        self.assertIn("Restore it first", reason["text"])
        self.assertEqual(reason["model"], "crm.lead")
        self.assertEqual(reason["id"], self.leads[1].id)
        self.assertEqual(set(self.leads.mapped("type")), {"lead"})
        self.assertFalse(self.leads.partner_id)

    def test_preview_follows_the_last_step(self):
        run = self.run_of(last_step=False)
        run.action_preview()
        run.line_ids.sudo().step_keys = ["something", "else"]
        run.last_step = "opportunity"
        self.assertEqual(run.line_ids[0].step_keys, ["opportunity"])

    def test_preview_of_a_colleagues_lead_tells_the_right_is_missing(self):
        run = self.run_of()
        self.leads.sudo()[2].user_id = self.colleague
        run.action_preview()
        self.assertIn("You may not change it", run.line_ids[2].message)

    def test_preview_costs_the_same_for_few_and_many(self):
        self.run_of().action_preview()

        def cost(leads):
            run = self.run_of(leads)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run.action_preview()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        more = self.make_leads(
            *({"email_from": f"more{number}@run.example"} for number in range(50))
        )
        self.assertLessEqual(cost(more), cost(self.leads) + 5)

    # Run

    def test_small_run_is_done_when_the_call_returns(self):
        run = self.run_of()
        self.start(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.states(run), ["done"] * 5)
        self.assertEqual(set(self.leads.mapped("chain_step")), {"opportunity"})
        self.assertEqual(run.progress, 100)
        self.assertTrue(run.ended_at >= run.started_at)

    def test_large_run_is_left_to_the_scheduled_action(self):
        with self.chunks_of(2), self.capture_triggers() as captured:
            run = self.run_of()
            self.start(run)
            self.assertEqual(run.state, "running")
            self.assertEqual(self.states(run), ["pending"] * 5)
            self.assertEqual(
                captured.records.cron_id,
                self.env.ref("crm_pipeline_ext.ir_cron_chain_run"),
            )
            self.work_off(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.states(run), ["done"] * 5)

    def test_scheduled_action_that_runs_out_of_time_is_called_again(self):
        with (
            self.chunks_of(2),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
            self.capture_triggers() as captured,
        ):
            run = self.run_of()
            self.start(run)
            for left in (3, 1, 0):
                self.assertEqual(run.state, "running")
                captured.records.unlink()
                self.work_off(run)
                self.assertEqual(self.states(run).count("pending"), left)
                self.assertEqual(bool(captured.records), bool(left))
        self.assertEqual(run.state, "done")

    def test_scheduled_action_runs_as_the_starter(self):
        seen = []

        def note(leads, *args, **kwargs):
            seen.append((leads.env.user, leads.env.su, leads.env.lang))
            return CoreLead._convert_opportunity_data(leads, *args, **kwargs)

        with (
            self.chunks_of(2),
            patch.object(type(self.leads), "_convert_opportunity_data", note),
        ):
            run = self.run_of()
            self.start(run)
            cron = self.env.ref("crm_pipeline_ext.ir_cron_chain_run").sudo()
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(run.state, "done")
        self.assertEqual(set(seen), {(self.salesperson, False, "en_US")})

    def test_starter_gets_one_message_at_the_end_of_a_large_run(self):
        self.leads[1].action_archive()
        with self.chunks_of(2):
            run = self.run_of()
            self.start(run)
            self.work_off(run)
        self.assertEqual(run.state, "errors")
        message = self.env["mail.message"].search(
            [("model", "=", "crm.chain.run"), ("res_id", "=", run.id)]
        )
        self.assertEqual(len(message), 1)
        self.assertIn("4 done, 1 blocked, 0 failed", message.body)
        self.assertEqual(message.notified_partner_ids, self.salesperson.partner_id)

    def test_progress_is_told_to_the_starter(self):
        with self.chunks_of(2), patch.object(
            type(self.env["bus.bus"]), "_sendone"
        ) as send:
            run = self.run_of()
            self.start(run)
            self.work_off(run)
        told = [call.args for call in send.call_args_list]
        channel = self.salesperson.partner_id
        self.assertIn((channel, "crm.chain.run", {"id": run.id}), told)

    def test_second_run_finds_nothing_left_to_do(self):
        self.start(self.run_of())
        customers = self.leads.partner_id
        again = self.run_of()
        self.start(again)
        self.assertEqual(again.state, "done")
        self.assertEqual(again.line_ids.mapped("steps"), [False] * 5)
        self.assertEqual(self.leads.partner_id, customers)

    def test_run_of_duplicates_merges_them(self):
        twins = self.make_leads(
            {"email_from": "twin@run.example"}, {"email_from": "twin@run.example"}
        )
        run = self.run_of(twins)
        self.start(run)
        self.assertEqual(self.states(run), ["done", "done"])
        self.assertEqual(len(twins.exists()), 1)

    # Errors

    def failing_for(self, lead, error):
        """Have the conversion of one lead fail, whatever batch it is in."""
        convert = type(self.leads)._chain_set_customers

        def fail(leads):
            if lead.id in leads.ids:
                raise error
            return convert(leads)

        return patch.object(type(self.leads), "_chain_set_customers", fail)

    def test_failing_record_stands_alone(self):
        run = self.run_of()
        with self.failing_for(self.leads[3], UserError("The fourth one cannot.")):
            self.start(run)
        self.assertEqual(run.state, "errors")
        self.assertEqual(self.states(run), ["done", "done", "done", "failed", "done"])
        self.assertEqual(run.line_ids[3].message, "The fourth one cannot.")
        self.assertEqual(self.leads[3].type, "lead")

    def test_number_taken_by_a_parallel_transaction_is_nobodys_fault(self):
        run = self.run_of()
        with (
            self.failing_for(self.leads[0], UniqueViolation("taken")),
            self.own_transaction(run) as running,
            patch.object(running.env.cr, "rollback"),
        ):
            running.action_start()
        self.assertEqual(self.states(run), ["pending"] * 5)
        self.assertEqual(run.line_ids.mapped("attempts"), [1] * 5)
        run.line_ids.sudo().not_before = False
        self.work_off(run)
        self.assertEqual(self.states(run), ["done"] * 5)

    def test_unexpected_error_is_for_administrators(self):
        run = self.run_of()
        with (
            self.failing_for(self.leads[0], KeyError("nobody can read this")),
            self.assertLogs(LINE_LOG, "ERROR"),
        ):
            self.start(run)
        line = run.line_ids[0]
        self.assertIn("Ask an administrator", line.message)
        self.assertNotIn("nobody can read this", line.message)
        with self.assertRaises(AccessError):
            line.read(["traceback"])
        self.assertIn("KeyError", line.sudo().traceback)

    def test_starter_reads_it_in_his_language(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.salesperson.lang = "fa_IR"
        self.leads[1].action_archive()
        with self.chunks_of(2):
            run = self.run_of()
            self.start(run)
            self.work_off(run)
        env = self.env(context={"lang": "fa_IR"})
        reason = env["crm.lead"].browse(self.leads[1].id)._chain_lost_blockers()
        self.assertEqual(run.line_ids[1].message, reason[self.leads[1].id][0])
        self.assertRegex(run.line_ids[1].message, "[آ-ی]")

    def test_retry_takes_only_what_is_left(self):
        run = self.run_of()
        with self.failing_for(self.leads[3], UserError("Not yet.")):
            self.start(run)
        converted = self.leads[0].date_conversion
        with self.own_transaction(run) as again:
            again.action_retry()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.states(run), ["done"] * 5)
        self.assertFalse(run.line_ids[3].message)
        self.assertEqual(self.leads[0].date_conversion, converted)

    def test_deleted_lead_does_not_stop_the_others(self):
        run = self.run_of()
        self.leads[0].sudo().unlink()
        run.action_preview()
        self.assertIn("deleted", run.line_ids[0].message)
        self.start(run)
        self.assertEqual(self.states(run)[1:], ["done"] * 4)

    # Busy, cancelled, gone

    def busy(self, *leads):
        """Have somebody else hold the locks of these leads."""
        lock = type(self.leads)._chain_lock

        def locked(records):
            return lock(records).filtered(lambda x: x.id not in [y.id for y in leads])

        return patch.object(type(self.leads), "_chain_lock", locked)

    def test_busy_record_is_taken_later(self):
        run = self.run_of()
        with self.busy(self.leads[2]), self.capture_triggers() as captured:
            self.start(run)
        self.assertEqual(run.state, "running")
        self.assertEqual(self.states(run), ["done", "done", "pending", "done", "done"])
        waiting = run.line_ids.filtered(lambda line: line.state == "pending")
        self.assertIn(waiting.not_before, captured.records.mapped("call_at"))
        waiting.sudo().not_before = fields.Datetime.now()
        self.work_off(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.leads[2].type, "opportunity")

    def test_patience_with_a_busy_record_ends(self):
        run = self.run_of()
        with self.busy(self.leads[2]):
            self.start(run)
            for _attempt in run.line_ids._waits:
                run.line_ids.sudo().not_before = False
                self.work_off(run)
        self.assertEqual(run.state, "errors")
        line = run.line_ids.filtered(lambda x: x.state == "blocked")
        self.assertIn("Somebody else is working on it", line.message)

    def test_cancel_stops_after_the_chunk_under_way(self):
        process = type(self.env["crm.chain.run.line"])._process

        def cancel_meanwhile(lines):
            process(lines)
            lines.run_id.action_cancel()

        with (
            self.chunks_of(2),
            patch.object(
                type(self.env["crm.chain.run.line"]), "_process", cancel_meanwhile
            ),
        ):
            run = self.run_of()
            self.start(run)
            self.work_off(run)
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(self.states(run).count("done"), 2)
        self.assertEqual(self.states(run).count("pending"), 3)
        with self.own_transaction(run) as again:
            again.action_retry()
        self.assertEqual(run.state, "done")

    def test_run_of_a_user_who_left_is_cancelled(self):
        with self.chunks_of(2):
            run = self.run_of()
            self.start(run)
        self.salesperson.active = False
        with self.own_transaction(run.sudo()) as running:
            running._cron_process()
        self.assertEqual(run.sudo().state, "cancelled")
        self.assertEqual(self.leads.sudo()[0].type, "lead")

    # Rights and bad input

    def test_run_cannot_be_made_in_somebody_elses_name(self):
        with self.assertRaisesRegex(UserError, "user_id"):
            self.run_of(user_id=self.manager.id)
        runs = self.env["crm.chain.run"].with_user(self.salesperson)
        run = runs.with_context(
            default_user_id=self.manager.id, default_state="running"
        ).create({"res_model": "crm.lead"})
        self.assertEqual((run.user_id, run.state), (self.salesperson, "draft"))

    def test_results_cannot_be_written_by_users(self):
        run = self.run_of()
        with self.assertRaisesRegex(UserError, "state"):
            run.state = "done"
        with self.assertRaises(AccessError):
            run.line_ids.state = "done"
        with self.assertRaisesRegex(UserError, "traceback"):
            self.run_of(line_ids=[(0, 0, {"res_id": 1, "traceback": "x"})])

    def test_others_see_and_start_nothing(self):
        run = self.run_of()
        for action in ("action_preview", "action_start", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(run.with_user(self.colleague), action)()
        self.assertFalse(run.search_count([]) - 1)
        self.assertFalse(run.with_user(self.colleague).search([]))

    def test_manager_may_cancel_but_not_borrow_the_rights_of_others(self):
        run = self.run_of().with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "Only he may start it"):
            run.action_start()
        with self.assertRaises(AccessError):
            run.line_ids.create({"run_id": run.id, "res_id": self.leads[0].id})
        run.action_cancel()
        self.assertEqual(run.state, "cancelled")

    def test_record_that_is_not_there_is_named(self):
        gone = self.make_leads({})
        gone.sudo().unlink()
        with self.assertRaisesRegex(UserError, str(gone.id)):
            self.run_of(gone)

    def test_record_is_in_a_run_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
            self.run_of(
                line_ids=[(0, 0, {"res_id": self.leads[0].id}) for _twice in range(2)]
            )
        self.assertIn("once_in_a_run", str(caught.exception))

    def test_action_in_the_wrong_state_tells_what_is_right(self):
        run = self.run_of()
        with self.assertRaisesRegex(UserError, "Draft.*Done with Errors"):
            run.action_retry()
        self.start(run)
        with self.assertRaisesRegex(UserError, "Done.*Previewed"):
            run.action_start()
        with self.assertRaises(UserError):
            run.last_step = False

    def test_running_run_is_not_deleted(self):
        with self.chunks_of(2):
            run = self.run_of()
            self.start(run)
        with self.assertRaisesRegex(UserError, "Cancel it first"):
            run.unlink()
        run.action_cancel()
        run.unlink()
        self.assertFalse(run.exists())
