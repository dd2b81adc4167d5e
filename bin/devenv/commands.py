"""The commands and what each needs: run, test, lint, bench, i18n, db, setup, clean."""

import errno
import os
import shutil
import sys

import console
import odoo_command
import paths
import settings
import setup
import shell
from console import Problem, Progress


def run(arguments):
    """Run one command and give back its exit status; never a traceback for users."""
    name = arguments[0] if arguments else ""
    command = COMMANDS.get(name)
    if not command:
        console.fail(f"Give one of these commands: {', '.join(COMMANDS)}.")
        return 1
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
    """Only the environment: no database, no server."""
    setup.environment(Progress(setup.STEPS), dev=bool(dev))


COMMANDS = {"odoo": odoo, "setup": set_up}
