"""Starts a command with a fitting Python, and prints problems as plain sentences.

This file is read by whatever Python the machine calls python3, so it is written
to be understood by old ones too.
"""

import os
import sys

OLDEST, NEWEST = (3, 10), (3, 13)


def main(arguments):
    _choose_python()
    import commands

    sys.exit(commands.run(arguments))


def _choose_python():
    """Go on in a Python that Odoo 19 works with, if this one is not."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        # A name on PATH may be a version manager's stand-in for nothing.
        if os.environ.get("DEVENV_PYTHON") != name and _starts(name):
            os.environ["DEVENV_PYTHON"] = name
            os.execvp(name, [name] + sys.argv)
    sys.stderr.write(
        "Odoo 19 needs Python 3.10 to 3.13 and this is %d.%d: install one of those "
        "(on Debian: apt-get install python3 python3-venv) and run the same command "
        "with PYTHON=python3.NN.\n" % sys.version_info[:2]
    )
    sys.exit(1)


def _starts(name):
    import subprocess

    try:
        with open(os.devnull, "w") as null:
            return not subprocess.call([name, "-c", ""], stdout=null, stderr=null)
    except OSError:
        return False
