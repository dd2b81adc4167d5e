"""What the documents of the sales say, read by SQL and judged without our addons.

`Facts` is a picture of all documents at one moment. It knows at which step a sale
stands, by the words of docs/architecture.md and the addons' READMEs and not by their
code, and what must hold whatever was done.
"""

from collections import Counter, defaultdict
from functools import cached_property

STEPS = (
    "lead",
    "opportunity",
    "quotation",
    "send",
    "order",
    "delivery",
    "invoice",
    "send_invoice",
    "payment",
)
CENT = 0.005
# What accounting notes on an invoice when the one numbered before it changes.
OF_NEIGHBOURS = {"made_sequence_gap", "write_uid", "write_date"}

# Each table with the documents of the sales in it; the lines name what they belong to.
ORDERS = "SELECT id FROM sale_order WHERE id > %(sale_order)s"
PICKINGS = "SELECT id FROM stock_picking WHERE id > %(stock_picking)s"
MOVES = "SELECT id FROM account_move WHERE id > %(account_move)s"
TABLES = {
    "crm_lead": "id > %(crm_lead)s",
    "crm_lead_line": "lead_id > %(crm_lead)s",
    "res_partner": "id > %(res_partner)s",
    "sale_order": "id > %(sale_order)s",
    "sale_order_line": f"order_id IN ({ORDERS})",
    "stock_picking": "id > %(stock_picking)s",
    "stock_move": "product_id > %(product_product)s",
    "stock_move_line": "product_id > %(product_product)s",
    "stock_quant": "product_id > %(product_product)s",
    "account_move": "id > %(account_move)s",
    "account_move_line": f"move_id IN ({MOVES})",
    "account_payment": f"move_id IN ({MOVES})",
    "account_partial_reconcile": f"""debit_move_id IN
        (SELECT id FROM account_move_line WHERE move_id IN ({MOVES}))""",
    "mail_message": f"""(model = 'crm.lead' AND res_id > %(crm_lead)s)
        OR (model = 'sale.order' AND res_id IN ({ORDERS}))
        OR (model = 'stock.picking' AND res_id IN ({PICKINGS}))
        OR (model = 'account.move' AND res_id IN ({MOVES}))""",
}
COUNTED = [table for table in TABLES if table not in ("stock_quant", "mail_message")]


