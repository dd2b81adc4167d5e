"""What a revision of a quotation says, and what differs between two: as texts in the
user's language.

A revision is JSON, its keys the names of fields of the order and of its lines; see
``sale.order._revision_content()``.
"""

from odoo import fields
from odoo.tools import format_date, formatLang

TERMS = ("partner_id", "pricelist_id", "payment_term_id", "validity_date", "note")
TOTALS = ("amount_untaxed", "amount_tax", "amount_total")
LINE = (
    "name",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "price_subtotal",
)
NAMED = {"product_uom_id": "uom.uom", "tax_ids": "account.tax"}
PRECISIONS = {
    "product_uom_qty": "Product Unit",
    "price_unit": "Product Price",
    "discount": "Discount",
}


class RevisionText:
    """The texts of revisions in one currency."""

    def __init__(self, env, currency):
        self.env, self.currency = env, currency

    def label(self, name):
        """:return: what the form calls a field of the order or of its lines"""
        for model in ("sale.order.line", "sale.order"):
            field = self.env[model]._fields.get(name)
            if field and (name in LINE) == (model == "sale.order.line"):
                return field._description_string(self.env)
        return name

    def value(self, name, value):
        """:return: the value of a field, as text"""
        if name == "validity_date":
            return format_date(self.env, fields.Date.to_date(value)) if value else ""
        if name in TOTALS or name == "price_subtotal":
            return formatLang(self.env, value or 0, currency_obj=self.currency)
        if name in PRECISIONS:
            return formatLang(self.env, value or 0, dp=PRECISIONS[name])
        if name in NAMED:
            ids = value if isinstance(value, list) else [value] if value else []
            records = self.env[NAMED[name]].sudo().browse(ids).exists()
            return ", ".join(records.mapped("name"))
        return value or ""

    def line(self, line):
        """:return: the amounts of one line, in a few words"""
        if line["display_type"]:
            return ""
        text = "{} {} × {}".format(
            self.value("product_uom_qty", line["product_uom_qty"]),
            self.value("product_uom_id", line["product_uom_id"]),
            self.value("price_unit", line["price_unit"]),
        )
        if line["discount"]:
            text += " − {} %".format(self.value("discount", line["discount"]))
        return f"{text} = " + self.value("price_subtotal", line["price_subtotal"])

    # One revision

    def terms(self, content):
        """:return: pairs of a label and a text"""
        return [
            (self.label(name), self.value(name, content["terms"].get(name)))
            for name in TERMS
            if content["terms"].get(name)
        ]

    def totals(self, content):
        """:return: pairs of a label and a text"""
        return [
            (self.label(name), self.value(name, content["totals"].get(name)))
            for name in TOTALS
        ]

    def header(self):
        return [self.label(name) for name in LINE]

    def rows(self, content):
        """:return: the lines, each the texts of its fields"""
        return [
            [self.value(name, line[name]) for name in LINE]
            if not line["display_type"]
            else [line["name"]]
            for line in content["lines"]
        ]

    # Two revisions

    def changes(self, before, after):
        """:return: dicts of ``kind`` (``terms``, ``added``, ``removed``, ``changed``,
            ``totals``), ``name`` (the line's), ``label``, ``was`` and ``is``
        """
        return [
            *self._changed("terms", "", before["terms"], after["terms"], TERMS),
            *self._line_changes(before["lines"], after["lines"]),
            *self._changed("totals", "", before["totals"], after["totals"], TOTALS),
        ]

    def _changed(self, kind, name, before, after, names):
        for key in names:
            was, now = (self.value(key, x.get(key)) for x in (before, after))
            if was != now:
                yield {
                    "kind": kind,
                    "name": name,
                    "label": self.label(key),
                    "was": was,
                    "is": now,
                }

    def _line_changes(self, before, after):
        old = {line["id"]: line for line in before}
        new = {line["id"]: line for line in after}
        for key, line in old.items():
            if key in new:
                yield from self._changed(
                    "changed", title(new[key]), line, new[key], LINE
                )
            else:
                yield self._whole("removed", line, was=self.line(line))
        for key, line in new.items():
            if key not in old:
                yield self._whole("added", line, now=self.line(line))

    def _whole(self, kind, line, was="", now=""):
        name = title(line)
        return {"kind": kind, "name": name, "label": "", "was": was, "is": now}


def title(line):
    """:return: the first line of what a line is called"""
    return (line["name"] or "").split("\n", 1)[0]
