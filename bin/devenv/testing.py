"""`make test`: every suite on copies of template databases in a cluster of its own.

Nothing of an earlier run decides the result: the cluster is new each time and is
deleted at the end. Two suites run at once, one on each core.
"""

import os
import re
import shutil
import socket
import subprocess
import time
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import console
import database
import odoo_command
import odoo_log
import paths
import postgres
import settings
import setup
import shell
from console import Problem, Progress

import addons

CLUSTER = "test-pg"
CONF = paths.CACHE / "test.conf"
DATA = paths.CACHE / "test-data"
LOGS = paths.LOGS / "test"
CORE, ALL, DEMO = "template_core", "template_all", "template_demo"
# Core's own tests that must pass with our addons installed; those left out are, as they
# say themselves, for databases that
CORE_TESTS = ",".join(
    (
        *("/sales_team", "/crm", "/sale_crm"),
        *("/product", "/partnership", "/sale", "/sale_management"),
        # have no `sale_stock`,
        "-/sale:TestSaleFlow.test_qty_delivered",
        # have demo data,
        "-/product:TestImportFiles.test_import_product_demo_xls",
        "-/sale:TestImportFiles.test_import_quotation_template_xls",
        # have an addon that is not in Community.
        "-/sale:TestSaleToInvoice."
        "test_partial_invoicing_interaction_with_invoicing_switch_threshold",
    )
)
CORE_SUITE = Path(__file__).with_name("inside") / "core_suite.py"
# Settings in which our addons differ from core on purpose; core's tests know its way.
STRICTER = (
    "crm_pipeline_ext.lost_reason_required",
    "crm_pipeline_ext.match_by_name",
    "sale_stock_invoice_link.down_payment_within_order",
)
AT_ONCE = 2
QUIET = ("--stop-after-init", "--max-cron-threads=0")


@dataclass
class Outcome:
    """What one suite counted, and what is wrong with it."""

    suite: str
    passed: int = 0
    failed: int = 0
    problems: list = field(default_factory=list)
    log: str = ""
    duration: float = 0.0


def run(only=""):
    """Run what is asked for and print the closing line; status 1 if anything failed."""
    choice(only)
    check_programs()
    progress = Progress(setup.STEPS + 1)
    setup.environment(progress, dev=True)
    keep = os.environ.get("KEEP", "") not in ("", "0")
    cluster = postgres.Cluster(CLUSTER, disposable=True)
    with progress.step("PostgreSQL for the tests"):
        if not keep:
            remove(cluster)
        cluster.enter()
    shutil.rmtree(LOGS, ignore_errors=True)
    try:
        conf = settings.render(cluster, target=CONF, data=DATA)
        databases = database.Databases(conf, cluster)
        console.say("Suites, two at a time; each is told when it ends:")
        outcomes = Plan(databases, keep).run(only)
    finally:
        cluster.leave()
        if not keep:
            remove(cluster)
    return report(outcomes)


def remove(cluster):
    if cluster.is_running() and cluster.in_use():
        raise Problem("Another 'make test' runs in this folder: wait until it ends.")
    cluster.remove()
    shutil.rmtree(DATA, ignore_errors=True)


def check_programs():
    """Without these, suites would be skipped and the result would be a lie."""
    missing = [name for name in ("chromium", "wkhtmltopdf") if not find_program(name)]
    if missing:
        raise Problem(
            f"The tests need {' and '.join(missing)}: run 'apt-get install "
            f"{' '.join(missing)}' (as root) and then 'make test' again."
        )


def find_program(name):
    others = {"chromium": ("google-chrome", "google-chrome-stable", "chrome")}
    return any(map(shell.which, (name, *others.get(name, ()))))


