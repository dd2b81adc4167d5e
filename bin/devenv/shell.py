"""Runs the tools of others and turns their failures into plain sentences."""

import os
import shutil
import subprocess

import paths
from console import Problem

# What the common failures look like in the output of pip, apt, npm and PostgreSQL.
DISK_FULL = ("No space left on device", "ENOSPC", "Disk quota exceeded", "[Errno 28]")
NO_NETWORK = (
    "Temporary failure resolving",
    "Temporary failure in name resolution",
    "Could not resolve",
    "Name or service not known",
    "Failed to establish a new connection",
    "Could not connect to",
    "Cannot initiate the connection",
    "Network is unreachable",
    "Connection refused",
    "Connection timed out",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
)


def disk_full():
    return Problem(
        f"The disk that holds {paths.CACHE} is full: free some space (about 4 GB are "
        "needed) and run the same command again."
    )


def explain(doing, output):
    """A Problem for a failed tool, recognising what strangers meet most often."""
    if any(sign in output for sign in DISK_FULL):
        return disk_full()
    if any(sign in output for sign in NO_NETWORK):
        return Problem(
            f"There is no network while {doing}: connect this machine (or set your "
            "proxy) and run the same command again."
        )
    log = keep_log(doing, output)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = next((x for x in reversed(lines) if "rror" in x), lines[-1] if lines else "")
    return Problem(f"{doing[0].upper()}{doing[1:]} failed ({last[:200]}): see {log}.")


def keep_log(doing, output):
    """Keep a failed tool's whole output where the problem can point at it."""
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    path = paths.LOGS / ("-".join(doing.split()[:4]).replace("/", "_") + ".log")
    path.write_text(output, encoding="utf-8")
    return path


def run(command, doing, **options):
    """Run a tool to its end and give back what it printed; raise Problem otherwise."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
    except FileNotFoundError as error:
        raise Problem(
            f"The program {command[0]} is not on this machine, and {doing} needs it: "
            "install it and run the same command again."
        ) from error
    if result.returncode:
        raise explain(doing, result.stdout)
    return result.stdout


def which(program):
    return shutil.which(program)


def clean_environment():
    """The caller's environment without what would change how tools speak to us."""
    environment = dict(os.environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    environment["LC_ALL"] = "C.UTF-8"
    return environment
