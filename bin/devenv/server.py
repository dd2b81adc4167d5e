"""`make run`: the server with its database, and the table of address and logins."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import console
import database
import odoo_command
import paths
import settings
import setup
import shell
from console import Problem, Progress

DATABASE = "sales"
SHOWCASE = Path(__file__).with_name("showcase.py")
LOG = paths.LOGS / "server.log"


def run():
    """Set everything up, serve until Ctrl-C, and leave nothing running."""
    port = wanted_port()
    check_port(port)
    progress = Progress(setup.STEPS + 3)
    setup.environment(progress)
    with postgres_step(progress) as (conf, cluster):
        databases = database.Databases(conf, cluster)
        showcase = SHOWCASE if SHOWCASE.exists() else None
        database.prepare(databases, DATABASE, progress, True, showcase)
        logins = databases.recall(DATABASE).get("logins")
        return serve(progress, conf, cluster, port, logins)


@contextmanager
def postgres_step(progress):
    """Have PostgreSQL run as long as the block does; gives configuration, cluster."""
    cluster = settings.private_cluster()
    with progress.step("PostgreSQL" + ("" if cluster else " (the one you named)")):
        if cluster:
            cluster.enter()
    try:
        yield settings.render(cluster), cluster
    finally:
        if cluster:
            cluster.leave()


def wanted_port():
    text = os.environ.get("PORT") or "8069"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Problem(f"PORT={text} is not a port number: give one of 1 to 65535.")
    return int(text)


def check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise Problem(
                f"Port {port} needs root: choose one above 1023, as in "
                "'make run PORT=8070'."
            ) from error
        except OSError as error:
            raise Problem(
                f"Port {port} is taken by another program (perhaps another 'make run'):"
                f" stop it, or choose another port with 'make run PORT={port + 1}'."
            ) from error


def serve(progress, conf, cluster, port, logins):
    """Start Odoo, say when it answers, and wait until it is stopped."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with open(LOG, "a", encoding="utf-8") as log:
        process = odoo_command.start(
            conf,
            *("server", "-d", DATABASE, "--http-port", port),
            cluster=cluster,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C comes to this process, which then stops Odoo once and politely.
            start_new_session=True,
        )
    try:
        with progress.step("Server"):
            wait_until_it_answers(process, port)
        print_table(port, logins)
        process.wait()
        raise Problem(f"The server ended by itself: see the end of {LOG}.")
    except KeyboardInterrupt:
        console.say("\nStopping …")
        return 0
    finally:
        stop(process)


def stop(process):
    """End the server as Odoo wants it: one SIGINT, and more only if it hangs."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGKILL, 5)):
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                continue


def wait_until_it_answers(process, port, patience=180):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Problem(f"The server did not start: see the end of {LOG}.")
        try:
            address = f"http://127.0.0.1:{port}/web/health"
            # A proxy set for the world outside is no way to this machine.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Problem(f"The server does not answer after {patience} s: see {LOG}.")


def print_table(port, logins):
    console.say(f"\nOpen  http://127.0.0.1:{port}\n")
    rows = logins or [("admin", "admin", "Administrator", "en", "")]
    headings = ("Login", "Password", "Role", "Language", "Company")
    for line in console.table(headings, rows):
        console.say(line)
    if not shell.which("wkhtmltopdf"):
        console.say("\nwkhtmltopdf is not installed: all works but printing to PDF,")
        console.say("which 'apt-get install wkhtmltopdf' (as root) puts right.")
    console.say(f"\nThe log is {LOG}. Ctrl-C stops the server; the data stays.")
