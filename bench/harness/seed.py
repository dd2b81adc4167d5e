"""The data every side starts from: one user, three products, won history.

The products have different taxes and prices that do not come out even, so that a
side that rounds or taxes in another way shows.
"""

from odoo import Command, api
from odoo.modules.registry import Registry

LOGIN = "bench"
GROUPS = (
    "base.group_user",
    "sales_team.group_sale_salesman",
    "crm.group_use_lead",
    "stock.group_stock_user",
    "account.group_account_invoice",
)
# name, price, cost, tax in percent
PRODUCTS = (
    ("Desk", 299.95, 180.30, 15.0),
    ("Chair", 79.49, 41.15, 15.0),
    ("Lamp", 24.99, 9.85, 7.7),
)
QUANTITIES = (2, 5, 1)
STOCK = 1_000_000
HISTORY = 20


def plant(database):
    """Put the seed into a database that has core's modules."""
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
        _stop_background(env)
        _plant_user(env)
        _plant_products(env)
        _plant_journal(env)
        _plant_history(env)


def give_role(database, role):
    """Give the user a role of ours, such as ``group_own``, if one is asked for."""
    if not role:
        return
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        user = env["res.users"].search([("login", "=", LOGIN)])
        group = env.ref(f"crm_security_roles.{role}")
        user.group_ids = [Command.link(group.id)]


def let_orders_win(database, *, win):
    """Whether our addons win the opportunity of a confirmed order. Core does not: by
    forms nobody does, on the sides by methods core's do it too.
    """
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param(
            "sale_quote_ext.order_wins_opportunity", win
        )


def _stop_background(env):
    env["ir.cron"].search([]).active = False
    env.company.stock_move_email_validation = False
    env.company.stock_text_confirmation = False
    # rendering a PDF is wkhtmltopdf's time, on every side the same
    env["mail.template"].search([]).report_template_ids = [Command.clear()]


def _plant_user(env):
    groups = [env.ref(xmlid).id for xmlid in GROUPS]
    user = env["res.users"].create(
        {
            "name": "Bench",
            "login": LOGIN,
            "email": "bench@example.com",
            "group_ids": [Command.set(groups)],
        }
    )
    env["crm.team"].search([], limit=1).member_ids = [Command.link(user.id)]


def _plant_products(env):
    percents = sorted({tax for *__, tax in PRODUCTS})
    taxes = env["account.tax"].create(
        [
            {"name": f"Sales {percent} %", "amount": percent, "type_tax_use": "sale"}
            for percent in percents
        ]
    )
    tax_ids = dict(zip(percents, taxes.ids, strict=True))
    products = env["product.product"].create(
        [
            {
                "name": name,
                "list_price": price,
                "standard_price": cost,
                "taxes_id": [Command.set([tax_ids[tax]])],
                "is_storable": True,
            }
            for name, price, cost, tax in PRODUCTS
        ]
    )
    shelf = env["stock.warehouse"].search([], limit=1).lot_stock_id
    for product in products:
        env["stock.quant"]._update_available_quantity(product, shelf, STOCK)


def _plant_journal(env):
    """Give the bank an outstanding account, so that payments have entries."""
    bank = env["account.journal"].search([("type", "=", "bank")], limit=1)
    account = env["account.account"].create(
        {
            "name": "Outstanding receipts",
            "code": "101499",
            "account_type": "asset_current",
            "reconcile": True,
        }
    )
    bank.inbound_payment_method_line_ids.payment_account_id = account


def _plant_history(env):
    """Won and lost leads, without which scoring takes different paths."""
    leads = env["crm.lead"].create(
        [
            {"name": f"History {number}", "type": "opportunity"}
            for number in range(HISTORY)
        ]
    )
    half = HISTORY // 2
    leads[:half].action_set_won()
    reason = env["crm.lost.reason"].create({"name": "No budget"})
    leads[half:].action_set_lost(lost_reason_id=reason.id)
