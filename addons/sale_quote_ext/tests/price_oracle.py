"""What a price should be, in plain Python: an oracle for the pricelists.

It shares nothing with Odoo: rules are dictionaries, everything else is passed in.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime

APPLIED = ("variant", "product", "category", "all")


@dataclass(eq=False)
class Product:
    list_price: float
    cost: float
    category: str  # its path, such as "A / B"
    template: "Product | None" = None  # itself, if it is one of a kind


@dataclass(eq=False)
class Rule:
    applied: str  # one of APPLIED
    target: object = None  # Product, or the path of a category
    kind: str = "fixed"  # fixed, percentage, formula
    base: object = "list"  # list, cost, or a Pricelist
    amount: float = 0  # price or percent off
    rounding: float = 0
    surcharge: float = 0
    min_margin: float = 0
    max_margin: float = 0
    min_quantity: float = 0
    start: datetime | None = None
    end: datetime | None = None
    levels: frozenset = frozenset()
    number: int = 0  # later rules have higher ones


@dataclass(eq=False)
class Pricelist:
    currency: str
    rules: list = field(default_factory=list)


@dataclass
class Request:
    product: Product
    quantity: float  # in the unit
    per_unit: float  # how many of the product's own units the unit has
    date: datetime
    level: object = None


def counted(requests, scope):
    """:return: for each of the requests of one order, how many of its unit count:
    ``scope`` is ``template``, ``category``, or nothing
    """

    def key(request):
        product = request.product
        return product.category if scope == "category" else product.template or product

    totals = {}
    for request in requests:
        own = request.quantity * request.per_unit
        totals[key(request)] = totals.get(key(request), 0) + own
    if not scope:
        return [request.quantity for request in requests]
    return [totals[key(x)] / x.per_unit for x in requests]


class Oracle:
    def __init__(self, company_currency, rate):
        """:param rate: ``rate(currency, date)``, how many make one of the company's"""
        self.company_currency = company_currency
        self.rate = rate

    def price(self, pricelist, request):
        """:return: the price of one unit in the pricelist's currency, and the rule"""
        rule = self.rule(pricelist, request)
        return self._price(rule, pricelist.currency, request), rule

    def rule(self, pricelist, request):
        rules = [rule for rule in pricelist.rules if self._applies(rule, request)]
        # Stable sorts, least important first
        rules.sort(key=lambda rule: -rule.number)
        rules.sort(key=lambda rule: not rule.levels)
        rules.sort(
            key=lambda rule: rule.target if rule.applied == "category" else "",
            reverse=True,
        )
        rules.sort(key=lambda rule: -rule.min_quantity)
        rules.sort(key=lambda rule: APPLIED.index(rule.applied))
        return rules[0] if rules else None

    def _applies(self, rule, request):
        product, category = request.product, request.product.category
        return (
            (not rule.start or rule.start <= request.date)
            and (not rule.end or request.date <= rule.end)
            and request.quantity * request.per_unit >= rule.min_quantity
            and (not rule.levels or request.level in rule.levels)
            and {
                "all": True,
                "category": f"{category} / ".startswith(f"{rule.target} / "),
                "product": rule.target is (product.template or product),
                "variant": rule.target is product,
            }[rule.applied]
        )

    def _price(self, rule, currency, request):
        per_unit = request.per_unit
        if rule and rule.kind == "fixed":
            return rule.amount * per_unit
        base = self._base(rule.base if rule else "list", currency, request)
        if not rule:
            return base
        price = base * (1 - rule.amount / 100)
        if rule.kind == "percentage":
            return price
        if rule.rounding:
            price = math.floor(price / rule.rounding + 0.5 + 1e-9) * rule.rounding
        price += rule.surcharge * per_unit
        if rule.min_margin:
            price = max(price, base + rule.min_margin * per_unit)
        if rule.max_margin:
            price = min(price, base + rule.max_margin * per_unit)
        return price

    def _base(self, base, currency, request):
        if isinstance(base, Pricelist):
            price, source = self.price(base, request)[0], base.currency
        else:
            product = request.product
            price = product.list_price if base == "list" else product.cost
            price, source = price * request.per_unit, self.company_currency
        if source == currency:
            return price
        in_company_currency = price / self.rate(source, request.date)
        return in_company_currency * self.rate(currency, request.date)
