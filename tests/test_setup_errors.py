"""What can go wrong on a stranger's machine ends in one plain sentence, never a trace.

Each test runs a set-up step in a folder of its own, on a machine that is made poorer:
programs are taken from PATH or replaced by ones that fail as the real ones do.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STEP = """
import sys
sys.path.insert(0, {devenv!r})
import commands
{prepare}
commands.COMMANDS["step"] = lambda: {call}
sys.exit(commands.run(["step"]))
"""
PYTHON = str(Path(sys.base_prefix, "bin", "python3"))


class Machine:
    """A poor machine: its own .cache, and a PATH with only what is put there."""

    def __init__(self, folder):
        self.cache = folder / "cache"
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(folder),
            "DEVENV_CACHE": str(self.cache),
        }
        for name in ("sh", "cat", "cp", "env", "tar", "rm", "mkdir"):
            self.has(name)

    def has(self, *names):
        """Put the real programs on PATH."""
        for name in names:
            (self.bin / name).symlink_to(shutil.which(name))
        return self

    def fakes(self, name, script):
        """Put a program on PATH that does as the script says."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return self

    def step(self, call, prepare=""):
        """Run one step of the set-up as a command would."""
        code = STEP.format(
            devenv=str(ROOT / "bin" / "devenv"), call=call, prepare=prepare
        )
        return self.python("-c", code)

    def python(self, *arguments):
        return subprocess.run(
            [PYTHON, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def assert_plain(result, *words):
    """One short text of plain words, status 1, no traceback."""
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stdout, result.stdout
    said = result.stdout.strip().splitlines()[-1]
    for word in words:
        assert word in said, said
    assert said.endswith("."), said
    assert said.count(". ") <= 1, said


# -- Python -------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 9, 18), (3, 14, 0)])
def test_a_wrong_python_says_which_ones_are_right(machine, version):
    result = machine.python(
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT / 'bin' / 'devenv')!r}); "
        f"sys.version_info = {version}; import launch; launch.main(['setup'])",
    )
    wrong = f"{version[0]}.{version[1]}"
    assert_plain(result, "3.10 to 3.13", f"this is {wrong}", "apt-get install")


def test_a_wrong_python_goes_on_in_a_right_one_that_is_there(machine):
    machine.fakes("python3.12", 'echo "went on in 3.12 with $*"')
    result = machine.python(
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT / 'bin' / 'devenv')!r}); "
        "sys.version_info = (3, 9); sys.argv = ['bin/devenv', 'run']; "
        "import launch; launch.main(['run'])",
    )
    assert "went on in 3.12 with bin/devenv run" in result.stdout


def test_no_network_for_pip(machine):
    machine.environment |= {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": "/dev/null",
        "no_proxy": "*",
    }
    result = machine.step("python_env.ensure()", "import python_env")
    assert_plain(result, "no network", "Python packages", "same command again")


# -- Odoo ---------------------------------------------------------------------------

ENSURE_ODOO = ("odoo_source.ensure()", "import odoo_source")


def test_no_apt(machine):
    assert_plain(machine.step(*ENSURE_ODOO), "no apt-get", "ODOO_HOME")


def test_no_network_for_apt(machine):
    machine.has("dpkg-deb").fakes(
        "apt-get", "echo 'Err: Temporary failure resolving the mirror'; exit 100"
    )
    assert_plain(machine.step(*ENSURE_ODOO), "no network", "Debian", "again")


def test_debian_no_longer_has_the_package(machine):
    machine.has("dpkg-deb").fakes(
        "apt-get",
        'case "$*" in *download*) echo "E: Unable to locate package odoo-19";'
        " exit 100;; esac",
    )
    assert_plain(machine.step(*ENSURE_ODOO), "Unable to locate package odoo-19")


def test_the_disk_is_full_while_downloading(machine):
    machine.has("dpkg-deb").fakes(
        "apt-get", "echo 'E: write (28: No space left on device)'; exit 100"
    )
    assert_plain(machine.step(*ENSURE_ODOO), "is full", "free some space")


