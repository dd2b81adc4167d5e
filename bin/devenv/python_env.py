"""The virtual environment in .cache/venv, made from the pinned requirements."""

import os
import shutil
import subprocess
import sys

import paths
import shell
import stamps
from console import Problem

REQUIREMENTS = paths.ROOT / "requirements.txt"
DEV_REQUIREMENTS = paths.ROOT / "requirements-dev.txt"
ADDON_REQUIREMENTS = paths.ROOT / "requirements-addons.txt"


def ensure(dev=False):
    """Make the environment, or nothing when it is there already."""
    wanted = _wanted(REQUIREMENTS)
    if stamps.read("venv").get("made_from") != wanted or not works():
        stamps.remove("venv")
        stamps.remove("venv-dev")
        create(paths.VENV)
        install("-r", REQUIREMENTS)
        stamps.write("venv", made_from=wanted)
    if dev:
        ensure_dev()


def ensure_dev():
    """Add the tools and the addons of others that only tests need."""
    wanted = _wanted_dev()
    if stamps.read("venv-dev").get("made_from") != wanted:
        install("-r", REQUIREMENTS, "-r", DEV_REQUIREMENTS)
        install("--no-deps", "-r", ADDON_REQUIREMENTS)
        stamps.write("venv-dev", made_from=wanted)


def ready(dev=False):
    """Whether `ensure` would do nothing; costs no process."""
    if not paths.VENV_PYTHON.exists():
        return False
    if stamps.read("venv").get("made_from") != _wanted(REQUIREMENTS):
        return False
    return not dev or stamps.read("venv-dev").get("made_from") == _wanted_dev()


def works():
    """An environment whose Python was upgraded or removed does not start."""
    if not paths.VENV_PYTHON.exists():
        return False
    return not subprocess.run([paths.VENV_PYTHON, "-c", ""], check=False).returncode


def _wanted_dev():
    return _wanted(REQUIREMENTS, DEV_REQUIREMENTS, ADDON_REQUIREMENTS)


def _wanted(*files):
    # The folder is part of it: an environment that was moved does not work.
    return stamps.fingerprint(sys.version, sys.prefix, str(paths.VENV), *files)


def create(folder):
    """Make an empty virtual environment, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Problem(
            "This Python has no venv module: run "
            f"'apt-get install python{version}-venv' (as root) and try again."
        ) from error
    shell.run(
        [sys.executable, "-m", "venv", folder],
        "making the Python environment",
        env=shell.clean_environment(),
    )


def install(*what, python=paths.VENV_PYTHON):
    """pip install into the environment, with wheels preferred: no compiler needed."""
    shell.run(
        [
            python,
            *("-m", "pip", "install", "--quiet", "--prefer-binary"),
            *("--disable-pip-version-check", "--retries", "2"),
            *what,
        ],
        "installing the Python packages",
        env=shell.clean_environment() | {"PIP_ROOT_USER_ACTION": "ignore"},
    )


def site_packages():
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return paths.VENV / "lib" / version / "site-packages"


def environment():
    """The variables Odoo and the tools run with: our programs first on PATH."""
    environment = dict(os.environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    # Compiled files beside the sources would change the tree whose checksum is kept.
    environment["PYTHONPYCACHEPREFIX"] = str(paths.CACHE / "pycache")
    environment["VIRTUAL_ENV"] = str(paths.VENV)
    folders = [paths.VENV / "bin", paths.NODE / "node_modules" / ".bin"]
    environment["PATH"] = os.pathsep.join(
        [*map(str, folders), environment.get("PATH", os.defpath)]
    )
    return environment
