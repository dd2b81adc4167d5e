"""What the databases hold at the end, and whether the sides agree.

A faster side that did less would be worthless: business rows must be the same on
all sides, row by row, and the history users read must lack nothing that core's
own, record by record, has. Documents are named by their order or their customer,
whose names the sides share; ids and times are not compared.
"""

from collections import Counter
from contextlib import closing

from odoo import sql_db

# {name: (question, a change that its answer must show)}
BUSINESS = {
    "leads": (
        """
        SELECT lead.name, lead.type, lead.active, stage_id, won_status,
               partner.name, partner_name, contact_name, email_from, lead.phone,
               lead.email_normalized, lead.phone_sanitized, lead.user_id, team_id,
               lead.company_id, expected_revenue, probability, automated_probability,
               date_conversion IS NULL, date_closed IS NULL
          FROM crm_lead lead
          LEFT JOIN res_partner partner ON partner.id = lead.partner_id""",
        "UPDATE crm_lead SET probability = probability - 1 WHERE {last}",
    ),
    "customers": (
        """
        SELECT partner.name, partner.is_company, partner.active, parent.name,
               customer.name, partner.type, partner.email, partner.phone,
               partner.email_normalized, partner.phone_sanitized, partner.lang,
               partner.user_id, partner.company_id, partner.company_name,
               partner.commercial_company_name, partner.function
          FROM res_partner partner
          LEFT JOIN res_partner parent ON parent.id = partner.parent_id
          JOIN res_partner customer ON customer.id = partner.commercial_partner_id""",
        "UPDATE res_partner SET email = 'other' WHERE {last}",
    ),
    "orders": (
        """
        SELECT sale_order.name, partner.name, lead.name, sale_order.state,
               invoice_status, delivery_status, amount_untaxed, amount_tax,
               amount_total, sale_order.user_id, sale_order.team_id, origin,
               payment_term_id, fiscal_position_id, currency_id, warehouse_id,
               pricelist_id, picking_policy, locked, require_signature,
               require_payment, payer.name, place.name,
               validity_date - date_order::date, commitment_date IS NULL
          FROM sale_order
          JOIN res_partner partner ON partner.id = sale_order.partner_id
          JOIN res_partner payer ON payer.id = partner_invoice_id
          JOIN res_partner place ON place.id = partner_shipping_id
          JOIN crm_lead lead ON lead.id = opportunity_id""",
        "UPDATE sale_order SET amount_tax = amount_tax + 0.01 WHERE {last}",
    ),
    "order lines": (
        """
        SELECT sale_order.name, line.sequence, product_id, line.name,
               product_uom_id, product_uom_qty, qty_delivered, qty_to_invoice,
               qty_invoiced, untaxed_amount_to_invoice, untaxed_amount_invoiced,
               price_unit, discount, price_subtotal, price_tax, price_total,
               line.state, line.invoice_status, salesman_id, customer_lead,
               ARRAY(SELECT account_tax_id FROM account_tax_sale_order_line_rel
                      WHERE sale_order_line_id = line.id ORDER BY 1)
          FROM sale_order_line line
          JOIN sale_order ON sale_order.id = order_id""",
        "UPDATE sale_order_line SET qty_delivered = 0 WHERE {last}",
    ),
    "deliveries": (
        """
        SELECT sale_order.name, picking.origin, picking.state, picking_type_id,
               location_id, location_dest_id, partner.name, move_type, priority,
               picking.user_id, backorder_id IS NULL, date_done IS NULL
          FROM stock_picking picking
          JOIN sale_order ON sale_order.id = sale_id
          JOIN res_partner partner ON partner.id = picking.partner_id""",
        "UPDATE stock_picking SET state = 'assigned' WHERE {last}",
    ),
    "stock moves": (
        """
        SELECT sale_order.name, picking.origin, move.product_id, move.state,
               move.picked, move.product_uom, move.product_uom_qty, move.quantity,
               move.value, procure_method, rule_id, move.location_id,
               move.location_dest_id, partner.name,
               (SELECT sum(quantity) FROM stock_move_line
                 WHERE move_id = move.id AND state = 'done' AND picked)
          FROM stock_move move
          JOIN stock_picking picking ON picking.id = picking_id
          LEFT JOIN res_partner partner ON partner.id = move.partner_id
          JOIN sale_order_line line ON line.id = sale_line_id
          JOIN sale_order ON sale_order.id = order_id""",
        "UPDATE stock_move_line SET quantity = quantity - 1 WHERE {last}",
    ),
    "stock": (
        """
        SELECT product_id, location_id, sum(quantity), sum(reserved_quantity)
          FROM stock_quant GROUP BY 1, 2""",
        "UPDATE stock_quant SET quantity = quantity - 1 WHERE {last}",
    ),
    "invoices": (
        """
        SELECT invoice_origin, partner.name, move_type, state, payment_state,
               amount_untaxed, amount_tax, amount_total, amount_residual,
               invoice_user_id, move.team_id, journal_id, currency_id,
               invoice_payment_term_id, fiscal_position_id, place.name, move.ref,
               move.name = payment_reference, move.date - invoice_date,
               invoice_date_due - invoice_date, delivery_date - invoice_date,
               posted_before, checked, is_move_sent, narration
          FROM account_move move
          JOIN res_partner partner ON partner.id = move.partner_id
          JOIN res_partner place ON place.id = partner_shipping_id
         WHERE move_type <> 'entry'""",
        "UPDATE account_move SET amount_residual = 1 WHERE {last_invoice}",
    ),
    "invoice numbers": (
        "SELECT name FROM account_move WHERE move_type <> 'entry'",
        "UPDATE account_move SET name = 'none' WHERE {last_invoice}",
    ),
    "journal items": (
        """
        SELECT coalesce(invoice_origin, customer.name), line.account_id,
               line.display_type, line.product_id, line.quantity, line.price_unit,
               line.discount, line.price_subtotal, line.price_total, line.debit,
               line.credit, line.amount_currency, line.amount_residual,
               line.reconciled, line.matching_number IS NULL, line.parent_state,
               line.date_maturity - line.date, line.journal_id
          FROM account_move_line line
          JOIN account_move move ON move.id = move_id
          LEFT JOIN res_partner partner ON partner.id = line.partner_id
          LEFT JOIN res_partner customer
            ON customer.id = partner.commercial_partner_id""",
        "UPDATE account_move_line SET reconciled = NOT reconciled WHERE {last}",
    ),
    "taxes": (
        """
        SELECT invoice_origin, tax_line_id, tax_base_amount, line.balance,
               tax_repartition_line_id,
               ARRAY(SELECT account_tax_id FROM account_move_line_account_tax_rel
                      WHERE account_move_line_id = line.id ORDER BY 1)
          FROM account_move_line line
          JOIN account_move move ON move.id = move_id
         WHERE move_type <> 'entry'""",
        "UPDATE account_move_line SET tax_base_amount = 0 WHERE tax_line_id > 0",
    ),
    "journal balances": (
        """
        SELECT account_id, count(*), sum(debit), sum(credit), sum(amount_residual)
          FROM account_move_line GROUP BY 1""",
        "UPDATE account_move_line SET amount_residual = 0.01 WHERE {last}",
    ),
    "order lines invoiced": (
        """
        SELECT sale_order.name, move.invoice_origin, count(*)
          FROM sale_order_line_invoice_rel
          JOIN sale_order_line line ON line.id = order_line_id
          JOIN sale_order ON sale_order.id = line.order_id
          JOIN account_move_line item ON item.id = invoice_line_id
          JOIN account_move move ON move.id = item.move_id
         GROUP BY 1, 2""",
        "DELETE FROM sale_order_line_invoice_rel",
    ),
    "payments": (
        """
        SELECT customer.name, payment.state, payment_type, amount, is_reconciled,
               is_matched, payment.journal_id, payment_method_line_id,
               partner_type, outstanding_account_id, destination_account_id,
               ARRAY(SELECT invoice_origin
                       FROM account_move__account_payment
                       JOIN account_move ON account_move.id = invoice_id
                      WHERE payment_id = payment.id ORDER BY 1)
          FROM account_payment payment
          JOIN res_partner partner ON partner.id = payment.partner_id
          JOIN res_partner customer ON customer.id = partner.commercial_partner_id""",
        "DELETE FROM account_move__account_payment",
    ),
    "reconciled": (
        """
        SELECT debit_move.invoice_origin, customer.name, partial.amount,
               partial.full_reconcile_id IS NOT NULL
          FROM account_partial_reconcile partial
          JOIN account_move_line debit ON debit.id = debit_move_id
          JOIN account_move debit_move ON debit_move.id = debit.move_id
          JOIN account_move_line credit ON credit.id = credit_move_id
          JOIN res_partner partner ON partner.id = credit.partner_id
          JOIN res_partner customer ON customer.id = partner.commercial_partner_id""",
        "UPDATE account_partial_reconcile SET amount = amount - 0.01 WHERE {last}",
    ),
}
# Where OCA goes a way of its own: it pays as the contact, without a word for what.
DETAILS = {
    "customer ranks": (
        "SELECT name, customer_rank FROM res_partner",
        "UPDATE res_partner SET customer_rank = 7 WHERE {last}",
    ),
    "payers": (
        """
        SELECT partner.name, memo, amount, account_move.ref
          FROM account_payment payment
          JOIN res_partner partner ON partner.id = payment.partner_id
          JOIN account_move ON account_move.id = move_id""",
        "UPDATE account_payment SET memo = NULL WHERE {last}",
    ),
    "labels of journal items": (
        """
        SELECT coalesce(invoice_origin, partner.name), line.name, line.ref
          FROM account_move_line line
          JOIN account_move move ON move.id = move_id
          LEFT JOIN res_partner partner ON partner.id = line.partner_id""",
        "UPDATE account_move_line SET name = 'other' WHERE {last}",
    ),
}
# What users read beside the documents.
HISTORY = {
    "messages": """
        SELECT model, author.name, subtype.name->>'en_US'
          FROM mail_message message
          LEFT JOIN res_partner author ON author.id = author_id
          LEFT JOIN mail_message_subtype subtype ON subtype.id = subtype_id""",
    "tracking values": """
        SELECT message.model, author.name, subtype.name->>'en_US', field.name
          FROM mail_tracking_value
          JOIN mail_message message ON message.id = mail_message_id
          LEFT JOIN res_partner author ON author.id = author_id
          LEFT JOIN mail_message_subtype subtype ON subtype.id = subtype_id
          LEFT JOIN ir_model_fields field ON field.id = field_id""",
    "followers": """
        SELECT res_model, partner.name,
               ARRAY(SELECT subtype.name->>'en_US'
                       FROM mail_followers_mail_message_subtype_rel
                       JOIN mail_message_subtype subtype
                         ON subtype.id = mail_message_subtype_id
                      WHERE mail_followers_id = follower.id ORDER BY 1)
          FROM mail_followers follower
          JOIN res_partner partner ON partner.id = partner_id""",
    "notifications": """
        SELECT message.model, partner.name, notification_type,
               notification_status IN ('bounce', 'exception', 'canceled')
          FROM mail_notification
          JOIN mail_message message ON message.id = mail_message_id
          LEFT JOIN res_partner partner ON partner.id = res_partner_id""",
}
DOCUMENTS = (
    "crm.lead",
    "res.partner",
    "sale.order",
    "stock.picking",
    "account.move",
    "account.payment",
)
UNFINISHED = {
    "orders not sold, delivered and invoiced": """
        SELECT count(*) FROM sale_order
         WHERE (state, invoice_status, delivery_status)
               IS DISTINCT FROM ('sale', 'invoiced', 'full')""",
    "orders without tax": "SELECT count(*) FROM sale_order WHERE amount_tax <= 0",
    "e-mails not sent": "SELECT count(*) FROM mail_mail WHERE state <> 'sent'",
    "deliveries not done": "SELECT count(*) FROM stock_picking WHERE state <> 'done'",
    "invoices not posted, taxed, paid and settled": """
        SELECT count(*) FROM account_move
         WHERE move_type = 'out_invoice'
           AND (state <> 'posted' OR payment_state <> 'paid'
                OR amount_residual <> 0 OR amount_tax <= 0)""",
    "entries out of balance": """
        SELECT count(*) FROM (
            SELECT move_id FROM account_move_line
             GROUP BY 1 HAVING sum(debit) <> sum(credit)
        ) AS unbalanced""",
}
STEP_BEHIND = """
    SELECT count(*) FROM crm_lead
     WHERE id IN (SELECT opportunity_id FROM sale_order)
       AND chain_step IS DISTINCT FROM 'payment'"""
