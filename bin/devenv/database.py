"""Databases: making, copying, renaming, dropping them, each with its filestore."""

import configparser
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import odoo_command
import paths
import python_env
import shell
from console import Problem

import addons

LANGUAGES = ("en_US", "fa_IR", "mn_MN")


class Databases:
    """The databases that one rendered configuration reaches."""

    def __init__(self, conf, cluster=None):
        self.conf = conf
        self.cluster = cluster
        parser = configparser.RawConfigParser()
        parser.read(conf, encoding="utf-8")
        self.options = dict(parser["options"])

    # -- SQL -----------------------------------------------------------------------

    def sql(self, statement, *parameters, database="postgres"):
        """Run one statement and give back its rows."""
        names = {"db_host": "host", "db_port": "port", "db_user": "user"}
        names |= {"db_password": "password", "db_sslmode": "sslmode"}
        known = self.options.items()
        dsn = {names[old]: value for old, value in known if old in names}
        dsn |= {"dbname": database}
        request = {"dsn": dsn, "statement": statement, "parameters": parameters}
        result = subprocess.run(
            [paths.VENV_PYTHON, Path(__file__).with_name("inside") / "sql.py"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            env=python_env.environment(),
        )
        if result.returncode:
            raise self._explain(result.stderr)
        return json.loads(result.stdout)

    def _explain(self, output):
        if any(sign in output for sign in shell.DISK_FULL):
            return shell.disk_full()
        said = output.strip().splitlines()[0] if output.strip() else "no reason given"
        if self.cluster:
            return Problem(f"PostgreSQL refused: {said}")
        return Problem(
            f"The PostgreSQL that odoo.conf or PGHOST names refused: {said}. Put its "
            "address and user right, or comment them out to get a private one."
        )

    def exists(self, name):
        return bool(self.sql("SELECT 1 FROM pg_database WHERE datname = %s", name))

    # -- whole databases -----------------------------------------------------------

    def filestore(self, name):
        return Path(self.options["data_dir"], "filestore", name)

    def drop(self, name):
        # Not WITH (FORCE): that fails where PostgreSQL's own autovacuum is at work.
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND usename = current_user",
            name,
        )
        self.sql(f'DROP DATABASE IF EXISTS "{name}"')
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def rename(self, old, new):
        """Give a finished database its name; the last step of making one."""
        shutil.rmtree(self.filestore(new), ignore_errors=True)
        if self.filestore(old).exists():
            self.filestore(old).rename(self.filestore(new))
        self.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def copy(self, source, target):
        """Copy a database that nobody is connected to, in about a second."""
        self.drop(target)
        self.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        if self.filestore(source).exists():
            # Its files never change once written, so links are as good as copies.
            shutil.copytree(
                self.filestore(source), self.filestore(target), copy_function=os.link
            )

    def create(self, name, modules, demo=False, languages=LANGUAGES, log=None):
        """Make a database; its passing name, so that a half-made one never counts."""
        half = f"{name}_half"
        self.drop(half)
        self.odoo(
            *("server", "-d", half, "-i", ",".join(modules)),
            *(["--with-demo"] if demo else []),
            f"--load-language={','.join(languages)}",
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
            doing=f"making the database {name}",
            log=log or paths.LOGS / f"create-{name}.log",
        )
        return half

    def odoo(self, *arguments, doing, log=None, **options):
        return odoo_command.check(
            self.conf, *arguments, doing=doing, cluster=self.cluster, log=log, **options
        )

    # -- what a database was made from -----------------------------------------------

    def remember(self, name, **facts):
        """Kept as the database's comment, so that it goes wherever the data goes."""
        self.sql(f'COMMENT ON DATABASE "{name}" IS %s', json.dumps(facts))

    def recall(self, name):
        rows = self.sql(
            "SELECT shobj_description(oid, 'pg_database') "
            "FROM pg_database WHERE datname = %s",
            name,
        )
        try:
            return json.loads(rows[0][0]) if rows and rows[0][0] else {}
        except ValueError:
            return {}

    def upgrade_changed(self, name):
        """Bring our addons in a database to the state of the sources; data stays.

        Gives back the names of the addons that were installed or upgraded.
        """
        now = addons.checksums()
        known = self.recall(name)
        before = known.get("addons", {})
        changed = sorted(n for n in now if n in before and now[n] != before[n])
        new = sorted(n for n in now if n not in before)
        if not changed and not new:
            return []
        wanted = sorted(set(new).intersection(addons.names()))
        # An addon that was never recorded may still be installed: both are asked for.
        self.odoo(
            *("server", "-d", name, "-u", ",".join(changed + new)),
            *(["-i", ",".join(wanted)] if wanted else []),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
            doing=f"upgrading {', '.join(changed + new)} in the database {name}",
            log=paths.LOGS / f"upgrade-{name}.log",
        )
        self.remember(name, **(known | {"addons": now}))
        return changed + new


def checked_name(name):
    """A database name that needs no quoting anywhere."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}", name):
        raise Problem(
            "Give the database a name of letters, digits, '-' and '_', as in "
            "'make db DB=trial'."
        )
    return name


def prepare(databases, name, progress, demo=False, showcase=None):
    """Have a database with all our addons; make it or upgrade it as needed."""
    if databases.exists(name):
        with progress.step(f"Database {name}"):
            databases.upgrade_changed(name)
        return False
    with progress.step(f"Database {name} (new: a few minutes, once)"):
        half = databases.create(name, addons.names(), demo=demo)
        logins = _add_showcase(databases, half, showcase) if showcase else []
        databases.remember(half, addons=addons.checksums(), logins=logins)
        databases.rename(half, name)
    return True


def _add_showcase(databases, name, showcase):
    """Run the showcase script in the database; gives back the logins it printed."""
    with open(showcase, encoding="utf-8") as script:
        printed = databases.odoo(
            *("shell", "-d", name, "--no-http"),
            doing="adding the showcase companies and users",
            log=paths.LOGS / "showcase.log",
            stdin=script,
        )
    rows = (line.split("\t") for line in printed.splitlines())
    return [row[1:] for row in rows if row[0] == "LOGIN"]
