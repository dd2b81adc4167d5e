"""Goal 8: what the pipeline's views cost to read, without and with our addons.

The same 200,000 opportunities, 100,000 orders and 62,000 activities on both sides; the
requests are those of the web client for the kanban, the list and the form.
"""

import time
from collections import defaultdict
from datetime import timedelta
from statistics import median

from lxml import etree

from odoo import Command, api, fields
from odoo.modules.registry import Registry

from . import databases, goals, large
from .client import Session
from .form import WebForm
from .probe import Probe

COPIES = 2_000
SOURCES, LOST, OWN, ORDERS, ACTIVITIES = 100, 7, 8, 50, 31
ROUNDS = 15
OWN_DOCUMENTS, ALL_DOCUMENTS, OTHER = "reads_own", "reads_all", "reads_other"
USERS = {
    OWN_DOCUMENTS: "sales_team.group_sale_salesman",
    ALL_DOCUMENTS: "sales_team.group_sale_salesman_all_leads",
    OTHER: "sales_team.group_sale_salesman",
}
PIPELINE = [("type", "=", "opportunity")]
# {table: changes}, see large.py
TABLES = {
    "res_partner": large.CHAIN["res_partner"],
    "crm_lead": large.CHAIN["crm_lead"],
    "sale_order": large.CHAIN["sale_order"],
    "sale_order_line": large.CHAIN["sale_order_line"],
    "mail_activity": {"res_id": "crm_lead"},
}
# a row as wide as those that forms of a website make
ENQUIRY = {
    "contact_name": "Jordan Miller",
    "function": "Purchasing Manager",
    "phone": "+1 202 555 0143",
    "street": "480 Market Street",
    "city": "Springfield",
    "zip": "62701",
    "website": "https://www.example.com",
    "description": "<p>We furnish a new building and look for 24 desks, 24 chairs and "
    "6 meeting tables, delivered and assembled before the end of the quarter. Please "
    "send us your prices for these quantities, the time of delivery and your terms of "
    "payment. We are reached by e-mail, or by phone between nine and five.</p>",
}
# what the widgets of core's views ask for besides their own field
WIDGETS = {
    "kanban_activity": (
        "activity_exception_decoration",
        "activity_exception_icon",
        "activity_state",
        "activity_summary",
        "activity_type_icon",
        "activity_type_id",
    ),
}
WIDGETS["list_activity"] = WIDGETS["kanban_activity"]


def fill(database):
    """Fill a database of core with the pipeline that is read."""
    large.multiply(database, lambda: _plant(database), TABLES, COPIES - 1)
    databases.analyze(database)


def _plant(database):
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
        users = [_user(env, *each).id for each in USERS.items()]
        customers = env["res.partner"].create(
            [
                {"name": f"Customer {n}", "email": f"c{n}@example.com"}
                for n in range(SOURCES)
            ]
        )
        stages = env["crm.stage"].search([("is_won", "=", False)])
        leads = env["crm.lead"].create(
            [
                {
                    **ENQUIRY,
                    "name": f"Deal {n}",
                    "type": "opportunity",
                    "partner_id": customer.id,
                    "user_id": users[(n >= OWN) + (n >= 2 * OWN)],
                    "stage_id": stages[n % len(stages)].id,
                    "priority": str(n % 4),
                    "expected_revenue": 100 + 37 * n,
                }
                for n, customer in enumerate(customers)
            ]
        )
        product = env["product.product"].search([("sale_ok", "=", True)], limit=1)
        line = {"product_id": product.id, "product_uom_qty": 2}
        env["sale.order"].create(
            [
                {
                    "partner_id": lead.partner_id.id,
                    "opportunity_id": lead.id,
                    "user_id": lead.user_id.id,
                    "order_line": [Command.create(line)],
                }
                for lead in leads[-ORDERS:]
            ]
        )
        today = fields.Date.today()
        for n, lead in enumerate(leads[-ACTIVITIES:]):
            lead.activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=today + timedelta(days=n - ACTIVITIES // 2),
                user_id=lead.user_id.id,
            )
        reason = env["crm.lost.reason"].create({"name": "No budget"})
        lost = leads[SOURCES // 2 - LOST : SOURCES // 2]
        lost.action_set_lost(lost_reason_id=reason.id)


def _user(env, login, group):
    groups = [env.ref(group).id, env.ref("base.group_user").id]
    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "tz": "Europe/Brussels",
            "group_ids": [Command.set(groups)],
        }
    )


