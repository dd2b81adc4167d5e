"""The commands that the Makefile and bin/odoo run, and how their failures are told."""

import errno
import shutil
import signal

import benchmark
import console
import database
import linting
import odoo_command
import paths
import postgres
import server
import settings
import setup
import shell
import testing
import translation
from console import Problem, Progress


def run(arguments):
    """Run one command and give back its exit status; never a traceback for users."""
    name = arguments[0] if arguments else ""
    command = COMMANDS.get(name)
    if not command:
        console.fail(f"Give one of these commands: {', '.join(COMMANDS)}.")
        return 1
    # A polite kill ends a command as Ctrl-C does: with all that it started.
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        return command(*arguments[1:]) or 0
    except Problem as problem:
        console.fail(str(problem))
    except KeyboardInterrupt:
        console.fail("Stopped. Run the same command again to go on from here.")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        console.fail(str(shell.disk_full()))
    return 1


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def odoo(*arguments):
    """Odoo's own command line: what bin/odoo runs."""
    testing = any(argument.startswith("--test-") for argument in arguments)
    setup.quickly(dev=testing)
    cluster = settings.private_cluster()
    if not cluster:
        return odoo_command.foreground(settings.render(), *arguments)
    with cluster.running():
        conf = settings.render(cluster)
        return odoo_command.foreground(conf, *arguments, cluster=cluster)


def set_up(dev=""):
    """make setup: only the environment, with a look at every file of it."""
    setup.environment(Progress(setup.STEPS), dev=bool(dev), verify=True)


def serve():
    """make run"""
    return server.run()


def make_database(name="", demo=""):
    """make db DB=name [DEMO=1]"""
    name = database.checked_name(name)
    progress = Progress(setup.STEPS + 2)
    setup.environment(progress)
    with server.postgres_step(progress) as (conf, cluster):
        databases = database.Databases(conf, cluster)
        new = database.prepare(databases, name, progress, demo not in ("", "0"))
    done = "is ready" if new else "was there and is up to date"
    console.say(f"\n{name} {done}: bin/odoo server -d {name}")


def test(only=""):
    """make test [ONLY=…] [KEEP=1]"""
    return testing.run(only)


def lint():
    """make lint"""
    return linting.run()


def reformat():
    """make format"""
    return linting.reformat()


def translate():
    """make i18n"""
    return translation.run()


def bench(*arguments):
    """make bench: bench/run.py on PostgreSQL and a database of its own"""
    return benchmark.run(arguments)


def clean():
    """Remove all that was generated; databases on a server that you named stay."""
    if not paths.CACHE.exists():
        return
    clusters = [postgres.Cluster(stamp.stem) for stamp in paths.STAMPS.glob("*pg.json")]
    for cluster in clusters:
        if cluster.is_running() and cluster.in_use():
            raise Problem("A server or a test still runs: stop it, then clean.")
    for cluster in clusters:
        cluster.remove()
    shutil.rmtree(paths.CACHE)


COMMANDS = {
    "odoo": odoo,
    "run": serve,
    "setup": set_up,
    "db": make_database,
    "test": test,
    "lint": lint,
    "format": reformat,
    "i18n": translate,
    "bench": bench,
    "clean": clean,
}
