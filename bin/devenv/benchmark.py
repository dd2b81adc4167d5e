"""`make bench`: runs bench/run.py in the environment, on a cluster of its own."""

import os
import shutil
import subprocess

import database
import odoo_command
import paths
import postgres
import python_env
import settings
import setup
import stamps
from console import Problem, Progress

SCRIPT = paths.ROOT / "bench" / "run.py"
# Addons of others, fetched for the benchmark alone: they never get into the
# environment that runs Odoo.
REQUIREMENTS = paths.ROOT / "requirements-bench.txt"
OTHERS = paths.CACHE / "bench-addons"


def run(arguments):
    """The script finds ODOO_RC and the PG* variables in its environment.

    The cluster writes to disk as in production, and stays for the next run with a
    database that has core's modules; `make clean` removes it.
    """
    if not SCRIPT.exists():
        raise Problem("There is no bench/run.py in this clone, so nothing to measure.")
    progress = Progress(setup.STEPS + 2)
    setup.environment(progress, dev=True)
    with progress.step("Addons of others to compare with"):
        fetch_others()
    cluster = postgres.Cluster("bench-pg")
    with progress.step("PostgreSQL for the benchmark"):
        cluster.enter()
    try:
        conf = settings.render(
            cluster,
            target=paths.CACHE / "bench.conf",
            data=paths.CACHE / "bench-data",
            addons_path=f"{settings.addons_path()},{OTHERS / 'odoo' / 'addons'}",
        )
        options = database.Databases(conf, cluster).options
        environment = odoo_command.environment(conf) | {
            "PGHOST": options["db_host"],
            "PGUSER": options["db_user"],
        }
        process = odoo_command.start_python(
            SCRIPT,
            *_keep_core(),
            *arguments,
            cluster=cluster,
            cwd=paths.ROOT,
            env=environment,
        )
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(subprocess.signal.SIGTERM)
    finally:
        cluster.leave()


def fetch_others():
    """Have the addons of the requirements in a folder of their own."""
    wanted = stamps.fingerprint(str(OTHERS), REQUIREMENTS)
    if stamps.read("bench-addons").get("made_from") == wanted and OTHERS.exists():
        return
    shutil.rmtree(OTHERS, ignore_errors=True)
    # without dependencies: a wheel of OCA's asks for a package called odoo
    python_env.install("--no-deps", "--target", OTHERS, "-r", REQUIREMENTS)
    stamps.write("bench-addons", made_from=wanted)


def _keep_core():
    """Arguments that spare the next run to install core, if Odoo is the same."""
    if os.environ.get("ODOO_HOME"):
        return []  # a checkout may change at any time
    return ["--keep-as", f"bench_core_{stamps.read('odoo')['made_from'][:8]}"]
