from odoo.tests import tagged

from .common import QuoteCase

SPECIFICATION = {"line_ids": {"fields": {}}}


@tagged("post_install", "-at_install")
class TestLeadHasLines(QuoteCase):
    """Core reads a list of lines by a query, be there any or none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.without = cls.make_leads({"type": "opportunity"}, {"type": "opportunity"})
        cls.having = cls.make_deals(2)

    def read_lines(self, leads, query_count):
        leads = leads.with_user(self.salesperson)
        leads.web_read(SPECIFICATION)
        leads.invalidate_recordset(["has_lines", "line_ids"])
        with self.assertQueryCount(query_count):
            found = leads.web_read(SPECIFICATION)
        return [[line["id"] for line in lead["line_ids"]] for lead in found]

    def test_without_products_nothing_is_asked_for(self):
        # the column itself
        self.assertEqual(self.read_lines(self.without, 1), [[], []])

    def test_those_with_products_are_read_together(self):
        ids = [lead.line_ids.ids for lead in self.having]
        self.assertEqual(self.read_lines(self.without | self.having, 2), [[], [], *ids])

    def test_first_line_and_last_line_are_noticed(self):
        [lead] = self.without[0]
        line = self.env["crm.lead.line"].create(
            {"lead_id": lead.id, "product_id": self.pump.id}
        )
        self.assertEqual(self.read_lines(lead, 2), [line.ids])
        line.lead_id = self.without[1]
        self.assertEqual(self.read_lines(self.without, 2), [[], line.ids])
        line.unlink()
        self.assertEqual(self.read_lines(self.without, 1), [[], []])
        self.assertEqual(self.without.mapped("has_lines"), [False, False])

    def test_lines_not_yet_written_are_seen(self):
        [lead] = self.without[0]
        lead.invalidate_recordset()
        lead.write({"line_ids": [(0, 0, {"product_id": self.pump.id})]})
        self.assertTrue(lead.line_ids)
        lead.invalidate_recordset(["line_ids"], flush=False)
        self.assertTrue(lead.line_ids)

    def test_copies_and_imports_know(self):
        self.assertTrue(self.having[0].copy().has_lines)
        found = self.Lead.load(
            ["name", "line_ids/product_id/.id"], [["By import", str(self.pump.id)]]
        )
        self.assertTrue(self.Lead.browse(found["ids"]).has_lines)

    def test_creating_without_products_asks_nothing_more(self):
        self.Lead.create({"name": "Warm up"})
        self.env.flush_all()
        lead = self.Lead.create({"name": "New"})
        with self.assertQueryCount(0):
            self.assertFalse(lead.has_lines)
