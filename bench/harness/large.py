"""A large database: business of our own making, copied by SQL.

A hundred invoiced chains and a hundred open enquiries are copied with new ids,
names, numbers and e-mail addresses, each copy with its own customer, order and
invoice. Deliveries, messages and followers are not copied.
"""

from contextlib import closing

from odoo import sql_db

from . import databases, steps

SOURCES = 100
INVOICES = 60_000
LEADS = 200_000

# {table: {column: what a copy has there}}; the name of a table stands for the copy
# of the row that is linked to
CHAIN = {
    "res_partner": {
        "parent_id": "res_partner",
        "commercial_partner_id": "res_partner",
        "name": "name || ' ' || copy",
        "complete_name": "complete_name || ' ' || copy",
        "email": "copy || email",
        "email_normalized": "copy || email_normalized",
    },
    "crm_lead": {
        "partner_id": "res_partner",
        "name": "name || ' ' || copy",
        "email_from": "copy || email_from",
        "email_normalized": "copy || email_normalized",
    },
    "crm_lead_line": {"lead_id": "crm_lead"},
    "sale_order": {
        "opportunity_id": "crm_lead",
        "partner_id": "res_partner",
        "partner_invoice_id": "res_partner",
        "partner_shipping_id": "res_partner",
        "name": "name || '-' || copy",
    },
    "sale_order_line": {"order_id": "sale_order", "order_partner_id": "res_partner"},
    "account_move": {
        "partner_id": "res_partner",
        "commercial_partner_id": "res_partner",
        "partner_shipping_id": "res_partner",
        "sequence_number": "sequence_number + {sources} * copy",
        "name": "sequence_prefix || sequence_number + {sources} * copy",
        "payment_reference": "sequence_prefix || sequence_number + {sources} * copy",
        "invoice_origin": "invoice_origin || '-' || copy",
    },
    "account_move_line": {"move_id": "account_move", "partner_id": "res_partner"},
    "account_tax_sale_order_line_rel": {"sale_order_line_id": "sale_order_line"},
    "account_move_line_account_tax_rel": {"account_move_line_id": "account_move_line"},
    "sale_order_line_invoice_rel": {
        "order_line_id": "sale_order_line",
        "invoice_line_id": "account_move_line",
    },
}
ENQUIRY = {table: CHAIN[table] for table in ("crm_lead", "crm_lead_line")}
INVOICED = steps.STEPS[: steps.STEPS.index(steps.PAYMENT)]


def multiply(database, make, tables, copies):
    """Call ``make()`` and copy the rows that it leaves in these tables.

    :param tables: as CHAIN; one that is linked to comes before those that link to it
    """
    with closing(sql_db.db_connect(database).cursor()) as cr:
        before = _last_ids(cr, tables)
        cr.commit()
        make()
        made = {
            table: (before[table], last)
            for table, last in _last_ids(cr, tables).items()
        }
        for table, changes in tables.items():
            _copy_rows(cr, table, changes, made, copies)
        cr.commit()


def fill(side, chain):
    """Fill the database of our ``side`` until it holds LEADS and INVOICES.

    :param chain: the :class:`BatchChain` of the side, which knows the next number
    """
    _copy(side, chain, INVOICED, CHAIN, INVOICES // SOURCES)
    _copy(side, chain, (steps.LEAD,), ENQUIRY, (LEADS - INVOICES) // SOURCES)
    databases.analyze(side.database)


def _copy(side, chain, taken, tables, copies):
    """Take new leads some steps and copy what that leaves in these tables."""

    def make():
        chain.start(SOURCES)
        for step in taken:
            side.take(step)

    multiply(side.database, make, tables, copies)


def _last_ids(cr, tables):
    found = {}
    for table in tables:
        if not table.endswith("_rel"):
            cr.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            found[table] = cr.fetchone()[0]
    return found


def _copy_rows(cr, table, changes, made, copies):
    """Copy the rows of a table that were ``made``; ids move by their own span."""
    if not table.endswith("_rel"):
        changes = {"id": table, **changes}
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        (table,),
    )
    values = {column: column for (column,) in cr.fetchall()}
    for column, change in changes.items():
        if change in made:
            first, last = made[change]
            values[column] = (
                f"{column} + copy * {last - first} * ({column} > {first})::int"
            )
        elif change not in CHAIN:
            values[column] = change.format(sources=SOURCES)
    key, owner = next(iter(changes.items()))
    cr.execute(
        f"INSERT INTO {table} ({', '.join(values)}) "
        f"SELECT {', '.join(values.values())} "
        f"FROM {table}, generate_series(1, {copies}) AS copy "
        f"WHERE {key} > {made[owner][0]}"
    )
    if table in made:
        cr.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
