"""Runs Odoo's own command line with our configuration and environment."""

import signal
import subprocess

import paths
import python_env
import shell
from console import Problem


def environment(conf):
    return python_env.environment() | {"ODOO_RC": str(conf)}


def start(conf, *arguments, cluster=None, **options):
    """Start Odoo; the child keeps the cluster's lock even if we are killed."""
    options.setdefault("env", environment(conf))
    return start_python("-m", "odoo", *arguments, cluster=cluster, **options)


def start_python(*arguments, cluster=None, **options):
    """Start a program of the environment's Python that uses the cluster."""
    handles = [cluster.user_handle] if cluster else []
    command = [str(paths.VENV_PYTHON), *map(str, arguments)]
    process = subprocess.Popen(command, pass_fds=handles, **options)
    _started.append(process)
    return process


_started = []


def stop_all():
    """End whatever this command started and still runs."""
    for process in [one for one in _started if one.poll() is None]:
        _end(process)


def foreground(conf, *arguments, cluster=None):
    """Run Odoo on this terminal until it ends; give back its exit status.

    Ctrl-C reaches Odoo by itself, so that it stops cleanly; a polite kill of this
    process is handed on.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    process = start(conf, *arguments, cluster=cluster)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: process.send_signal(received))
    return process.wait()


def check(conf, *arguments, doing, cluster=None, log=None, stdin=subprocess.DEVNULL):
    """Run Odoo to its end with its log in a file; raise Problem when it fails."""
    log = log or paths.LOGS / "odoo.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as handle:
        process = start(
            conf,
            *arguments,
            cluster=cluster,
            stdin=stdin,
            stdout=handle,
            stderr=subprocess.STDOUT,
        )
        try:
            status = process.wait()
        except BaseException:
            _end(process)
            raise
    text = log.read_text("utf-8", "replace")
    if status:
        raise _explain(doing, text, log)
    return text


def _end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


def _explain(doing, text, log):
    if any(sign in text for sign in shell.DISK_FULL):
        return shell.disk_full()
    lines = [line for line in text.splitlines() if line.strip()]
    last = lines[-1][:300] if lines else "it printed nothing"
    return Problem(f"Odoo failed while {doing}: {last}\nIts whole log is in {log}.")
