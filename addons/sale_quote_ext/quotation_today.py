"""A question about prices as they are now, put into the context of what is asked."""

from odoo import fields

CONTEXT_KEY = "quotation_today"


class Today:
    """Now, and the rules of pricelists that were found for some products: once for all
    of them. A request can put texts and numbers into the context, but no such object.
    """

    def __init__(self, products):
        self.now = fields.Datetime.now()
        self.products = products
        self.rules = {}

    def once(self, key, question):
        """:return: the answer to ``question``, asked once"""
        if key not in self.rules:
            self.rules[key] = question()
        return self.rules[key]


def today_of(env):
    """:return: the :class:`Today` under which prices are asked for, or None"""
    today = env.context.get(CONTEXT_KEY)
    return today if isinstance(today, Today) else None
