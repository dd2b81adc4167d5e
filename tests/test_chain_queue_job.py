"""A large run as queue jobs: two Odoo processes work on it, nothing is done twice."""

import time
from collections import Counter

import pytest
from chain_books import Books
from chain_run import PEOPLE
from support.balancer import Balancer
from support.server import Server, testing

DATABASE = "test_queue_job"
SELLER = "queue_seller"
LEADS = 200
PATIENCE = 900


@pytest.fixture(scope="module")
def database(demo_databases):
    demo_databases.copy(testing.DEMO, DATABASE)
    demo_databases.odoo(
        *("server", "-d", DATABASE, "-i", "queue_job", "--no-http", *testing.QUIET),
        doing="installing the job queue",
        log=testing.LOGS / "queue-job-install.log",
    )
    yield DATABASE
    demo_databases.drop(DATABASE)


@pytest.fixture(scope="module")
def servers(demo_databases, database):
    """Two processes of one database, behind a balancer. The job runner of the first
    one leads, since it is there first.
    """
    balancer = Balancer().start()
    running = []
    try:
        for number in (1, 2):
            server = Server(
                demo_databases,
                database,
                testing.LOGS / f"queue-job-{number}.log",
                arguments=["--load=base,rpc,web,queue_job"],
                environment={
                    "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
                    "ODOO_QUEUE_JOB_PORT": str(balancer.port),
                    "ODOO_QUEUE_JOB_CHANNELS": "root:4,root.crm_chain:4",
                },
            )
            running.append(server)
            server.start()
            balancer.add(server.port)
            if number == 1:
                wait_until(
                    lambda: "queue job runner ready" in running[0].log.read_text(),
                    lambda: "the job runner does not start",
                )
            # Of two transactions that meet PostgreSQL refuses one, which is repeated.
            server.expect(r"odoo\.sql_db: bad query: .*could not serialize access")
        yield running
    finally:
        for server in running:
            server.stop()
        balancer.stop()
    surprises = [line for server in running for line in server.unexpected_lines()]
    assert not surprises, "the servers logged:\n" + "\n".join(surprises)


class Office:
    """A salesperson with leads, in a company whose chain ends with the order."""

    def __init__(self, server):
        self.books = Books(server.json2())
        self.admin = self.books.admin
        self.books.make_user(SELLER, PEOPLE["sara"])
        self.seller = server.json2(SELLER)
        self.product = self.create("product.product", {"name": "Sold by the job"})
        self.set_policies()

    def create(self, model, values, client=None):
        [record_id] = (client or self.admin).call(model, "create", vals_list=[values])
        return record_id

    def set_policies(self):
        policies = self.books.search("crm.chain.policy", [], ["id"])
        self.admin.call(
            "crm.chain.policy",
            "write",
            ids=[policy["id"] for policy in policies],
            vals={"send_quotation": False},
        )
        # A team that sends its quotations: that makes the chunks of all runs small.
        team = self.create("crm.team", {"name": "Sends quotations"})
        self.create("crm.chain.policy", {"name": "Sends quotations", "team_id": team})

    def make_leads(self, name, count):
        values = [
            {
                "name": f"{name} {number}",
                "type": "lead",
                "contact_name": f"Customer {name} {number}",
                "email_from": f"{name}{number}@queue.example",
                "line_ids": [(0, 0, {"product_id": self.product})],
            }
            for number in range(count)
        ]
        return self.seller.call("crm.lead", "create", vals_list=values)

    def start_run(self, leads):
        lines = [(0, 0, {"res_id": lead}) for lead in leads]
        values = {"res_model": "crm.lead", "last_step": "order", "line_ids": lines}
        run = self.create("crm.chain.run", values, self.seller)
        self.seller.call("crm.chain.run", "action_start", ids=[run])
        return run

    def run(self, run):
        fields = ["state", "line_count", "pending_count", "done_count"]
        return self.books.by_id("crm.chain.run", [run], fields)[run]

    def jobs(self, run, *states):
        domain = [("identity_key", "like", f"crm.chain.run:{run}:")]
        if states:
            domain.append(("state", "in", states))
        fields = ["name", "state", "worker_pid", "exc_info", "eta", "channel"]
        return self.books.search("queue.job", domain, fields)

    def wait_for_end(self, run):
        wait_until(
            lambda: self.run(run)["state"] != "running",
            lambda: f"the run does not end: {self.run(run)}, {self.jobs(run)}",
        )

    def check_each_done_once(self, run, leads):
        """Each lead has one customer and one order of one line, all confirmed."""
        assert self.run(run) == {
            "id": run,
            "state": "done",
            "line_count": len(leads),
            "pending_count": 0,
            "done_count": len(leads),
        }
        found = self.books.by_id(
            "crm.lead", leads, ["chain_step", "partner_id", "email_from"]
        )
        steps = Counter(lead["chain_step"] for lead in found.values())
        assert steps == {"order": len(leads)}
        assert len({lead["partner_id"][0] for lead in found.values()}) == len(leads)
        emails = [lead["email_from"] for lead in found.values()]
        customers = self.books.search("res.partner", [("email", "in", emails)], ["id"])
        assert len(customers) == len(leads)
        orders = self.books.orders(leads)  # at most one of each lead
        assert set(orders) == set(leads)
        assert {order["state"] for order in orders.values()} == {"sale"}
        assert {len(order["order_line"]) for order in orders.values()} == {1}


def wait_until(condition, explain):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.2)


@pytest.fixture(scope="module")
def office(servers):
    return Office(servers[1])


def test_two_processes_share_a_run_and_do_nothing_twice(servers, office):
    leads = office.make_leads("shared", LEADS)
    run = office.start_run(leads)
    assert len(office.jobs(run)) == LEADS / 20
    office.wait_for_end(run)
    office.check_each_done_once(run, leads)
    wait_until(
        lambda: not office.jobs(run, "pending", "enqueued", "started"),
        lambda: f"jobs are left over: {office.jobs(run)}",
    )
    jobs = office.jobs(run)
    assert {job["state"] for job in jobs} == {"done"}
    assert {job["channel"] for job in jobs} == {"root.crm_chain"}
    assert {job["worker_pid"] for job in jobs} == {server.pid for server in servers}


def test_run_ends_although_the_leading_process_is_killed_at_work(servers, office):
    victim, survivor = servers
    survivor.expect(r"queue_job\.jobrunner\.runner: Re-queued dead job")
    leads = office.make_leads("killed", 6 * 20)
    run = office.start_run(leads)

    def works():
        return any(
            job["worker_pid"] == victim.pid for job in office.jobs(run, "started")
        )

    wait_until(works, lambda: f"no job came to the first process: {office.jobs(run)}")
    victim.kill()
    office.wait_for_end(run)
    office.check_each_done_once(run, leads)
