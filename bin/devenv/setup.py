"""Puts the environment together, in the order in which the parts need each other."""

import shutil
import sys

import node_tools
import odoo_source
import paths
import python_env
import stamps
from console import Problem, Quiet

NEEDED_BYTES = 4 << 30


def environment(progress, dev=False, verify=False):
    """Python packages, node packages, Odoo; each announced, each redone if broken."""
    check_folder()
    with stamps.lock("setup"):
        with progress.step("Python environment"):
            python_env.ensure(dev=dev)
        with progress.step("Node packages"):
            node_tools.ensure()
        with progress.step(odoo_source.description()):
            odoo_source.ensure(verify=verify)


STEPS = 3


def quickly(dev=False):
    """For `bin/odoo`: nothing but a look at the stamps when all is there."""
    if python_env.ready(dev) and node_tools.ready() and odoo_source.ready():
        return
    print("Setting up once; later calls start at once.", file=sys.stderr)
    environment(Quiet(), dev=dev)


def check_folder():
    """Say at once what would otherwise fail after minutes."""
    if sys.prefix == str(paths.VENV):
        raise Problem("Run this with the machine's own python3, not the one in .cache.")
    try:
        paths.CACHE.mkdir(parents=True, exist_ok=True)
        probe = paths.CACHE / ".writable"
        probe.write_text("")
        probe.unlink()
    except PermissionError as error:
        raise Problem(
            f"{paths.CACHE} belongs to another user: delete it as that user, or work "
            "in a clone of your own."
        ) from error
    if not stamps.read("odoo") and shutil.disk_usage(paths.CACHE).free < NEEDED_BYTES:
        raise Problem(
            f"The disk that holds {paths.CACHE} has less than 4 GB free: free some "
            "space and run the same command again."
        )
