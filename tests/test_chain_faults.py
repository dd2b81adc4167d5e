"""Whatever ends under a run, it is gone on with, and nothing is lost or done twice."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from support.server import odoo_command, odoo_log, testing

PROGRAM = Path(__file__).with_name("chain_faults.py")
QUANTITY = 2
# Odoo and the run repeat what PostgreSQL refuses for the sake of another transaction.
CONFLICT = r"odoo\.sql_db: bad query: .*(could not serialize|deadlock|duplicate key)"
LOST_CONNECTION = (
    r"odoo\.sql_db: bad query: .*(closed|terminat|SSL|could not)",
    r"connection.*(closed|terminat)|server closed the connection",
)


@pytest.fixture
def suffer(demo_databases, request):
    """``suffer(scenario, expected log lines)``: the facts the scenario ends with."""
    name = "test_faults"

    def run(scenario, *expected):
        demo_databases.copy(testing.DEMO, name)
        log = testing.LOGS / f"faults_{scenario}.log"
        with open(log, "w", encoding="utf-8") as handle:
            process = odoo_command.start_python(
                PROGRAM,
                name,
                scenario,
                env=odoo_command.environment(demo_databases.conf),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=handle,
                text=True,
            )
            printed, _nothing = process.communicate()
        text = log.read_text("utf-8", "replace")
        assert process.returncode == 0, text[-4000:]
        surprises = [
            str(entry)
            for entry in odoo_log.unexpected(text)
            if not any(re.search(pattern, str(entry), re.S) for pattern in expected)
        ]
        assert not surprises, "the workers logged:\n" + "\n".join(surprises)
        return json.loads(printed.splitlines()[-1])

    return run


def assert_all_paid(facts):
    count = facts["leads"]
    assert facts["run"] == "done"
    assert facts["lines"] == [["done", count]]
    assert facts["steps"] == [["opportunity", "payment", count]]
    assert facts["customers"] == [[count, count]]
    assert facts["orders"] == [["sale", "invoiced", "full", count, count]]
    assert facts["deliveries"] == [["done", count]]
    assert facts["shipped"] == [["done", count * QUANTITY]]
    [[state, paid, _sent, invoices, residual]] = facts["invoices"]
    assert (state, invoices, residual) == ("posted", count, 0)
    assert paid in ("paid", "in_payment")
    assert facts["payments"] == [[count, count]]
    assert_nothing_broken(facts)


def assert_nothing_broken(facts):
    assert facts["payments without invoice"] == [[0]]
    assert facts["unbalanced"] == []
    assert facts["lost files"] == []


def test_killed_worker_costs_a_chunk_and_nothing_else(suffer):
    facts = suffer("killed")
    assert facts["interrupted"] == 20
    assert_all_paid(facts)


def test_terminated_connection_costs_a_chunk_and_nothing_else(suffer):
    facts = suffer("terminated", *LOST_CONNECTION)
    assert facts["interrupted"] == 5
    assert_all_paid(facts)


def test_runs_and_people_beside_each_other_make_nothing_twice(suffer):
    facts = suffer("beside_each_other", CONFLICT)
    assert facts["by hand"] > 5
    assert facts["meanwhile"] > 0
    assert not any(facts["double"].values()), facts["double"]
    assert facts["run"] == "done", facts["messages"]
    assert facts["steps"] == [["opportunity", "payment", facts["leads"]]]
    assert_nothing_broken(facts)


def test_full_disk_leaves_each_lead_where_it_was_and_can_be_retried(suffer):
    facts = suffer("full_disk", r"No space left on device")
    before = facts["before"]
    assert before["run"] == "errors"
    assert before["lines"] == [["failed", before["leads"]]]
    assert before["steps"] == [["opportunity", "invoice", before["leads"]]]
    [message] = before["messages"]
    assert "Ask an administrator" in message
    assert_nothing_broken(before)
    assert_all_paid(facts["after"])


def test_refusing_mail_server_stops_no_sale_and_loses_no_mail(suffer):
    facts = suffer("refusing_mail_server", r"Mail delivery failed|Connection refused")
    assert_all_paid(facts)
    assert facts["mails"] == [["exception", facts["leads"]]]


def test_preview_writes_nothing_but_its_own_lines(suffer):
    facts = suffer("previewed")
    assert facts["tables"] > 500
    assert sum(facts["planned"]) > 20
    assert facts["changed"] == ["crm_chain_run", "crm_chain_run_line"]
