"""A real Odoo server on a free loopback port, with its log in a file."""

import re
import subprocess
import sys
from pathlib import Path

from support.clients import Json2, XmlRpc

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "devenv"))

import odoo_command  # noqa: E402
import odoo_log  # noqa: E402
import server as run_server  # noqa: E402
import testing  # noqa: E402

KEYS = """
from datetime import timedelta
from odoo import fields
expires = fields.Datetime.now() + timedelta(days=1)
for login in {logins!r}:
    user = env["res.users"].search([("login", "=", login)])
    key = env["res.users.apikeys"].with_user(user)._generate("rpc", "tests", expires)
    print("KEY", login, key, sep="\\t")
env.cr.commit()
"""


class Server:
    """Serves one database; `expect` names warnings that a test causes on purpose.

    `arguments` and `environment` are what it gets beyond the usual.
    """

    def __init__(self, databases, database, log, arguments=(), environment=None):
        self.databases = databases
        self.database = database
        self.log = Path(log)
        self.arguments = arguments
        self.environment = environment or {}
        self.port = testing.free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.expected = []
        self._keys = {}
        self._process = None

    def start(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a", encoding="utf-8") as log:
            self._process = odoo_command.start(
                self.databases.conf,
                *("server", "-d", self.database, "--http-port", self.port),
                # Scheduled actions would change data while a test looks at it.
                "--max-cron-threads=0",
                *self.arguments,
                env=odoo_command.environment(self.databases.conf) | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        run_server.wait_until_it_answers(self._process, self.port)
        return self

    def stop(self):
        run_server.stop(self._process)

    def kill(self):
        """End it as the kernel would: nothing is put in order."""
        self._process.kill()
        self._process.wait()

    @property
    def pid(self):
        return self._process.pid

    # -- clients -----------------------------------------------------------------

    def json2(self, login="admin"):
        """A JSON-2 client with an API key of this user."""
        return Json2(self.url, self.database, self.api_key(login))

    def xmlrpc(self, login="admin", password="admin"):
        return XmlRpc(self.url, self.database, login, password)

    def api_key(self, login):
        if login not in self._keys:
            self.make_api_keys(login)
        return self._keys[login]

    def make_api_keys(self, *logins):
        """Make the keys of many users at once: the shell takes seconds to start."""
        printed = self.shell(KEYS.format(logins=list(logins)))
        rows = (line.split("\t") for line in printed.splitlines())
        self._keys |= {row[1]: row[2] for row in rows if row[0] == "KEY"}

    def shell(self, script):
        """Run Python in `odoo shell` on the database; gives back what it printed."""
        process = odoo_command.start(
            self.databases.conf,
            *("shell", "-d", self.database, "--no-http", "--log-level=warn"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed, _nothing = process.communicate(script)
        if process.returncode:
            raise AssertionError(printed[-4000:])
        return printed

    # -- log ---------------------------------------------------------------------

    def expect(self, pattern):
        """A test that provokes a refusal says which line the server will log."""
        self.expected.append(re.compile(pattern, re.S))

    def unexpected_lines(self):
        entries = odoo_log.unexpected(self.log.read_text("utf-8", "replace"))
        return [
            str(entry)
            for entry in entries
            if not any(pattern.search(str(entry)) for pattern in self.expected)
        ]
