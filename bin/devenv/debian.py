"""Fetches packages of another Debian suite without root and without installing them.

apt-get runs with lists, cache and sources of our own: it checks the archive's
signature as always, and the machine's own apt is not touched.
"""

import os
import platform
import re
from pathlib import Path

import paths
import shell
from console import Problem

SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = re.compile(r"(?:URIs:|deb\s)(?:.*\s)?(\w+://\S+/debian)/?(\s|$)")
APT = paths.CACHE / "apt"


def download(packages, folder):
    """Put the newest .deb of each package into the folder and give back their paths."""
    _check_tools()
    _write_sources()
    _apt_get(["update"], "fetching Debian's package lists", folder)
    for package in packages:
        _apt_get(["download", package], f"downloading {package}", folder)
    return [_newest(folder, package) for package in packages]


def unpack(archive, folder):
    shell.run(["dpkg-deb", "-x", archive, folder], f"unpacking {archive.name}")


def _check_tools():
    missing = [name for name in ("apt-get", "dpkg-deb") if not shell.which(name)]
    if missing or not KEYRING.exists():
        what = missing[0] if missing else "the package debian-archive-keyring"
        raise Problem(
            f"Odoo is fetched from Debian, and this machine has no {what}: install "
            "it, or point ODOO_HOME at an Odoo 19 (a checkout or an unpacked package)."
        )


def _mirror():
    """The machine's own Debian mirror, from either format of its sources."""
    etc = Path("/etc/apt")
    files = [*etc.glob("sources.list.d/*.sources"), *etc.glob("sources.list.d/*.list")]
    for path in [*sorted(files, reverse=True), etc / "sources.list"]:
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        for line in text.splitlines():
            found = MIRROR.match(line)
            if found:
                return found[1]
    raise Problem(
        "Odoo is fetched from Debian, and this machine's apt names no Debian mirror: "
        "point ODOO_HOME at an Odoo 19 (a checkout or an unpacked package)."
    )


def _write_sources():
    for folder in ("lists/partial", "archives/partial", "parts"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    (APT / "odoo.sources").write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {SUITE}\nComponents: main\n"
        f"Signed-By: {KEYRING}\n",
        encoding="utf-8",
    )


def _apt_get(arguments, doing, folder):
    options = {
        "Dir::Etc::sourcelist": APT / "odoo.sources",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State::Lists": APT / "lists",
        "Dir::Cache": APT,
        # As root apt would drop to the user _apt, who may not enter our folder.
        "APT::Sandbox::User": _user_name(),
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        # Without this an unreachable mirror is only a warning of `update`.
        "APT::Update::Error-Mode": "any",
    }
    flags = [f"-o{key}={value}" for key, value in options.items()]
    env = shell.clean_environment()
    shell.run(["apt-get", "-q", *flags, *arguments], doing, cwd=folder, env=env)


def _user_name():
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "root"


def _newest(folder, package):
    found = sorted(
        folder.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime
    )
    if not found:
        raise Problem(
            f"Debian's {SUITE} gave no package {package} for {platform.machine()}: "
            "point ODOO_HOME at an Odoo 19 (a checkout or an unpacked package)."
        )
    return found[-1]
