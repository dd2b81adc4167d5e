import json
import unittest
from contextlib import contextmanager

from odoo.tests import HttpCase, tagged
from odoo.tools.translate import code_translations

from .common import LinkCase

SEGMENTS = (
    ("crm_pipeline_ext", "Enquiry"),
    ("crm_pipeline_ext", "Opportunity"),
    ("sale_quote_ext", "Quotation"),
    ("sale_quote_ext", "Order"),
    ("sale_stock_invoice_link", "Delivered"),
    ("sale_stock_invoice_link", "Invoiced"),
    ("sale_stock_invoice_link", "Paid"),
)
ADDONS = list(dict.fromkeys(addon for addon, _label in SEGMENTS))

BAR_IS_SHOWN = "document.querySelector('.o_chain_bar .o_chain_next') !== null"
COMPARE = """
    const texts = (selector) =>
        [...document.querySelectorAll(selector)].map((one) => one.textContent.trim());
    const icons = [...document.querySelectorAll(".o_chain_head i")];
    const page = document.body;
    const seen = JSON.stringify({
        direction: getComputedStyle(page).direction,
        turned: page.classList.contains("o_rtl"),
        segments: texts(".o_chain_head"),
        next: texts(".o_chain_next"),
        states: [
            ...new Set(icons.map((icon) => icon.ariaLabel)),
        ],
    });
    const expected = JSON.stringify(%s);
    if (seen === expected) {
        console.log("test successful");
    } else {
        console.error(`The bar shows ${seen}, not ${expected}`);
    }
"""


@tagged("post_install", "-at_install")
class TestSaleChainTour(LinkCase, HttpCase):
    """One sale by clicks alone, from the enquiry to the payment, in each language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.group_ids += cls.env.ref("crm.group_use_lead")
        cls.pump.name = "Tour Pump"
        [cls.lead] = cls.make_leads(
            {
                "name": "Ten pumps",
                "contact_name": "Tour Customer",
                "email_from": "tour@example.com",
            }
        )

    def test_in_english(self):
        self.walk("en_US", "ltr")

    def test_in_persian(self):
        self.walk("fa_IR", "rtl")

    def test_in_mongolian(self):
        self.walk("mn_MN", "ltr")

    def walk(self, lang, direction):
        self.speak(lang)
        with self.never_skipped():
            self.start_tour(
                "/odoo",
                "sale_chain_salesperson",
                login=self.salesperson.login,
                timeout=180,
            )
            self.check_bar(lang, direction)
            self.start_tour(
                "/odoo",
                "sale_chain_accountant",
                login=self.accountant.login,
                timeout=120,
            )
        self.check_documents()

    def speak(self, lang):
        self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(ADDONS, [lang])
        (self.salesperson | self.accountant).lang = lang

    @contextmanager
    def never_skipped(self):
        """Without Chrome, core would skip the test and the run would look good."""
        try:
            yield
        except unittest.SkipTest as reason:
            raise AssertionError(f"The tour could not run: {reason}") from reason

    def check_bar(self, lang, direction):
        """What the bar says after the invoice was sent, word for word."""
        register = self.said("sale_stock_invoice_link", "Register Payment", lang)
        states = [self.shown(state, lang) for state in ("Done", "Under way")]
        expected = {
            "direction": direction,
            "turned": direction == "rtl",
            "segments": [self.said(addon, label, lang) for addon, label in SEGMENTS],
            "next": [self.shown("Next: %s", lang).replace("%s", register)],
            "states": states,
        }
        self.browser_js(
            f"/odoo/sales/{self.lead.order_ids.id}",
            COMPARE % json.dumps(expected),
            BAR_IS_SHOWN,
            login=self.salesperson.login,
        )

    def said(self, addon, term, lang):
        """:return: what Odoo says for ``term`` from Python"""
        terms = code_translations.get_python_translations(addon, lang)
        return self.translated(terms, term, lang)

    def shown(self, term, lang):
        """:return: what the client shows for ``term`` of the bar"""
        messages = code_translations.get_web_translations("crm_pipeline_ext", lang)
        terms = {row["id"]: row["string"] for row in messages["messages"]}
        return self.translated(terms, term, lang)

    def translated(self, terms, term, lang):
        if lang == "en_US":
            return term
        self.assertTrue(terms.get(term), f"“{term}” is not translated to {lang}")
        return terms[term]

    def check_documents(self):
        self.env.invalidate_all()
        order = self.lead.sudo().order_ids
        invoice = order.invoice_ids
        self.assertEqual(self.lead.chain_step, "payment")
        self.assertEqual(order.partner_id.email, "tour@example.com")
        self.assertEqual(order.order_line.product_uom_qty, 10)
        self.assertEqual(order.order_line.qty_delivered, 10)
        self.assertEqual(self.on_hand(self.pump), 90)
        self.assertEqual(invoice.state, "posted")
        self.assertTrue(invoice.is_move_sent)
        tax = self.tax_sale_a.amount / 100
        self.assertAlmostEqual(invoice.amount_total, 10 * 100 * (1 + tax))
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.amount_residual, 0)
        payment = invoice.matched_payment_ids
        self.assertEqual(payment.create_uid, self.accountant)
