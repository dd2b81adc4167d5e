"""Odoo in this very process, on a copy of the demo data, with sales at every step.

Thousands of actions, each looked at from all sides, would take hours over the network.
Nothing is committed after the world is made: whoever plays in it rolls back.
"""

import io
from contextlib import contextmanager
from unittest.mock import patch

import odoo
from odoo import api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tools import config
from odoo.tools.pdf import PdfFileWriter

from odoo.addons.base.models.ir_actions_report import IrActionsReport

SELLER = (
    "sales_team.group_sale_salesman",
    "base.group_partner_manager",
    "stock.group_stock_user",
)
BOSS = (
    "sales_team.group_sale_manager",
    "base.group_partner_manager",
    "stock.group_stock_manager",
    "account.group_account_manager",
)
# Product: type, price, invoiced on what was delivered or ordered, pieces in stock.
PRODUCTS = {
    "Pump": ("consu", 100, "delivery", 26),
    "Valve": ("consu", 7.35, "order", 16),
    "Assembly": ("service", 40, "order", 0),
}
# What customers ask for: product, pieces, discount.
BASKETS = (
    [("Pump", 3, 10), ("Assembly", 1, 0)],
    [("Valve", 4, 0)],
    [("Pump", 6, 0), ("Valve", 5, 5), ("Assembly", 2, 0)],
    [],
)
# The sales there are when an example begins: step reached and basket.
SALES = {
    "enquiry": ("lead", 0),
    "empty enquiry": ("lead", 3),
    "opportunity": ("opportunity", 2),
    "quotation": ("quotation", 0),
    "sent": ("send", 1),
    "ordered": ("order", 0),
    "also ordered": ("order", 2),
    "delivered": ("delivery", 0),
    "invoiced": ("invoice", 2),
    "paid": ("payment", 0),
}


class World:
    """The database, its people, products and sales."""

    def __init__(self, conf, database):
        config.parse_config(["-c", str(conf), "-d", database], setup_logging=False)
        self.database = database
        self.registry = Registry(database)
        with self.registry.cursor() as cr, testing():
            self._make(api.Environment(cr, api.SUPERUSER_ID, {}))

    def close(self):
        self.registry.clear_all_caches()
        odoo.sql_db.close_db(self.database)

    @contextmanager
    def example(self):
        """The cursor of one example, which leaves nothing behind."""
        cr = self.registry.cursor()
        cr.commit = refuse_to_commit
        try:
            with testing():
                yield cr
        finally:
            cr.rollback()
            self.registry.reset_changes()
            cr.close()

    def env(self, cr, who="boss", **context):
        """The environment of one of our people, in the main company."""
        company = {"allowed_company_ids": [self.company_id], "lang": "en_US"}
        return api.Environment(cr, self.users[who], {**company, **context})

    # -- how it is made --------------------------------------------------------------

    def _make(self, env):
        company = env.ref("base.main_company")
        self.company_id = company.id
        self.users = {
            name: self._make_user(env, name, groups).id
            for name, groups in (("boss", BOSS), ("seller", SELLER))
        }
        # Whatever comes after these ids belongs to us.
        self.first = {table: newest(env.cr, table) for table in OWN_TABLES}
        self.products = {
            name: self._make_product(env, name, *values)
            for name, values in PRODUCTS.items()
        }
        boss = self.env(env.cr)
        self.leads = {name: self._make_sale(boss, name, *SALES[name]) for name in SALES}

    def _make_user(self, env, name, groups):
        company = env.ref("base.main_company")
        values = {
            "name": name.title(),
            "login": f"{name}@chain",
            "email": f"{name}@chain.example",
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, [env.ref(group).id for group in groups])],
        }
        return env["res.users"].with_context(no_reset_password=True).create(values)

    def _make_product(self, env, name, kind, price, policy, pieces):
        company = env.ref("base.main_company")
        product = env["product.product"].create(
            {
                "name": name,
                "type": kind,
                "is_storable": kind == "consu",
                "list_price": price,
                "invoice_policy": policy,
                "taxes_id": [(6, 0, company.account_sale_tax_id.ids)],
            }
        )
        if pieces:
            warehouse = env.ref("stock.warehouse0")
            count_stock(env, product, warehouse.lot_stock_id, pieces)
        return product.id

    def _make_sale(self, env, name, step, basket):
        mailbox = f"{name.replace(' ', '.')}@customers.example"
        lead = self.make_lead(env, name, mailbox, basket)
        for done in lead._chain_steps():
            if lead.chain_step == step:
                break
            # Nobody can tell a sent quotation from one that was marked as sent.
            if done == "send":
                lead.order_ids.action_quotation_sent()
            elif done == "send_invoice":
                lead.order_ids.invoice_ids.is_move_sent = True
            else:
                lead.chain_run_step(done)
        assert lead.chain_step == step, (name, lead.chain_step)
        return lead.id

    def make_lead(self, env, name, mailbox, basket):
        """An enquiry of the seller's, as a form on a website would bring it."""
        return env["crm.lead"].create(
            {
                "name": name,
                "type": "lead",
                "contact_name": mailbox.split("@")[0].title(),
                "email_from": mailbox,
                "user_id": self.users["seller"],
                "line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.products[product],
                            "product_uom_qty": pieces,
                            "discount": discount,
                        },
                    )
                    for product, pieces, discount in BASKETS[basket]
                ],
            }
        )


OWN_TABLES = (
    "crm_lead",
    "sale_order",
    "stock_picking",
    "account_move",
    "res_partner",
    "product_product",
)


def newest(cr, table):
    cr.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
    return cr.fetchone()[0]


def count_stock(env, product, location, pieces):
    """An inventory count: so many pieces are on this shelf."""
    quant = env["stock.quant"].with_context(inventory_mode=True)
    values = {"product_id": product.id, "location_id": location.id}
    quant.create({**values, "inventory_quantity": pieces}).action_apply_inventory()


@contextmanager
def testing():
    """Odoo's own test mode, in which nothing is committed; PDFs are empty pages."""
    module.current_test = True
    try:
        with patch.object(IrActionsReport, "_pre_render_qweb_pdf", empty_pages):
            yield
    finally:
        module.current_test = False


def empty_pages(_report, _reference, res_ids=None, data=None):
    """Stands in for the PDF printer, which takes a second a page."""
    writer, page = PdfFileWriter(), io.BytesIO()
    writer.add_blank_page(width=100, height=100)
    writer.write(page)
    pages = {key: io.BytesIO(page.getvalue()) for key in res_ids}
    return {k: {"stream": page, "attachment": None} for k, page in pages.items()}, "pdf"


def refuse_to_commit():
    raise AssertionError("something committed in the middle of a transaction")
