"""What 500 lines cost to price among 5,000 rules, without and with our addons.

Both sides have the same rules. On ours the lines are priced twice: for a customer of no
level, where every price must be core's, and for one of a level that every fifth of the
rules is for.
"""

import random
import time
from datetime import timedelta
from statistics import median

from odoo import Command, api, fields
from odoo.modules.registry import Registry

from . import goals
from .probe import Probe

PRODUCTS, CATEGORIES, RULES, LEVELLED = 500, 20, 5_000, 5
QUANTITY, ROUNDS = 12, 5


class Prices:
    """Both sides' prices in turn."""

    def __init__(self, core, ours):
        self._sides = [Side("core", core), Side("ours", ours)]
        self._sides.append(Side("ours, a level", ours, level=True))
        self.lines, self.goals, self.problems = [], [], []

    def run(self):
        """Measure and judge."""
        for side in self._sides:
            side.plant()
            side.take()
        for _round in range(ROUNDS):
            for side in self._sides:
                side.costs.append(side.take())
        self._report()

    def _report(self):
        core, ours, levelled = self._sides
        if core.prices != ours.prices:
            self.problems.append("prices: ours differ from core's")
        self.lines += ["", "Prices of 500 lines among 5,000 rules: ms, queries, ratio"]
        ratios, queries = [], []
        for side in self._sides:
            times = [cost[0] for cost in side.costs]
            queries.append(max(cost[1] for cost in side.costs))
            pairs = zip(side.costs, core.costs, strict=True)
            ratios.append(median(own[0] / base[0] for own, base in pairs))
            self.lines.append(
                f"  {side.label:14} {median(times) * 1e3:8.1f} {queries[-1]:4} "
                f"{ratios[-1]:6.2f}"
            )
        assert levelled.prices != ours.prices, "no rule for the level applied"
        extra = max(queries[1:]) - queries[0]
        self.goals += goals.price_goals(extra, max(ratios[1:]))


class Side:
    """One database, and a customer with or without a level."""

    def __init__(self, label, database, level=False):
        self.label = label
        self.costs, self.prices = [], []
        self._database, self._level = database, level
        self._probe = Probe(database)
        self._level_id = False

    def plant(self):
        """Make products and rules: the same on each side, whatever the level."""
        chance = random.Random(5)
        with Registry(self._database).cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            categories = env["product.category"].create(
                [{"name": f"Category {n}"} for n in range(CATEGORIES)]
            )
            products = env["product.product"].create(
                [
                    {
                        "name": f"Priced {n}",
                        "list_price": 10 + n,
                        "categ_id": categories[n % CATEGORIES].id,
                    }
                    for n in range(PRODUCTS)
                ]
            )
            pricelist = env["product.pricelist"].create({"name": "Many rules"})
            rules = [
                {
                    "pricelist_id": pricelist.id,
                    **_target(chance, products, categories),
                    **_terms(chance),
                }
                for _rule in range(RULES)
            ]
            if self._level:
                level = env["res.partner.grade"].create({"name": "Gold"})
                self._level_id = level.id
                for rule in rules[::LEVELLED]:
                    rule["level_ids"] = [Command.set(level.ids)]
            env["product.pricelist.item"].create(rules)
            self._products, self._pricelist_id = products.ids, pricelist.id

    def take(self):
        """Return the seconds and the queries of pricing all lines once."""
        with (
            Registry(self._database).cursor() as cr,
            self._probe.step("prices") as cost,
            self._probe.request(),
        ):
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            pricelist = env["product.pricelist"].browse(self._pricelist_id)
            products = env["product.product"].browse(self._products)
            what = {}
            if self._level_id:
                level = env["res.partner.grade"].browse(self._level_id)
                what = {"customer_level": level}
            started = time.perf_counter()
            found = pricelist._compute_price_rule(products, QUANTITY, **what)
            seconds = time.perf_counter() - started
        self.prices = [found[product_id][0] for product_id in self._products]
        return seconds, cost.queries


def _target(chance, products, categories):
    """What a rule is for: mostly one product, sometimes a category, seldom all."""
    kind = chance.random()
    if kind < 0.85:
        product = products[chance.randrange(PRODUCTS)]
        return {"applied_on": "0_product_variant", "product_id": product.id}
    if kind < 0.99:
        category = categories[chance.randrange(CATEGORIES)]
        return {"applied_on": "2_product_category", "categ_id": category.id}
    return {"applied_on": "3_global"}


def _terms(chance):
    """From which quantity, when, and how much."""
    today = fields.Datetime.now()
    terms = {
        "min_quantity": chance.choice((0, 5, 10, 50, 100)),
        "compute_price": "percentage",
        "percent_price": chance.randrange(1, 40),
    }
    if chance.random() < 0.3:
        start = today + timedelta(days=chance.randrange(-90, 60))
        terms |= {"date_start": start, "date_end": start + timedelta(days=45)}
    return terms