def test_the_disk_is_nearly_full_from_the_start(machine):
    nearly_full = (
        "import setup, shutil, collections; "
        "usage = collections.namedtuple('usage', 'total used free'); "
        "shutil.disk_usage = lambda path: usage(100, 99, 1)"
    )
    result = machine.step("setup.check_folder()", nearly_full)
    assert_plain(result, "less than 4 GB free")


def test_the_disk_is_full_in_our_own_code(machine):
    full = (
        "import errno, os\n"
        "def write(): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))"
    )
    assert_plain(machine.step("write()", full), "is full")


def test_odoo_home_without_odoo(machine, tmp_path):
    machine.environment["ODOO_HOME"] = str(tmp_path)
    assert_plain(machine.step(*ENSURE_ODOO), "ODOO_HOME", "no Odoo is")


def test_odoo_home_of_another_version(machine, tmp_path):
    release = tmp_path / "checkout" / "odoo" / "release.py"
    release.parent.mkdir(parents=True)
    release.write_text("version_info = (17, 0, 0, 'final', 0, '')\n")
    machine.environment["ODOO_HOME"] = str(tmp_path / "checkout")
    assert_plain(machine.step(*ENSURE_ODOO), "Odoo 17.0", "Odoo 19.0")


class FakeDebian:
    """Small packages in place of the real ones; counts how often they are fetched."""

    FILE = "usr/lib/python3/dist-packages/odoo/release.py"

    def __init__(self, machine, folder):
        self.machine = machine
        self.fetched = folder / "fetched"
        package = folder / "package"
        (package / "DEBIAN").mkdir(parents=True)
        (package / "DEBIAN" / "control").write_text(
            "Package: odoo-19\nVersion: 1\nArchitecture: all\n"
            "Maintainer: Nobody <nobody@example.com>\nDescription: for a test\n"
        )
        (package / self.FILE).parent.mkdir(parents=True)
        (package / self.FILE).write_text("version_info = (19, 0, 0, 'final', 0, '')\n")
        build = ["dpkg-deb", "-b", str(package), str(folder / "fake.deb")]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        machine.has("dpkg-deb").fakes(
            "apt-get",
            'for last in "$@"; do :; done\n'
            'case "$*" in *download*)\n'
            f'  cp {folder}/fake.deb "$last"_1_all.deb\n'
            f'  echo "$last" >> {self.fetched};;\n'
            "esac",
        )
        modules = machine.cache / "node" / "node_modules"
        segmentation = modules / "@mediapipe" / "selfie_segmentation"
        segmentation.mkdir(parents=True)
        (segmentation / "selfie_segmentation.js").write_text("// for a test\n")
        site = "import python_env; python_env.site_packages().mkdir(parents=True, "
        self.prepare = f"import odoo_source; {site}exist_ok=True)"

    def ensure(self):
        result = self.machine.step("odoo_source.ensure() and 0", self.prepare)
        assert result.returncode == 0, result.stdout

    def times_fetched(self):
        return self.fetched.read_text().split().count("odoo-19")

    @property
    def release(self):
        return self.machine.cache / "odoo" / self.FILE


@pytest.fixture
def debian(machine, tmp_path):
    return FakeDebian(machine, tmp_path)


def test_an_odoo_that_is_there_is_not_fetched_again(debian):
    debian.ensure()
    debian.ensure()
    assert debian.times_fetched() == 1


def test_a_half_unpacked_odoo_is_done_again(debian):
    half = debian.machine.cache / "odoo.half" / "usr"
    half.mkdir(parents=True)
    (half / "left over").write_text("from a try that was killed")
    debian.ensure()
    assert debian.release.exists()
    assert not list(debian.machine.cache.glob("odoo*/usr/left over"))


def test_a_damaged_file_of_odoo_is_found_and_mended(debian):
    debian.ensure()
    whole = debian.release.read_text()
    debian.release.write_text("")
    debian.ensure()
    assert debian.release.read_text() == whole
    assert debian.times_fetched() == 1


