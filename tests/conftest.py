"""Fixtures: a real server on Odoo's demo data, its clients, a real browser.

Run by `make test`, or one file by `make test ONLY=tests/test_server.py`. With KEEP=1
the databases stay for the next call, which then starts in seconds.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def demo_databases():
    """The tests' databases, with the template that `make run` would show."""
    conf = os.environ.get("ODOO_RC")
    if not conf or Path(conf).name != "test.conf":
        pytest.exit("Run the tests with 'make test ONLY=tests/…'.", returncode=2)
    from support.server import testing

    databases = testing.database.Databases(Path(conf))
    testing.Plan(databases).demo()
    return databases


@pytest.fixture(scope="session")
def server(demo_databases):
    """A server on a copy of the demo data; its log must hold no surprise."""
    from support.server import Server, testing

    name = "test_clients"
    demo_databases.copy(testing.DEMO, name)
    running = Server(demo_databases, name, testing.LOGS / "server.log")
    running.start()
    yield running
    running.stop()
    surprises = running.unexpected_lines()
    assert not surprises, "the server logged:\n" + "\n".join(surprises)


@pytest.fixture
def browser(server):
    """A fresh browser; an error in the page fails the test."""
    from support.browser import Browser

    window = Browser(server.url)
    yield window
    errors = window.errors
    window.close()
    assert not errors, "errors in the page:\n" + "\n".join(errors)
