"""Odoo's configuration: the project's odoo.conf with this machine's paths filled in.

The result is .cache/odoo.conf. Every process finds it through the variable ODOO_RC,
which all of Odoo's own commands read.
"""

import configparser
import os

import paths
import postgres
import stamps

RENDERED = paths.CACHE / "odoo.conf"
DATA = paths.CACHE / "data"

# odoo.conf is written for production; these fit one person on one machine.
DEVELOPMENT = {
    # One process with threads serves pages and the websocket on a single port.
    "workers": "0",
    "max_cron_threads": "1",
    # No reverse proxy stands in front.
    "proxy_mode": "False",
    # A debugger or an import may take its time and memory.
    "limit_time_real": "3600",
    "limit_time_cpu": "3600",
    "limit_memory_soft": "0",
    "limit_memory_hard": "0",
    "limit_time_real_cron": "0",
    "http_interface": "127.0.0.1",
    "db_maxconn": "32",
}


def project():
    """The options of odoo.conf that are set (not commented out)."""
    parser = configparser.RawConfigParser()
    parser.read(paths.PROJECT_CONF, encoding="utf-8")
    return dict(parser["options"]) if parser.has_section("options") else {}


def names_a_server():
    """Whether odoo.conf or PGHOST names a PostgreSQL, so that none is made here."""
    return bool(os.environ.get("PGHOST") or project().get("db_host"))


def addons_path():
    """Our folders that hold an addon: Odoo warns about one that holds none."""
    folders = [f for f in paths.ADDON_FOLDERS if any(f.glob("*/__manifest__.py"))]
    return ",".join(map(str, folders))


def render(cluster=None, target=RENDERED, data=DATA, **more):
    """Write the configuration for this machine and give back its path.

    `cluster` is a private cluster; without one the server that odoo.conf or PGHOST
    names is used.
    """
    options = project() | DEVELOPMENT
    options["addons_path"] = addons_path()
    if str(data) != str(DATA) or "data_dir" not in project():
        options["data_dir"] = str(data)
    if cluster:
        for name in ("db_host", "db_port", "db_user", "db_password"):
            options.pop(name, None)
        options |= cluster.connection()
    options |= more
    lines = [f"{name} = {value}" for name, value in sorted(options.items())]
    text = "\n".join(["[options]", *lines, ""])
    if not target.exists() or target.read_text("utf-8") != text:
        stamps.write_file(target, text)
        target.chmod(0o600)
    return target


def private_cluster():
    """The cluster of `make run` and `bin/odoo`; None where another server is named."""
    return None if names_a_server() else postgres.Cluster()
