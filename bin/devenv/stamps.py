"""Remembers which set-up steps are finished, and from what they were made.

A step writes its stamp last: a step without one, or with a stamp made from other
inputs, is done again from the start.
"""

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager

import paths


def fingerprint(*parts):
    """One short text that changes when any of the given texts or files changes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if hasattr(part, "read_bytes") else str(part).encode()
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


def read(name):
    """What the step wrote when it finished, or an empty dict."""
    try:
        return json.loads((paths.STAMPS / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def write(name, **facts):
    write_file(paths.STAMPS / f"{name}.json", json.dumps(facts, indent=1) + "\n")


def remove(name):
    (paths.STAMPS / f"{name}.json").unlink(missing_ok=True)


def write_file(path, text):
    """Write a whole file or nothing: a full disk never leaves half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


@contextmanager
def lock(name):
    """One process at a time: others that ask for the same lock wait here."""
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with open(paths.CACHE / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