HAS_STEP = """
    SELECT FROM information_schema.columns
     WHERE table_name = 'crm_lead' AND column_name = 'chain_step'"""
LAST_INVOICE = """
    id = (SELECT max(id) FROM account_move WHERE move_type = 'out_invoice')"""
SHOWN = 2


def differences(core, other, facts=BUSINESS):
    """Return sentences on business rows in which ``other`` is not like ``core``."""
    found = []
    with _cursor(core) as ours, _cursor(other) as theirs:
        for name, (question, __) in facts.items():
            here, there = _rows(ours, question), _rows(theirs, question)
            if here != there:
                found.append(
                    f"{name} differ: {core} {_shown(here - there)}, "
                    f"{other} {_shown(there - here)}"
                )
    return found


def lost_history(core, other):
    """Return sentences on history of documents that ``other`` lacks."""
    found = []
    with _cursor(core) as ours, _cursor(other) as theirs:
        for name, question in HISTORY.items():
            lost = _rows(ours, question) - _rows(theirs, question)
            for model in DOCUMENTS:
                rows = Counter({row: lost[row] for row in lost if row[0] == model})
                if rows:
                    found.append(
                        f"{rows.total()} {name} of {model} that {core} has are not "
                        f"in {other}: {_shown(rows)}"
                    )
    return found


