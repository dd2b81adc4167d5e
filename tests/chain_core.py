"""What people do with the sales by core's own buttons and wizards, not by ours."""

from chain_world import count_stock

from odoo.exceptions import UserError


def ship(picking, share, backorder):
    """Validate a share of what is reserved, keeping a backorder of the rest or not."""
    picking.action_assign()
    for move in picking.move_ids:
        move.quantity = int(move.quantity * share)
        move.picked = True
    options = {"skip_backorder": True}
    if not backorder:
        options["picking_ids_not_to_backorder"] = picking.ids
    validate(picking.with_context(**options))


def validate(picking):
    if picking.button_validate() is not True:
        raise UserError("Core asks something before it validates.")


def return_goods(picking, pieces, arrived):
    """Take back some pieces of each product; they may still be on their way."""
    wizard = (
        picking.env["stock.return.picking"]
        .with_context(active_id=picking.id, active_model="stock.picking")
        .create({})
    )
    for line in wizard.product_return_moves:
        line.quantity = min(pieces, line.move_id.quantity)
    back = picking.browse(wizard.action_create_returns()["res_id"])
    if arrived:
        validate(back)


def invoice(order, post):
    wizard = invoice_wizard(order, {"advance_payment_method": "delivered"})
    made = invoices_made(order, wizard.create_invoices)
    if post:
        made.action_post()


def down_payment(order, percent, post):
    values = {"advance_payment_method": "percentage", "amount": percent}
    made = invoices_made(order, invoice_wizard(order, values).create_invoices)
    if post:
        made.action_post()


def invoice_wizard(order, values):
    wizard = order.env["sale.advance.payment.inv"]
    context = {"active_model": "sale.order", "active_ids": order.ids}
    return wizard.with_context(**context).create(values)


def invoices_made(order, make):
    before = order.invoice_ids
    make()
    return order.invoice_ids - before


def refund(move, replace, post):
    """A credit note; with `replace`, posted at once and a new draft invoice made."""
    wizard = (
        move.env["account.move.reversal"]
        .with_context(active_model="account.move", active_ids=move.ids)
        .create({"journal_id": move.journal_id.id})
    )
    if replace:
        wizard.modify_moves()
    else:
        wizard.refund_moves()
        if post:
            wizard.new_move_ids.action_post()


def settle(credit_note, move):
    """Apply a credit note to an invoice of the same customer."""
    lines = (credit_note | move).line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
        and not line.reconciled
    )
    lines.reconcile()


def pay(move, share):
    wizard = (
        move.env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=move.ids)
        .create({})
    )
    if share < 1:
        wizard.amount = move.currency_id.round(wizard.amount * share)
    wizard.action_create_payments()


def unpay(move):
    """Take the latest payment of an invoice back."""
    payment = move.matched_payment_ids.sorted("id")[-1:]
    payment.action_draft()
    payment.action_cancel()


def restock(env, product, pieces):
    count_stock(env, product, env.ref("stock.warehouse0").lot_stock_id, pieces)