def test_a_damaged_download_is_fetched_again(debian):
    debian.ensure()
    kept = debian.machine.cache / "downloads" / "odoo-19_1_all.deb"
    kept.write_bytes(kept.read_bytes()[:100])
    debian.release.unlink()
    debian.ensure()
    assert debian.release.exists()
    assert debian.times_fetched() == 2


# -- PostgreSQL -----------------------------------------------------------------------


def test_a_cluster_of_a_version_that_is_gone(machine):
    data = machine.cache / "pg" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    stamps = machine.cache / "stamps"
    stamps.mkdir()
    home = {"home": str(machine.cache / "pg")}
    (stamps / "pg.json").write_text(json.dumps(home))
    result = machine.step("postgres.Cluster().enter()", "import postgres")
    assert_plain(result, "PostgreSQL 9", "postgresql-9", "make clean")


def test_a_half_made_cluster_is_made_again(machine):
    """Run for real: two clusters side by side disturb nobody, they have no port."""
    machine.environment["PATH"] += os.pathsep + os.environ["PATH"]
    half = machine.cache / "pg" / "data.half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("1\n")
    use = (
        "import postgres\n"
        "def use():\n"
        "    cluster = postgres.Cluster(disposable=True)\n"
        "    with cluster.running():\n"
        "        print('runs', cluster.is_running())\n"
        "    print('runs', cluster.is_running())\n"
        "    cluster.remove()"
    )
    result = machine.step("use()", use)
    assert result.stdout.split() == ["runs", "True", "runs", "False"], result.stdout


def test_a_long_path_gets_its_socket_elsewhere(machine):
    """A unix socket's path has room for 107 characters."""
    machine.environment["PATH"] += os.pathsep + os.environ["PATH"]
    machine.environment["DEVENV_CACHE"] += "/" + "long" * 25
    use = (
        "import postgres\n"
        "def use():\n"
        "    cluster = postgres.Cluster(disposable=True)\n"
        "    with cluster.running():\n"
        "        print('fits', len(str(cluster.socket_folder())) < 90)\n"
        "    cluster.remove()"
    )
    result = machine.step("use()", use)
    assert result.stdout.split() == ["fits", "True"], result.stdout


# -- the commands ---------------------------------------------------------------------


def test_a_taken_port(machine):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        machine.environment["PORT"] = str(port)
        result = machine.python(str(ROOT / "bin" / "devenv"), "run")
    assert_plain(result, f"Port {port} is taken", f"PORT={port + 1}")


@pytest.mark.parametrize("port", ["web", "0", "70000"])
def test_a_port_that_is_none(machine, port):
    machine.environment["PORT"] = port
    result = machine.python(str(ROOT / "bin" / "devenv"), "run")
    assert_plain(result, f"PORT={port} is not a port number")


@pytest.mark.parametrize("name", ["", "my database", 'x";DROP', "-x", "a" * 60])
def test_a_database_name_that_needs_quoting(machine, name):
    result = machine.python(str(ROOT / "bin" / "devenv"), "db", name)
    assert_plain(result, "make db DB=trial")


def test_tests_without_a_browser_do_not_pretend(machine):
    result = machine.python(str(ROOT / "bin" / "devenv"), "test")
    assert_plain(result, "chromium and wkhtmltopdf", "apt-get install")


def test_an_unknown_choice_of_tests(machine):
    machine.fakes("chromium", "").fakes("wkhtmltopdf", "")
    result = machine.python(str(ROOT / "bin" / "devenv"), "test", "no_such_addon")
    assert_plain(result, "ONLY=no_such_addon names nothing")


def test_an_unknown_command(machine):
    result = machine.python(str(ROOT / "bin" / "devenv"), "dance")
    assert_plain(result, "run", "test", "clean")


def test_benchmark_and_showcase_may_be_missing(machine):
    missing = "import benchmark; benchmark.SCRIPT = benchmark.paths.CACHE / 'none.py'"
    assert_plain(machine.step("benchmark.run(())", missing), "no bench/run.py")