def unfinished(database, expected):
    """Return sentences on chains of ``database`` that did not reach their end."""
    found = []
    with _cursor(database) as cr:
        checks = dict(UNFINISHED)
        cr.execute(HAS_STEP)
        if cr.rowcount:
            checks["opportunities whose chain step is not 'payment'"] = STEP_BEHIND
        for name, question in checks.items():
            if rows := _number(cr, question):
                found.append(f"{database}: {rows} {name}")
        orders = _number(cr, "SELECT count(*) FROM sale_order")
    if orders != expected:
        found.append(f"{database}: {orders} orders instead of {expected}")
    return found


def blind_spots(database):
    """Return sentences on comparisons that would not notice a difference.

    Each is given a change of one column, which is taken back.
    """
    found = []
    with _cursor(database) as cr:
        for name, (question, change) in {**BUSINESS, **DETAILS}.items():
            before = _rows(cr, question)
            table = change.split()[1]
            cr.execute(
                change.format(
                    last=f"id = (SELECT max(id) FROM {table})",
                    last_invoice=LAST_INVOICE,
                )
            )
            if _rows(cr, question) == before:
                found.append(f"the comparison of {name} does not see: {change}")
            cr.rollback()
    return found


def _cursor(database):
    return closing(sql_db.db_connect(database).cursor())


def _rows(cr, question):
    """Return how often the answer holds each row."""
    cr.execute(question)
    return Counter(
        tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row)
        for row in cr.fetchall()
    )


def _number(cr, question):
    cr.execute(question)
    return cr.fetchone()[0]


def _shown(rows):
    """Return the first of these rows as text, and how many more there are."""
    some = sorted(rows, key=str)[:SHOWN]
    text = "; ".join(f"{rows[row]} x ({', '.join(map(str, row))})" for row in some)
    more = len(rows) - len(some)
    return f"{text or 'nothing'}" + (f"; and {more} more" if more else "")