class Reads:
    """Both sides' reads in turn, as several users."""

    def __init__(self, core, ours):
        self._sides = (core, ours)
        self.lines, self.goals = [], []
        self._costs = defaultdict(lambda: defaultdict(list))

    def run(self):
        """Measure and judge."""
        for login in (ALL_DOCUMENTS, OWN_DOCUMENTS):
            pages = [Pages(name, login) for name in self._sides]
            for reading in Pages.READINGS:
                self._measure(login, reading, pages)
            for page in pages:
                page.session.close()
        self._report()

    def _measure(self, login, reading, pages):
        for page in pages:
            page.take(reading)
        for __ in range(ROUNDS):
            for page in pages:
                cost = page.take(reading)
                self._costs[login, reading][page.database].append(cost)
            pages = pages[::-1]

    def _report(self):
        core, ours = self._sides
        self.lines += [
            "",
            "Reads: milliseconds, those in SQL, queries; core, with ours, their ratios",
        ]
        extra, slowest, ratios = 0, 0, {}
        for (login, reading), costs in self._costs.items():
            base, side = (
                [median(x) for x in zip(*costs[y], strict=True)] for y in (core, ours)
            )
            ratios[login, reading] = ratio = _ratio(costs[core], costs[ours], 0)
            extra, slowest = max(extra, side[2] - base[2]), max(slowest, ratio)
            self.lines.append(
                f"  {login:10} {reading:14} {_figures(base)} {_figures(side)} "
                f"{ratio:8.2f} {_ratio(costs[core], costs[ours], 1):6.2f}"
            )
        self.goals += goals.read_goals(
            extra,
            slowest,
            ratios[ALL_DOCUMENTS, "kanban mine"],
            ratios[OWN_DOCUMENTS, "kanban all"],
        )


def _figures(cost):
    seconds, sql, queries = cost
    return f"{seconds * 1e3:8.1f} {sql * 1e3:7.1f} {queries:3.0f}"


def _ratio(core, ours, column):
    """Return the median of the rounds: what loads the machine loads both sides."""
    rounds = zip(core, ours, strict=True)
    return median(after[column] / before[column] for before, after in rounds)


class Pages:
    """What one user reads on one side."""

    READINGS = ("kanban all", "kanban mine", "progress bar", "text", "list", "form")

    def __init__(self, database, login):
        self.database = database
        self._probe = Probe(database)
        self.session = Session(database, login, self._probe)
        env = self.session.env
        self._specs = {
            kind: _specification(env["crm.lead"], kind) for kind in ("kanban", "list")
        }
        self._lead = env["crm.lead"].search(PIPELINE, limit=1).id
        self._mine = [("user_id", "=", env.uid)]

    def take(self, reading):
        """Return the seconds of one reading, those in SQL, and its queries."""
        method = getattr(self, f"_{reading.replace(' ', '_')}")
        with self._probe.step(reading) as cost:
            started = time.perf_counter()
            method()
            return time.perf_counter() - started, cost.sql, cost.queries

    def _kanban_all(self, domain=()):
        self.session.call(
            "crm.lead",
            "web_read_group",
            domain=[*PIPELINE, *domain],
            groupby=["stage_id"],
            aggregates=["expected_revenue:sum"],
            auto_unfold=True,
            unfold_read_specification=self._specs["kanban"],
            unfold_read_default_limit=40,
        )

    def _kanban_mine(self):
        self._kanban_all(self._mine)

    def _progress_bar(self):
        colors = {"planned": "success", "today": "warning", "overdue": "danger"}
        self.session.call(
            "crm.lead",
            "read_progress_bar",
            domain=PIPELINE,
            group_by="stage_id",
            progress_bar={"field": "activity_state", "colors": colors},
        )

    def _text(self):
        self._kanban_all([("name", "ilike", "Deal 5")])

    def _list(self):
        self.session.call(
            "crm.lead",
            "web_search_read",
            domain=PIPELINE,
            specification=self._specs["list"],
            order="expected_revenue DESC",
            limit=80,
            count_limit=10001,
        )

    def _form(self):
        WebForm(self.session, "crm.lead", self._lead, view="crm.crm_lead_view_form")


def _specification(model, kind):
    """Return what the web client reads for the kanban or the list of ``model``."""
    names = {"kanban": "crm_case_kanban_view_leads", "list": "crm_case_tree_view_oppor"}
    view = model.env.ref(f"crm.{names[kind]}").id
    answer = model.get_views([(view, kind)])
    known = answer["models"]["crm.lead"]["fields"]
    found = {}
    for node in etree.fromstring(answer["views"][kind]["arch"]).iter("field"):
        if node.get("optional") == "hide":
            continue
        name, widget = node.get("name"), node.get("widget")
        found[name] = _field_specification(known[name]["type"], node)
        found.update({extra: {} for extra in WIDGETS.get(widget, ())})
    if "activity_type_id" in found:
        found["activity_type_id"] = {"fields": {"display_name": {}}}
    return found


def _field_specification(kind, node):
    if kind == "many2one":
        return {"fields": {"display_name": {}}}
    if kind == "many2many":
        return {"fields": {"display_name": {}, "color": {}}}
    return {}
