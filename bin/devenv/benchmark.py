"""`make bench`: runs bench/run.py in the environment, on a cluster of its own."""

import subprocess

import database
import odoo_command
import paths
import postgres
import settings
import setup
from console import Problem, Progress

SCRIPT = paths.ROOT / "bench" / "run.py"
DATABASE = "bench"


def run(arguments):
    """The script finds ODOO_RC, BENCH_DB and the PG* variables in its environment.

    The cluster writes to disk as in production, and stays for the next run, since
    a large database takes long to make; `make clean` removes it.
    """
    if not SCRIPT.exists():
        raise Problem("There is no bench/run.py in this clone, so nothing to measure.")
    progress = Progress(setup.STEPS + 1)
    setup.environment(progress, dev=True)
    cluster = postgres.Cluster("bench-pg")
    with progress.step("PostgreSQL for the benchmark"):
        cluster.enter()
    try:
        data = paths.CACHE / "bench-data"
        conf = settings.render(cluster, target=paths.CACHE / "bench.conf", data=data)
        options = database.Databases(conf, cluster).options
        environment = odoo_command.environment(conf) | {
            "BENCH_DB": DATABASE,
            "PGHOST": options["db_host"],
            "PGUSER": options["db_user"],
        }
        process = odoo_command.start_python(
            SCRIPT, *arguments, cluster=cluster, cwd=paths.ROOT, env=environment
        )
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(subprocess.signal.SIGTERM)
    finally:
        cluster.leave()
