"""Databases of a run: made for it, dropped after it."""

import os
import shutil
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

from odoo import sql_db
from odoo.modules.registry import Registry
from odoo.tools import SQL, config

CORE_MODULES = (
    "account",
    "crm",
    "partnership",
    "purchase_stock",
    "sale_crm",
    "sale_management",
    "sale_stock",
)

LOG_LINES = 25


class InstallError(Exception):
    """Modules could not be installed; the message holds the end of Odoo's log."""


class Databases:
    """Creates databases under names of its own and drops them all at the end."""

    def __init__(self, prefix="bench"):
        self.prefix = f"{prefix}_{os.getpid()}"
        self.created = []

    def create_core(self, template=None, keep_as=None):
        """Return the name of a new database with core's modules installed.

        :param template: name of a database to copy that has them already
        :param keep_as: what to call that database; made if missing, and kept
        """
        name = self._new_name("core")
        if keep_as:
            modules = zlib.crc32(",".join(CORE_MODULES).encode())
            template = f"{keep_as}_{modules:08x}"
            if not exists(template):
                self._install_core(name)
                _rename(name, template)
        if template:
            return self._copy_to(template, name)
        return self._install_core(name)

    def _install_core(self, name):
        self.created.append(name)
        install(name, CORE_MODULES)
        return name

    def copy(self, source, label):
        """Return the name of a new copy of the database ``source``."""
        return self._copy_to(source, self._new_name(label))

    def drop_all(self):
        """Drop whatever this object created."""
        while self.created:
            drop(self.created.pop())

    def _new_name(self, label):
        return f"{self.prefix}_{label}"

    def _copy_to(self, source, name):
        sql_db.close_db(source)
        _administer("CREATE DATABASE %s TEMPLATE %s", name, source)
        self.created.append(name)
        files = Path(config.filestore(source))
        if files.is_dir():
            shutil.copytree(files, config.filestore(name), dirs_exist_ok=True)
        return name


def install(name, modules):
    """Install modules with Odoo's own command line, in a process of its own."""
    command = [sys.executable, "-m", "odoo", "server", "-d", name]
    command += ["-i", ",".join(modules), "--stop-after-init", "--no-http"]
    command += ["--without-demo=all", "--max-cron-threads=0"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=_environment(), check=False
    )
    if done.returncode:
        log = "\n".join(done.stderr.splitlines()[-LOG_LINES:])
        raise InstallError(f"{log}\nCould not install {', '.join(modules)}.")


def exists(name):
    """Whether there is a database of this name."""
    with closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
        return bool(cr.rowcount)


def _rename(old, new):
    sql_db.close_db(old)
    _administer("ALTER DATABASE %s RENAME TO %s", old, new)
    shutil.rmtree(config.filestore(new), ignore_errors=True)
    files = Path(config.filestore(old))
    if files.is_dir():
        files.rename(config.filestore(new))


def drop(name):
    """Drop a database and its files."""
    Registry.delete(name)
    sql_db.close_db(name)
    _administer("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)
    shutil.rmtree(config.filestore(name), ignore_errors=True)


def analyze(name):
    """Give the planner equal knowledge on every side."""
    _administer("VACUUM ANALYZE", database=name)


def compact(name):
    """Write all tables anew, without the room that updates have left in them."""
    _administer("VACUUM FULL", database=name)
    analyze(name)  # this VACUUM notes which pages all may see, as autovacuum does


def _administer(statement, *names, database="postgres"):
    with closing(sql_db.db_connect(database).cursor()) as cr:
        cr._cnx.autocommit = True
        cr.execute(SQL(statement, *map(SQL.identifier, names)))


def _environment():
    environment = dict(os.environ)
    environment.setdefault("ODOO_RC", config["config"] or "")
    return environment