def choice(only):
    """What ONLY=… asks for: a kind of suite, and the addon it names if any."""
    name = only.lstrip("/").split(":")[0].split(".")[0]
    if not only:
        return "all", ""
    if only.startswith("tests/") and (paths.ROOT / only.split("::")[0]).exists():
        return "file", ""
    if name in addons.find():
        return ("addon" if only == name else "ours"), name
    if only.startswith("/"):
        return "core", name
    raise Problem(
        f"ONLY={only} names nothing: give an addon ({', '.join(addons.names())}), "
        "a test tag of Odoo (/crm:TestUi) or a file (tests/test_server.py)."
    )


class Plan:
    """The suites, the databases they need, and the order in which they run."""

    def __init__(self, databases, keep=False):
        self.databases = databases
        self.keep = keep
        self.stopped = False
        self.ports = free_ports(2 * len(addons.find()) + 4)

    def run(self, only):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [pool.submit(self.run_chain, one) for one in self.chains(only)]
            try:
                return [outcome for future in futures for outcome in future.result()]
            except BaseException:
                self.stopped = True
                pool.shutdown(wait=False, cancel_futures=True)
                odoo_command.stop_all()
                raise

    def run_chain(self, chain):
        outcomes = []
        for suite in chain:
            if self.stopped:
                break
            start = time.monotonic()
            try:
                outcome = suite()
            except Problem as problem:
                outcome = Outcome("set-up", failed=1, problems=[str(problem)])
            outcome.duration = time.monotonic() - start
            if not self.stopped:
                console.say(summary(outcome))
            outcomes.append(outcome)
        return outcomes

    def chains(self, only):
        """Lists of suites; those of one list run one after another."""
        kind, name = choice(only)
        if kind == "all":
            alone = [[lambda n=name: self.alone(n)] for name in sorted(addons.find())]
            return [[self.together, self.cores], [self.clients], *alone]
        addon = addons.find().get(name)
        if addon and addon.is_glue:
            return [[lambda: self.alone(name, f"/{only.lstrip('/')}")]]
        if kind == "addon":
            together = [lambda: self.together(f"/{name}")]
            return [together, [lambda: self.alone(name)]]
        suite = {"file": self.clients, "ours": self.together, "core": self.cores}[kind]
        return [[lambda: suite(only)]]

    # -- template databases ---------------------------------------------------------

    def template(self, name, make):
        """Have a template database; a kept one counts only for the same sources."""
        now = addons.checksums()
        if self.databases.exists(name):
            if self.databases.recall(name).get("addons") == now:
                return name
            self.databases.drop(name)
        make(name)
        self.databases.remember(name, addons=now)
        return name

    def core(self):
        """Odoo's addons that ours need, without ours."""
        needed = addons.core_dependencies()
        return self.template(CORE, lambda name: self.make(name, needed))

    def demo(self):
        """What `make run` shows: demo data, our addons, three languages."""
        languages = database.LANGUAGES
        return self.template(
            DEMO, lambda name: self.make(name, addons.names(), True, languages)
        )

    def make(self, name, modules, demo=False, languages=("en_US",)):
        log = LOGS / f"{name}.log"
        half = self.databases.create(name, modules, demo, languages, log)
        self.databases.rename(half, name)

    # -- suites ----------------------------------------------------------------------

    def together(self, tags=None):
        """Our addons' tests, while and after all are installed beside one another."""
        tags = tags or ",".join(f"/{name}" for name in addons.names())
        self.databases.copy(self.core(), ALL)
        names = ",".join(addons.names())
        return self.odoo_suite("addons", ALL, "-i", names, "--test-tags", tags)

    def cores(self, tags=CORE_TESTS):
        """Core's own tests, in a database that has our addons."""
        if not self.databases.exists(ALL):
            self.databases.copy(self.core(), ALL)
            self.databases.odoo(
                *("server", "-d", ALL, "-i", ",".join(addons.names()), "--no-http"),
                *QUIET,
                doing="installing our addons",
                log=LOGS / "install.log",
            )
        name = "test_core"
        self.databases.copy(ALL, name)
        forget = "DELETE FROM ir_config_parameter WHERE key = ANY(%s)"
        self.databases.sql(forget, list(STRICTER), database=name)
        return self.odoo_suite(
            "core tests", name, "--test-tags", tags, program=(CORE_SUITE,)
        )

    def alone(self, name, tags=None):
        """One addon's tests where only what it depends on is installed."""
        target = f"test_alone_{name}"
        self.databases.drop(target)
        return self.odoo_suite(
            f"{name} alone", target, "-i", name, "--test-tags", tags or f"/{name}"
        )

    def odoo_suite(self, title, name, *arguments, program=("-m", "odoo")):
        log = LOGS / f"{title.replace(' ', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w", encoding="utf-8") as handle:
            process = odoo_command.start_python(
                *program,
                *("server", "-d", name, "--http-port", self.ports.pop()),
                *arguments,
                *QUIET,
                cluster=self.databases.cluster,
                env=odoo_command.environment(self.databases.conf),
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
            )
            status = process.wait()
        return judge(title, log, status)

    def clients(self, chosen="tests"):
        """pytest: a real server, real clients, a real browser."""
        if chosen == "tests":
            self.demo()
        LOGS.mkdir(parents=True, exist_ok=True)
        log, counts = LOGS / "pytest.log", LOGS / "pytest.xml"
        environment = odoo_command.environment(self.databases.conf)
        with open(log, "w", encoding="utf-8") as handle:
            process = odoo_command.start_python(
                *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
                f"--junitxml={counts}",
                chosen,
                cluster=self.databases.cluster,
                cwd=paths.ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
            )
            status = process.wait()
        return judge_pytest(log, counts, status)


