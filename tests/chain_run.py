"""Takes leads along the chain as a client would, and remembers what came of it."""

import functools
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from chain_books import Books
from support.clients import direct

SALES = ("sales_team.group_sale_salesman", "base.group_partner_manager")
STOCK = "stock.group_stock_user"
PEOPLE = {
    "sara": (*SALES, STOCK),
    "ahmad": ("account.group_account_invoice",),
    "omid": (*SALES, STOCK),
    "temuulen": SALES,
    "nomin": ("sales_team.group_sale_salesman_all_leads", STOCK),
}


class World:
    """A server with our people: a salesperson, an accountant and their colleagues."""

    def __init__(self, server):
        self.server = server
        self.books = Books(server.json2())
        self.users = {
            login: self.books.make_user(login, groups)
            for login, groups in PEOPLE.items()
        }
        server.make_api_keys(*PEOPLE)
        self.seller = server.json2("sara")
        self.accountant = server.json2("ahmad")

    def expect(self, text):
        """The server logs what it refuses; a test says which refusal it provokes."""
        self.server.expect(rf"odoo\.http: .*{re.escape(text)}")

    def give(self, lead_ids, login="sara"):
        """The manager hands leads out."""
        self.books.admin.call(
            "crm.lead", "write", ids=lead_ids, vals={"user_id": self.users[login]}
        )

    def add_lines(self, client, lead_id, lines):
        """``lines`` are (product code or name, quantity, discount)."""
        products = self.books.products({line[0] for line in lines})
        commands = [
            (
                0,
                0,
                {
                    "product_id": products[product]["id"],
                    "product_uom_qty": quantity,
                    "discount": discount,
                },
            )
            for product, quantity, discount in lines
        ]
        client.call("crm.lead", "write", ids=[lead_id], vals={"line_ids": commands})

    def post(self, login, path, body):
        """Any request at all; gives back its status and the parsed answer."""
        request = urllib.request.Request(
            f"{self.server.url}/json/2/{path}",
            data=json.dumps(body).encode(),
            headers=self.server.json2(login).headers,
        )
        try:
            with direct.open(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@functools.cache
def world_of(server):
    """The people are made once, whichever test asks first."""
    return World(server)


@dataclass
class Stage:
    """One step over many records, taken twice."""

    step: str
    done: list = field(default_factory=list)
    blocked: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    again: dict = field(default_factory=dict)
    after_again: dict = field(default_factory=dict)

    def made(self, model):
        """How many records of this kind the step brought."""
        return self.after[model] - self.before[model]


def take(world, client, step, ids, model="crm.lead", size=50):
    """Do a step in batches, then once more for those it did not block."""
    stage = Stage(step, before=world.books.counts())
    for start in range(0, len(ids), size):
        batch = existing(world, model, ids[start : start + size])
        result = run(client, step, batch, model)
        stage.done += result["done"]
        stage.blocked |= {int(key): value for key, value in result["blocked"].items()}
    stage.after = world.books.counts()
    free = [record_id for record_id in ids if record_id not in stage.blocked]
    stage.again = run(client, step, existing(world, model, free), model)
    stage.after_again = world.books.counts()
    return stage


def run(client, step, ids, model="crm.lead"):
    return client.call(model, "chain_run_step", ids=ids, step=step)


def existing(world, model, ids):
    """Without the leads that a batch before has merged into another one."""
    alive = world.books.by_id(model, ids, ["id"])
    return [record_id for record_id in ids if record_id in alive]


def nothing(result):
    return result == {"done": [], "blocked": {}}