class Facts:
    """All documents after the ids in ``first``: ``{table: {id: row}}`` and more."""

    def __init__(self, cr, first):
        self.rows = {
            table: read(cr, f"SELECT * FROM {table} WHERE {where}", first)  # noqa: S608
            for table, where in TABLES.items()
        }
        cr.execute(
            "SELECT invoice_line_id, order_line_id FROM sale_order_line_invoice_rel"
        )
        self.order_line_of = defaultdict(set)
        for invoice_line, order_line in cr.fetchall():
            self.order_line_of[invoice_line].add(order_line)
        cr.execute("SELECT id, usage FROM stock_location")
        self.usage = dict(cr.fetchall())
        cr.execute("SELECT id, code FROM stock_picking_type")
        self.picking_code = dict(cr.fetchall())

    def __eq__(self, other):
        return self.rows == other.rows

    def table(self, name):
        return self.rows[name].values()

    def ids(self, name):
        return set(self.rows[name])

    def differences(self, other):
        """The rows that two pictures do not share, for a failing test to print."""
        return [
            (table, key, {name: (row.get(name), new.get(name)) for name in changed})
            for table in TABLES
            for key in sorted(self.ids(table) | other.ids(table))
            for row in [self.rows[table].get(key, {})]
            for new in [other.rows[table].get(key, {})]
            if (changed := [n for n in row | new if row.get(n) != new.get(n)])
        ]

    # -- which document belongs where ------------------------------------------------

    @cached_property
    def orders_of(self):
        """``{lead id: its orders}``"""
        return grouped(self.table("sale_order"), "opportunity_id")

    @cached_property
    def order_lines_of(self):
        return grouped(self.table("sale_order_line"), "order_id")

    @cached_property
    def pickings_of(self):
        return grouped(self.table("stock_picking"), "sale_id")

    @cached_property
    def items_of(self):
        """``{journal entry id: its items}``"""
        return grouped(self.table("account_move_line"), "move_id")

    @cached_property
    def invoices_of(self):
        """``{order id: its invoices and credit notes}``"""
        lines = self.table("sale_order_line")
        order_of = {line["id"]: line["order_id"] for line in lines}
        found = defaultdict(dict)
        for item in self.table("account_move_line"):
            move = self.rows["account_move"][item["move_id"]]
            for line in self.order_line_of[item["id"]] & order_of.keys():
                if move["move_type"] in ("out_invoice", "out_refund"):
                    found[order_of[line]][move["id"]] = move
        return {order: list(moves.values()) for order, moves in found.items()}

    def documents(self, lead):
        """Everything about a lead."""
        lines = [x for x in self.table("crm_lead_line") if x["lead_id"] == lead]
        orders = self.orders_of.get(lead, [])
        messages = self.messages["crm.lead", lead]
        about = [self.rows["crm_lead"].get(lead), lines, messages]
        return about + [self.order_documents(order["id"]) for order in orders]

    @cached_property
    def messages(self):
        """``{(model, record id): number of its messages}``"""
        rows = self.table("mail_message")
        return Counter((row["model"], row["res_id"]) for row in rows)

    def order_documents(self, order):
        """Everything about an order."""
        pickings = self.pickings_of.get(order, [])
        invoices = self.invoices_of.get(order, [])
        shipped = {picking["id"] for picking in pickings}
        booked = {move["id"] for move in invoices}
        about = [("sale.order", order)]
        about += [("stock.picking", key) for key in shipped]
        about += [("account.move", key) for key in booked]
        return [
            self.rows["sale_order"].get(order),
            self.order_lines_of.get(order, []),
            pickings,
            [row for row in self.table("stock_move") if row["picking_id"] in shipped],
            invoices,
            [row for key in booked for row in self.items_of[key]],
            [self.messages[key] for key in about],
        ]

    # -- where a sale stands ---------------------------------------------------------

    def step(self, lead_id):
        """The step a sale has reached: the one before the first still to be done."""
        reached = "lead"
        for step in STEPS[1:]:
            if self.lead_needs(lead_id, step):
                return reached
            reached = step
        return reached

    def lead_needs(self, lead_id, step):
        lead, orders = self.rows["crm_lead"][lead_id], self.live_orders(lead_id)
        if step == "opportunity":
            return lead["type"] == "lead" or not lead["partner_id"]
        return not orders or any(self.order_needs(x["id"], step) for x in orders)

    def live_orders(self, lead_id):
        """The confirmed orders of a lead, or its open quotations without any."""
        orders = [x for x in self.orders_of.get(lead_id, []) if x["state"] != "cancel"]
        return [x for x in orders if x["state"] == "sale"] or orders

    def order_needs(self, order_id, step):
        order = self.rows["sale_order"][order_id]
        if step == "quotation":
            return False
        if step == "send":
            return order["state"] == "draft"
        if order["state"] != "sale":
            return True
        return {
            "order": lambda: False,
            "delivery": lambda: bool(self.open_shipments(order_id)),
            "invoice": lambda: self.is_to_be_invoiced(order_id),
            "send_invoice": lambda: self.is_to_be_invoiced(order_id)
            or any(self.is_to_be_sent(x) for x in self.posted_invoices(order_id)),
            "payment": lambda: self.is_to_be_invoiced(order_id)
            or not self.is_paid(order_id),
        }[step]()

    def open_shipments(self, order_id):
        return [
            picking
            for picking in self.pickings_of.get(order_id, [])
            if picking["state"] not in ("done", "cancel")
            and self.picking_code[picking["picking_type_id"]] != "incoming"
        ]

    def is_to_be_invoiced(self, order_id):
        """Something is left to invoice or to post, or nothing was invoiced ever."""
        status = self.rows["sale_order"][order_id]["invoice_status"]
        invoices = self.invoices_of.get(order_id, [])
        return (
            status == "to invoice"
            or any(move["state"] == "draft" for move in invoices)
            or (status == "no" and not self.posted_invoices(order_id))
        )

    def posted_invoices(self, order_id):
        return [
            move
            for move in self.invoices_of.get(order_id, [])
            if move["state"] == "posted" and move["move_type"] == "out_invoice"
        ]

    def is_to_be_sent(self, move):
        """Nobody waits for an invoice that nothing is due of."""
        return not move["is_move_sent"] and abs(self.due(move)) > CENT

    def is_paid(self, order_id):
        """Nothing is due, and money came in: credit notes alone are none."""
        invoices = self.posted_invoices(order_id)
        return all(abs(self.due(move)) < CENT for move in invoices) and any(
            self.payers(move) != {"out_refund"} for move in invoices
        )

    def due(self, move):
        """What is left of an invoice: its total without what was reconciled."""
        items = {item["id"] for item in self.items_of[move["id"]]}
        return move["amount_total"] - sum(
            partial["debit_amount_currency"]
            if partial["debit_move_id"] in items
            else partial["credit_amount_currency"]
            for partial in self.table("account_partial_reconcile")
            if (partial["debit_move_id"] in items)
            != (partial["credit_move_id"] in items)
        )

    def payers(self, move):
        """The kinds of journal entries that an invoice was reconciled with."""
        items = {item["id"] for item in self.items_of[move["id"]]}
        found = set()
        for partial in self.table("account_partial_reconcile"):
            pair = {partial["debit_move_id"], partial["credit_move_id"]}
            for other in pair - items if pair & items else ():
                entry = self.rows["account_move_line"][other]["move_id"]
                found.add(self.rows["account_move"][entry]["move_type"])
        return found

    # -- quantities ------------------------------------------------------------------

    @cached_property
    def invoiced(self):
        """``{order line id: pieces invoiced, without those credited}``"""
        found = Counter()
        for item in self.table("account_move_line"):
            move = self.rows["account_move"][item["move_id"]]
            sign = {"out_invoice": 1, "out_refund": -1}.get(move["move_type"], 0)
            if move["state"] != "cancel":
                for line in self.order_line_of[item["id"]]:
                    found[line] += sign * (item["quantity"] or 0)
        return found

    @cached_property
    def delivered(self):
        """``{order line id: pieces at the customer's}``"""
        found = Counter()
        for move in self.table("stock_move"):
            if move["state"] == "done" and move["sale_line_id"]:
                found[move["sale_line_id"]] += move["quantity"] * (
                    (self.usage[move["location_dest_id"]] == "customer")
                    - (self.usage[move["location_id"]] == "customer")
                )
        return found

    @cached_property
    def over_invoiced(self):
        """``{order line id: pieces invoiced beyond what was ordered or delivered}``"""
        return {
            line["id"]: max(
                0,
                self.invoiced[line["id"]]
                - max(line["product_uom_qty"], self.delivered[line["id"]]),
            )
            for line in self.table("sale_order_line")
            if not (line["is_downpayment"] or line["display_type"])
        }

    @cached_property
    def over_delivered(self):
        """``{order line id: pieces delivered beyond what was ordered}``"""
        return {
            line["id"]: max(0, self.delivered[line["id"]] - line["product_uom_qty"])
            for line in self.table("sale_order_line")
        }

    def overcharged(self, order_id):
        """What the invoices of an order, drafts too, come to beyond its total."""
        sign = {"out_invoice": 1, "out_refund": -1}
        return (
            sum(
                move["amount_total"] * sign[move["move_type"]]
                for move in self.invoices_of.get(order_id, [])
                if move["state"] != "cancel"
            )
            - self.rows["sale_order"][order_id]["amount_total"]
        )


def read(cr, query, parameters):
    cr.execute(query, parameters)
    names = [column.name for column in cr.description]
    rows = [dict(zip(names, row, strict=True)) for row in cr.fetchall()]
    return {
        row["id"]: {k: plain(v) for k, v in row.items() if k not in OF_NEIGHBOURS}
        for row in rows
    }


def plain(value):
    """Numbers of the database as those of Python, which can be added up."""
    return float(value) if type(value).__name__ == "Decimal" else value


def grouped(rows, column):
    found = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found
