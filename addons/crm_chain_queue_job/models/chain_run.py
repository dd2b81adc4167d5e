from contextlib import closing
from datetime import timedelta

from odoo import fields, models


class ChainRun(models.Model):
    """A large run is cut into jobs, which any number of Odoo processes work on.

    A job is responsible for its lines until each of them is concluded. What jobs
    leave because their process, their host or the job runner is gone is picked up by
    the scheduled action, as without jobs.
    """

    _inherit = "crm.chain.run"

    def _launch_large(self):
        """Leave these runs to the job queue."""
        for run in self:
            run._enqueue(run._pending())

    def _unattended(self):
        return super()._unattended().filtered(lambda run: not run._has_job_at_work())

    def _pending(self, among=()):
        """:return: the lines of one run that are not concluded yet
        :param among: a domain of lines, if not all of the run's
        """
        domain = [("run_id", "=", self.id), ("state", "=", "pending"), *among]
        return self.line_ids.search(domain, order="id")

    def _enqueue(self, lines, eta=None):
        """Make a job of each chunk of these lines of one run; none for a chunk whose
        job has not begun yet.

        :param eta: when the jobs may begin, if not at once
        """
        run = self._as_starter()
        size = self._chunk_size()
        for start in range(0, len(lines), size):
            chunk = lines[start : start + size]
            first, last = chunk[0].id, chunk[-1].id
            run.with_delay(
                identity_key=f"{self._job_key()}{first}-{last}",
                description=run.env._(
                    "%(run)s: %(count)s records, lines %(first)s to %(last)s",
                    run=run.display_name,
                    count=len(chunk),
                    first=first,
                    last=last,
                ),
                eta=eta,
            )._process_between(first, last)

    def _job_key(self):
        """:return: what the identity keys of all jobs of one run begin with"""
        return f"{self._name}:{self.id}:"

    def _process_between(self, first, last):
        """Work off the lines with ids from ``first`` to ``last``: what a job does. The
        job that sees the last line of the run concluded ends the run.
        """
        run = self.sudo().exists()
        if not run or run._orphans():
            return  # the scheduled action cancels it
        among = [("id", ">=", first), ("id", "<=", last)]
        while lines := run._claim(among):
            run._work(lines)
        if run.state != "running":
            return
        if left := run._pending(among):
            # put off, or in the hands of the scheduled action
            soon = fields.Datetime.now() + timedelta(minutes=1)
            run._enqueue(left, max(line.not_before or soon for line in left))
        elif not run._pending():
            run._finish()

    def _has_job_at_work(self):
        """:return: whether a process works on a job of this run: it holds the job's
        lock as long as it lives
        """
        locks = self.env["queue.job.lock"].search(
            [
                ("queue_job_id.state", "=", "started"),
                ("queue_job_id.identity_key", "=like", f"{self._job_key()}%"),
            ]
        )
        with closing(self.env.cr.savepoint()):  # keeps none of the locks
            free = locks.try_lock_for_update(allow_referencing=True)
        return free != locks
