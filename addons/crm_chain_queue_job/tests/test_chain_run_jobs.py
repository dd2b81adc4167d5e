from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.crm_chain_queue_job import uninstall_hook
from odoo.addons.crm_pipeline_ext.tests.common import ChainCase
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.tests.common import JobMixin, trap_jobs


@tagged("post_install", "-at_install")
class TestChainRunJobs(JobMixin, CronMixinCase, ChainCase):
    """A run larger than a chunk is worked on by the job queue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.make_leads(
            *(
                {"contact_name": name, "email_from": f"{name}@queue.example"}
                for name in ("sara", "ali", "bat", "nomin", "omid")
            )
        )
        cls.cron = cls.env.ref("crm_pipeline_ext.ir_cron_chain_run").sudo()

    def setUp(self):
        super().setUp()
        chunks = patch.object(type(self.leads), "_chain_chunk", 2)
        self.startPatcher(chunks)
        self.jobs = self.job_counter()

    def started_run(self, leads=None):
        """:return: a run of three jobs, or of the leads given, that was just started"""
        leads = self.leads if leads is None else leads
        run = self.make_run(leads, last_step="opportunity")
        self.start(run)
        return run

    def made_jobs(self):
        return self.jobs.search_created().sorted("id")

    def perform(self, jobs):
        """What a worker does for each of these jobs."""
        with self.enter_registry_test_mode():
            for record in jobs:
                job = self.begin(record)
                job.perform()
                job.set_done()
                job.store()
        self.env.invalidate_all()

    def begin(self, record):
        """What a worker does before it performs a job."""
        job = Job.load(self.env, record.uuid)
        job.set_started()
        job.store()
        self.env.flush_all()
        return job

    def states(self, run):
        return run.line_ids.sorted("res_id").mapped("state")

    def busy(self, lead):
        """Have somebody else hold the lock of this lead."""
        lock = type(self.leads)._chain_lock
        return patch.object(
            type(self.leads),
            "_chain_lock",
            lambda records: lock(records).filtered(lambda x: x.id != lead.id),
        )

    # Enqueuing

    def test_large_run_becomes_a_job_for_each_chunk(self):
        with self.capture_triggers() as captured:
            run = self.started_run()
        self.assertEqual((run.state, set(self.states(run))), ("running", {"pending"}))
        lines = run.line_ids.sorted("id").ids
        chunks = [(lines[0], lines[1]), (lines[2], lines[3]), (lines[4], lines[4])]
        jobs = self.made_jobs()
        self.assertEqual([job.args for job in jobs], [list(chunk) for chunk in chunks])
        self.assertEqual(
            jobs.mapped("identity_key"),
            [f"crm.chain.run:{run.id}:{first}-{last}" for first, last in chunks],
        )
        self.assertEqual(set(jobs.mapped("channel")), {"root.crm_chain"})
        self.assertEqual(
            jobs[0].name,
            f"Chain run {run.id}: 2 records, lines {lines[0]} to {lines[1]}",
        )
        self.assertFalse(captured.records, "the scheduled action need not be woken up")

    def test_small_run_is_done_at_once_without_a_job(self):
        run = self.started_run(self.leads[:2])
        self.assertEqual(run.state, "done")
        self.assertFalse(self.made_jobs())

    def test_enqueuing_twice_makes_no_more_jobs(self):
        run = self.started_run()
        jobs = self.made_jobs()
        run.sudo()._launch_large()
        self.assertEqual(self.made_jobs(), jobs)

    def test_enqueued_job_is_of_the_run_as_its_starter_has_it(self):
        with trap_jobs() as trap:
            run = self.started_run(self.leads[:3])
            trap.assert_jobs_count(2)
            [call, _other] = trap.calls
        record = call.method.__self__
        self.assertEqual(record, run)
        self.assertEqual((record.env.user, record.env.su), (self.salesperson, False))

    def test_salesperson_starts_jobs_but_has_no_say_in_the_queue(self):
        self.started_run()
        jobs = self.made_jobs()
        self.assertEqual(jobs.user_id, self.salesperson)
        with self.assertRaises(AccessError):
            jobs.with_user(self.salesperson).read(["state"])

    # Working

    def test_jobs_do_the_run_and_the_last_one_ends_it(self):
        run = self.started_run()
        first, second, third = self.made_jobs()
        self.perform(third + first)
        self.assertEqual(run.state, "running")
        self.assertEqual(self.states(run), ["done", "done", *["pending"] * 2, "done"])
        self.perform(second)
        self.assertEqual((run.state, set(self.states(run))), ("done", {"done"}))
        self.assertEqual(set(self.leads.mapped("type")), {"opportunity"})
        self.assertEqual(len(self.leads.partner_id), 5)
        message = self.env["mail.message"].search(
            [("model", "=", "crm.chain.run"), ("res_id", "=", run.id)]
        )
        self.assertIn("5 done, 0 blocked, 0 failed", message.body)

    def test_jobs_work_as_the_starter(self):
        seen = set()
        convert = type(self.leads)._chain_set_customers

        def note(leads):
            seen.add((leads.env.user, leads.env.su))
            return convert(leads)

        run = self.started_run()
        with patch.object(type(self.leads), "_chain_set_customers", note):
            self.perform(self.made_jobs())
        self.assertEqual(run.state, "done")
        self.assertEqual(seen, {(self.salesperson, False)})

    def test_job_done_again_after_its_worker_was_killed_changes_nothing(self):
        run = self.started_run()
        self.perform(self.made_jobs())
        customers, ended = self.leads.partner_id, run.ended_at
        self.perform(self.made_jobs())
        self.assertEqual((self.leads.partner_id, run.ended_at), (customers, ended))

    def test_job_of_a_cancelled_run_does_nothing(self):
        run = self.started_run()
        first, *others = self.made_jobs()
        self.perform(first)
        run.action_cancel()
        self.perform(others)
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(self.states(run), ["done", "done", *["pending"] * 3])

    def test_retry_makes_jobs_of_what_is_left(self):
        run = self.started_run()
        self.perform(self.made_jobs()[0])
        run.action_cancel()
        before = self.made_jobs()
        with self.chunks_of_one(), self.own_transaction(run) as again:
            again.action_retry()
        more = self.made_jobs() - before
        left = run.line_ids.filtered(lambda line: line.state == "pending").sorted("id")
        # the job of the last line has not begun yet: it does for the retry
        self.assertEqual([job.args[0] for job in more], left[:2].ids)
        self.perform(more + before)
        self.assertEqual((run.state, set(self.states(run))), ("done", {"done"}))

    def chunks_of_one(self):
        return patch.object(type(self.leads), "_chain_chunk", 1)

    def test_job_of_a_deleted_run_does_nothing(self):
        run = self.started_run()
        run.action_cancel()
        run.unlink()
        self.perform(self.made_jobs())
        self.assertEqual(set(self.leads.mapped("type")), {"lead"})

    def test_job_of_a_user_who_left_does_nothing(self):
        run = self.started_run()
        self.salesperson.active = False
        self.perform(self.made_jobs())
        self.assertEqual(set(run.sudo().line_ids.mapped("state")), {"pending"})
        with self.own_transaction(run.sudo()) as running:
            running._cron_process()
        self.assertEqual(run.sudo().state, "cancelled")

    # Busy records

    def test_busy_record_gets_a_job_of_its_own_later(self):
        run = self.started_run()
        jobs = self.made_jobs()
        with self.busy(self.leads[2]):
            self.perform(jobs)
        self.assertEqual(run.state, "running")
        waiting = run.line_ids.filtered(lambda line: line.state == "pending")
        self.assertEqual(waiting.res_id, self.leads[2].id)
        later = self.made_jobs() - jobs
        self.assertEqual(later.args, [waiting.id, waiting.id])
        self.assertEqual(later.eta, waiting.not_before)
        waiting.sudo().not_before = fields.Datetime.now()
        self.perform(later)
        self.assertEqual((run.state, set(self.states(run))), ("done", {"done"}))

    def test_line_in_the_hands_of_another_process_is_looked_at_again(self):
        run = self.started_run()
        job = self.made_jobs()[0]
        with patch.object(
            type(run.line_ids), "try_lock_for_update", lambda lines, **_how: lines[:0]
        ):
            self.perform(job)
        [again] = self.made_jobs().filtered("eta")
        self.assertEqual(again.args, job.args)
        self.assertGreater(again.eta, fields.Datetime.now() + timedelta(seconds=30))

    # The scheduled action

    def test_scheduled_action_does_what_no_job_does(self):
        run = self.started_run()
        self.perform(self.made_jobs()[0])
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((run.state, set(self.states(run))), ("done", {"done"}))
        customers = self.leads.partner_id
        self.perform(self.made_jobs())
        self.assertEqual(self.leads.partner_id, customers)

    def test_scheduled_action_takes_over_when_the_addon_is_uninstalled(self):
        self.started_run()
        with self.capture_triggers() as captured:
            uninstall_hook(self.env)
        self.assertEqual(captured.records.cron_id, self.cron)
        self.assertEqual(set(self.made_jobs().mapped("state")), {"cancelled"})

    def test_scheduled_action_keeps_off_while_a_job_is_at_work(self):
        run = self.started_run()
        self.begin(self.made_jobs()[0])
        # the lock of the job is another process's
        with patch.object(
            type(self.env["queue.job.lock"]),
            "try_lock_for_update",
            lambda locks, **_how: locks[:0],
        ), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(self.states(run)), {"pending"})

    def test_scheduled_action_goes_on_where_the_process_of_a_job_has_ended(self):
        run = self.started_run()
        self.begin(self.made_jobs()[0])
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((run.state, set(self.states(run))), ("done", {"done"}))