def summary(outcome):
    mark = "FAILED" if outcome.failed else "passed"
    counts = f"{outcome.passed} passed, {outcome.failed} failed"
    return f"  {mark}  {outcome.suite}: {counts} ({console.seconds(outcome.duration)})"


def judge(title, log, status):
    """Read one run of Odoo's test runner; anything it hides counts as a failure."""
    text = log.read_text("utf-8", "replace")
    found = odoo_log.result(text)
    outcome = Outcome(title, found.passed, found.failed, log=str(log))
    said = [str(entry) for entry in odoo_log.unexpected(text)]
    outcome.problems += dict.fromkeys(said)  # each once, in their order
    if outcome.problems and not found.failed:
        outcome.failed += 1
    for line in found.skipped:
        outcome.failed += 1
        outcome.problems.append(f"A test was {line}")
    if not found.finished or (status and not found.failed):
        outcome.failed += 1
        outcome.problems.append(f"Odoo ended with status {status}:\n{text[-2000:]}")
    elif not found.tests:
        outcome.failed += 1
        outcome.problems.append("No test ran.")
    return outcome


def judge_pytest(log, counts, status):
    outcome = Outcome("clients and browser", log=str(log))
    text = log.read_text("utf-8", "replace")
    if not counts.exists():
        outcome.failed = 1
        outcome.problems.append(f"pytest ended with status {status}:\n{text[-3000:]}")
        return outcome
    suites = xml.etree.ElementTree.parse(counts).getroot().iter("testsuite")
    numbers = [
        [int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")]
        for suite in suites
    ]
    total, failures, errors, skipped = map(sum, zip(*numbers, strict=True))
    outcome.failed = failures + errors + skipped
    outcome.passed = max(0, total - outcome.failed)
    if outcome.failed or status:
        outcome.failed = outcome.failed or 1
        found = re.search(r"=+ (FAILURES|ERRORS) =+", text)
        outcome.problems.append(text[found.start() if found else -3000 :][-12000:])
    return outcome


def report(outcomes):
    """Print what went wrong, then the one line that counts every test."""
    for outcome in outcomes:
        if outcome.problems:
            console.say(f"\n==== {outcome.suite} (whole log: {outcome.log})")
            for problem in outcome.problems[:20]:
                console.say(problem[:6000])
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    console.say(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def free_ports(count):
    """Distinct ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
