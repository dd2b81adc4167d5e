from dataclasses import replace
from datetime import datetime
from random import Random

from odoo.fields import Command
from odoo.tests import tagged

from .common_level import LevelCase
from .price_oracle import (
    APPLIED,
    Oracle,
    Pricelist,
    Product,
    Request,
    Rule,
    counted,
)

WORLDS = 20
REQUESTS = 15  # a world
DAYS = [datetime(2026, month, 1) for month in range(1, 13)]
RATES = {"one": {1: 2.0, 7: 2.5}, "two": {1: 0.04, 7: 0.03}}  # from month on
KINDS = {
    "variant": "0_product_variant",
    "product": "1_product",
    "category": "2_product_category",
    "all": "3_global",
}
BASES = {"list": "list_price", "cost": "standard_price"}


class OracleCase(LevelCase):
    """Random pricelists with rules by product, quantity, level and period, in three
    currencies and based on each other.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.levels = list(cls.gold | cls.silver | cls.plain)
        cls.units = {1: cls.pump.uom_id, 12: cls.env.ref("uom.product_uom_dozen")}
        cls.currencies = {"own": cls.env.company.currency_id, **cls.make_currencies()}
        cls.categories = cls.make_categories()
        cls.products = cls.make_products()
        cls.oracle = Oracle("own", cls.rate)
        cls.rules = {}  # of the oracle's: ours

    @classmethod
    def rate(cls, currency, date):
        rates = RATES.get(currency, {1: 1.0})
        return rates[max(month for month in rates if month <= date.month)]

    @classmethod
    def make_currencies(cls):
        return {
            name: cls.env["res.currency"].create(
                {
                    "name": f"X{name[:2].upper()}",
                    "symbol": name,
                    "rounding": 0.01,
                    "rate_ids": [
                        (0, 0, {"name": f"2026-{month:02}-01", "rate": rate})
                        for month, rate in rates.items()
                    ],
                }
            )
            for name, rates in RATES.items()
        }

    @classmethod
    def make_categories(cls):
        """:return: ``{path: category}``: two trees, one of them three levels deep"""
        result = {}
        for path in ("Pa", "Pa / Qa", "Pa / Qa / Ra", "Pb"):
            parent, _sep, name = path.rpartition(" / ")
            result[path] = cls.env["product.category"].create(
                {"name": name, "parent_id": parent and result[parent].id}
            )
        return result

    @classmethod
    def make_products(cls):
        """:return: ``{Product: product}``: the last two are variants of one template"""
        result = {}
        for number, path in enumerate(cls.categories):
            product = Product(10 + 7 * number, 6 + 3 * number, path)
            result[product] = cls.make_product(f"Product {number}")
            result[product].write(
                {
                    "categ_id": cls.categories[path].id,
                    "list_price": product.list_price,
                    "standard_price": product.cost,
                }
            )
        twin = Product(product.list_price, product.cost + 1, path, product)
        result[product], result[twin] = cls.make_variants(result[product])
        for variant in (product, twin):
            result[variant].standard_price = variant.cost
        return result

    @classmethod
    def make_variants(cls, product):
        """:return: the two variants ``product`` becomes"""
        colour = cls.env["product.attribute"].create(
            {
                "name": "Colour",
                "value_ids": [(0, 0, {"name": "Red"}), (0, 0, {"name": "Blue"})],
            }
        )
        line = {"attribute_id": colour.id, "value_ids": colour.value_ids.ids}
        # Not in the context of its creation, which makes no variants
        template = cls.env["product.template"].browse(product.product_tmpl_id.id)
        template.attribute_line_ids = [(0, 0, line)]
        return template.product_variant_ids

    # Random pricelists

    def random_world(self, random):
        """:return: ``[(the oracle's pricelist, ours)]``; each may be based on those
        before it
        """
        world = []
        for number in range(3):
            currency = random.choice(list(self.currencies))
            theirs = Pricelist(currency)
            ours = self.make_pricelists(
                f"World {number}", currency_id=self.currencies[currency].id
            )
            theirs.rules = self.random_rules(random, world)
            vals_list = [self.rule_vals(x, world) for x in theirs.rules]
            items = self.env["product.pricelist.item"].create(
                [{**vals, "pricelist_id": ours.id} for vals in vals_list]
            )
            self.rules.update(zip(theirs.rules, items, strict=True))
            world.append((theirs, ours))
        return world

    def random_rules(self, random, world):
        """:return: rules in the order of their creation. Half of them have a twin of
        other levels and another amount: so the last places of the order count.
        """
        rules = [self.random_rule(random, world) for _i in range(random.randint(4, 10))]
        for rule in random.sample(rules, len(rules) // 2):
            levels = frozenset() if rule.levels else frozenset(self.levels[:2])
            rules.append(replace(rule, levels=levels, amount=rule.amount + 3))
        random.shuffle(rules)
        for number, rule in enumerate(rules):
            rule.number = number
        return rules

    def random_rule(self, random, world):
        applied = random.choice(APPLIED)
        targets = self.categories if applied == "category" else self.products
        if applied == "product":
            targets = [x for x in targets if not x.template]
        kind = random.choice(["fixed", "percentage", "formula"])
        bases = ["list", *(x for x, _ours in world)]
        rule = Rule(
            applied=applied,
            target=random.choice(list(targets)) if applied != "all" else None,
            kind=kind,
            base=random.choice([*bases, "cost"] if kind == "formula" else bases),
            amount=random.choice([0, 5, 7.5, 12, 33]),
            min_quantity=random.choice([0, 0, 1, 3, 12, 24]),
            levels=frozenset(random.sample(self.levels, random.choice([0, 0, 1, 2]))),
        )
        if random.random() < 0.5:
            rule.start = random.choice([None, *DAYS[:6]])
            rule.end = random.choice([None, *DAYS[6:]])
        if kind == "formula":
            rule.rounding = random.choice([0, 0.5, 5])
            rule.surcharge = random.choice([0, 1.25, -0.75])
            rule.min_margin = random.choice([0, 0, -2, 1])
            rule.max_margin = random.choice([max(rule.min_margin, 0), 3])
        return rule

    def rule_vals(self, rule, world):
        vals = {
            "applied_on": KINDS[rule.applied],
            "compute_price": rule.kind,
            "min_quantity": rule.min_quantity,
            "date_start": rule.start,
            "date_end": rule.end,
            "level_ids": [level.id for level in rule.levels],
            "price_round": rule.rounding,
            "price_surcharge": rule.surcharge,
            "price_min_margin": rule.min_margin,
            "price_max_margin": rule.max_margin,
            **self.target_vals(rule),
        }
        if isinstance(rule.base, Pricelist):
            vals["base"] = "pricelist"
            vals["base_pricelist_id"] = dict(world)[rule.base].id
        else:
            vals["base"] = BASES[rule.base]
        amounts = {"fixed": "fixed_price", "percentage": "percent_price"}
        return {**vals, amounts.get(rule.kind, "price_discount"): rule.amount}

    def target_vals(self, rule):
        if rule.applied == "category":
            return {"categ_id": self.categories[rule.target].id}
        if rule.applied == "product":
            return {"product_tmpl_id": self.products[rule.target].product_tmpl_id.id}
        if rule.applied == "variant":
            return {"product_id": self.products[rule.target].id}
        return {}

    def random_request(self, random):
        return Request(
            product=random.choice(list(self.products)),
            quantity=random.choice([1, 2, 3, 5, 12, 23, 24, 40]),
            per_unit=random.choice(list(self.units)),
            date=random.choice(DAYS),
            level=random.choice([None, *self.levels]),
        )


@tagged("post_install", "-at_install")
class TestPriceOracle(OracleCase):
    """Prices against an oracle that knows no Odoo."""

    def test_random_prices_are_those_of_the_oracle(self):
        random = Random(20260615)
        seen = set()
        for number in range(WORLDS):
            world = self.random_world(random)
            for _request in range(REQUESTS):
                theirs, ours = random.choice(world)
                request = self.random_request(random)
                with self.subTest(world=number, request=request):
                    rule = self.check(theirs, ours, request)
                seen.add((rule.applied, bool(rule.levels)) if rule else None)
        self.assertEqual(len(seen), 2 * len(APPLIED) + 1, "some kind was never asked")

    def check(self, theirs, ours, request):
        """:return: the rule both have found"""
        price, rule = self.oracle.price(theirs, request)
        product = self.products[request.product]
        found = ours._compute_price_rule(
            product,
            request.quantity,
            uom=self.units[request.per_unit],
            date=request.date,
            customer_level=request.level,
        )[product.id]
        self.assertEqual(found[1], rule and self.rules[rule].id or False)
        self.assertAlmostEqual(found[0], price, places=6)
        return rule


@tagged("post_install", "-at_install")
class TestCountOracle(OracleCase):
    """Lines of quotations that are changed at random, where breaks count over lines of
    the same product or category, against the same oracle.
    """

    CHANGES = 4  # of each quotation

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product in cls.products.values():
            product.taxes_id = False

    def test_prices_of_random_quotations_are_those_of_the_oracle(self):
        random = Random(20260616)
        together = 0
        for number in range(WORLDS):
            world = self.random_world(random)
            for scope in ("template", "category", ""):
                with self.subTest(world=number, scope=scope):
                    together += self.check_quotation(random, world, scope)
        self.assertGreater(together, WORLDS, "hardly any lines counted together")

    def check_quotation(self, random, world, scope):
        """:return: how often a line was cheaper for those beside it"""
        self.env["ir.config_parameter"].set_param("sale_quote_ext.break_scope", scope)
        theirs, ours = random.choice(world)
        date, level = random.choice(DAYS), random.choice([None, *self.levels])
        requests = [self.line_request(random, date, level) for _i in range(4)]
        order = self.env["sale.order"].create(
            {
                "partner_id": self.make_customers(grade_id=level and level.id).id,
                "pricelist_id": ours.id,
                "date_order": date,
                "order_line": [Command.create(self.line_vals(x)) for x in requests],
            }
        )
        found = self.check_lines(order, theirs, requests, scope)
        for _change in range(self.CHANGES):
            self.change(random, order, requests)
            found += self.check_lines(order, theirs, requests, scope)
        return found

    def line_request(self, random, date, level):
        request = self.random_request(random)
        return replace(request, date=date, level=level)

    def line_vals(self, request):
        return {
            "product_id": self.products[request.product].id,
            "product_uom_id": self.units[request.per_unit].id,
            "product_uom_qty": request.quantity,
        }

    def change(self, random, order, requests):
        """One line is changed, taken away, or added, in both worlds."""
        place = random.randrange(len(requests))
        request = requests[place]
        new = self.line_request(random, request.date, request.level)
        kind = random.choice(["quantity", "line", "add", "remove"])
        if kind == "quantity":
            requests[place] = replace(request, quantity=new.quantity)
            order.order_line[place].product_uom_qty = new.quantity
        elif kind == "line":
            requests[place] = new
            order.order_line[place].write(self.line_vals(new))
        elif kind == "add":
            requests.append(new)
            order.order_line = [Command.create(self.line_vals(new))]
        elif len(requests) > 1:
            del requests[place]
            order.order_line[place].unlink()

    def check_lines(self, order, theirs, requests, scope):
        cheaper = 0
        quantities = counted(requests, scope)
        for line, request, quantity in zip(
            order.order_line, requests, quantities, strict=True
        ):
            alone = self.oracle.price(theirs, request)[0]
            price = self.oracle.price(theirs, replace(request, quantity=quantity))[0]
            self.assertAlmostEqual(line.price_unit, price, places=6)
            cheaper += quantity != request.quantity and price < alone
        return cheaper
