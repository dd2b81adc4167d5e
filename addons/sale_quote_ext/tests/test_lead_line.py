from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import QuoteCase


@tagged("post_install", "-at_install")
class TestLeadLine(QuoteCase):
    def test_products_are_noted_on_the_form(self):
        form = Form(self.Lead.with_context(default_type="opportunity"))
        form.name = "Pumps for the north"
        with form.line_ids.new() as line:
            line.product_id = self.pump
            line.product_uom_qty = 5
        lead = form.save()
        self.assertEqual(lead.line_ids.product_uom_id, self.pump.uom_id)
        self.assertEqual(lead.line_ids.product_uom_qty, 5)

    def test_quantity_must_be_above_zero(self):
        for quantity in (0, -1):
            with self.subTest(quantity=quantity), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.cr.savepoint():
                    self.make_deals(
                        line_ids=[
                            (
                                0,
                                0,
                                {
                                    "product_id": self.pump.id,
                                    "product_uom_qty": quantity,
                                },
                            )
                        ]
                    )

    def test_discount_is_a_percentage(self):
        deal = self.make_deals()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            deal.line_ids[0].discount = 101
            self.env.flush_all()

    def test_lines_are_seen_by_those_who_see_the_lead(self):
        lines = self.make_deals().line_ids
        self.assertEqual(lines.with_user(self.salesperson)[0].product_uom_qty, 3)
        theirs = lines.with_user(self.colleague)
        self.assertFalse(theirs.search([("id", "in", lines.ids)]))
        for operation in (
            lambda: theirs.read(["discount"]),
            lambda: theirs.write({"discount": 50}),
            theirs.unlink,
        ):
            with self.assertRaises(AccessError):
                operation()

    def test_copy_keeps_the_lines(self):
        copy = self.make_deals().copy()
        self.assertEqual(copy.line_ids.mapped("product_uom_qty"), [3, 1])

    def test_merging_keeps_the_products_once(self):
        """The same enquiry sent twice is one; another product is added."""
        twice, other = self.make_deals(2)
        other.line_ids[1].product_id = self.make_product("Valve")
        deal = self.make_deals()
        merged = (deal | twice | other).merge_opportunity()
        self.assertEqual(
            sorted(merged.line_ids.product_id.mapped("name")),
            ["Assembly", "Pump", "Valve"],
        )
        self.assertEqual(len(merged.line_ids), 3)
