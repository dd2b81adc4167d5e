"""What the databases hold at the end, and whether the sides agree.

A faster side that did less would be worthless: the business rows of all sides
must be equal, and the history users read must not be shorter than core's.
"""

from contextlib import closing

from odoo import sql_db

BUSINESS = {
    "leads": "SELECT type, active, count(*) FROM crm_lead GROUP BY 1, 2",
    "customers": """
        SELECT is_company, parent_id IS NULL, count(*)
          FROM res_partner GROUP BY 1, 2""",
    "orders": """
        SELECT state, invoice_status, delivery_status, count(*),
               sum(amount_untaxed), sum(amount_tax), sum(amount_total)
          FROM sale_order GROUP BY 1, 2, 3""",
    "order lines": """
        SELECT count(*), sum(product_uom_qty), sum(qty_delivered),
               sum(qty_invoiced), sum(price_subtotal)
          FROM sale_order_line""",
    "orders by opportunity": """
        SELECT orders, count(*) FROM (
            SELECT count(*) AS orders FROM sale_order GROUP BY opportunity_id
        ) AS counted GROUP BY orders""",
    "deliveries": "SELECT state, count(*) FROM stock_picking GROUP BY 1",
    "stock moves": "SELECT state, count(*), sum(quantity) FROM stock_move GROUP BY 1",
    "stock": """
        SELECT product_id, usage, sum(quantity), sum(reserved_quantity)
          FROM stock_quant
          JOIN stock_location ON stock_location.id = stock_quant.location_id
         GROUP BY 1, 2""",
    "invoices": """
        SELECT move_type, state, payment_state, count(*),
               sum(amount_tax), sum(amount_total), sum(amount_residual)
          FROM account_move GROUP BY 1, 2, 3""",
    "journal balances": """
        SELECT account_id, count(*), sum(debit), sum(credit), sum(amount_residual)
          FROM account_move_line GROUP BY 1""",
    "payments": "SELECT state, count(*), sum(amount) FROM account_payment GROUP BY 1",
    "reconciled": "SELECT count(*), sum(amount) FROM account_partial_reconcile",
}
HISTORY = {
    "messages": "SELECT model, count(*) FROM mail_message GROUP BY 1",
    "tracking values": """
        SELECT model, count(*) FROM mail_tracking_value
          JOIN mail_message ON mail_message.id = mail_message_id GROUP BY 1""",
    "followers": "SELECT res_model, count(*) FROM mail_followers GROUP BY 1",
}
DOCUMENTS = ("crm.lead", "sale.order", "stock.picking", "account.move")
UNFINISHED = {
    "orders not sold, delivered and invoiced": """
        SELECT count(*) FROM sale_order
         WHERE (state, invoice_status, delivery_status)
               IS DISTINCT FROM ('sale', 'invoiced', 'full')""",
    "deliveries not done": "SELECT count(*) FROM stock_picking WHERE state <> 'done'",
    "invoices not posted, paid and settled": """
        SELECT count(*) FROM account_move
         WHERE move_type = 'out_invoice'
           AND (state <> 'posted' OR payment_state <> 'paid'
                OR amount_residual <> 0)""",
}
STEP_BEHIND = """
    SELECT count(*) FROM crm_lead
     WHERE id IN (SELECT opportunity_id FROM sale_order)
       AND chain_step IS DISTINCT FROM 'payment'"""


def differences(core, other):
    """Return sentences on business rows in which ``other`` is not like ``core``."""
    ours, theirs = _read(other, BUSINESS), _read(core, BUSINESS)
    return [
        f"{name} differ: core {_shown(theirs[name] - ours[name])}, "
        f"{other} {_shown(ours[name] - theirs[name])}"
        for name in BUSINESS
        if ours[name] != theirs[name]
    ]


def unfinished(database, expected, *, with_step):
    """Return sentences on chains of ``database`` that did not reach their end."""
    checks = dict(UNFINISHED)
    if with_step:
        checks["opportunities whose chain step is not 'payment'"] = STEP_BEHIND
    counts = _read(database, {**checks, "orders": "SELECT count(*) FROM sale_order"})
    found = [
        f"{database}: {rows} {name}"
        for name in checks
        if (rows := next(iter(counts[name]))[0])
    ]
    [(orders,)] = counts["orders"]
    if orders != expected:
        found.append(f"{database}: {orders} orders instead of {expected}")
    return found


def lost_history(core, other):
    """Yield sentences on messages, tracking and followers ``other`` lacks."""
    ours, theirs = _read(other, HISTORY), _read(core, HISTORY)
    for name in HISTORY:
        counted = dict(ours[name])
        for model, rows in dict(theirs[name]).items():
            if model in DOCUMENTS and counted.get(model, 0) < rows:
                there = counted.get(model, 0)
                yield f"{name} of {model}: {rows} on core, {there} on {other}"


def _shown(rows):
    return [tuple(map(str, row)) for row in sorted(rows, key=str)]


def _read(database, questions):
    with closing(sql_db.db_connect(database).cursor()) as cr:
        answers = {}
        for name, query in questions.items():
            cr.execute(query)
            answers[name] = set(cr.fetchall())
        return answers
