"""Reads a running Odoo's documents over JSON-2, to compare them with what should be.

Nothing here writes, apart from the users that the tests act as.
"""

from decimal import Decimal

from chain_leads import cents

COUNTED = (
    "crm.lead",
    "crm.lead.line",
    "res.partner",
    "sale.order",
    "sale.order.line",
    "stock.picking",
    "stock.move",
    "account.move",
    "account.move.line",
    "account.payment",
)
EVERYTHING = {"active_test": False, "lang": "en_US"}
LEAD_FIELDS = [
    "name",
    "type",
    "active",
    "partner_id",
    "order_ids",
    "line_ids",
    "chain_step",
    "stage_id",
    "user_id",
    "write_date",
]


class Books:
    """All documents, as the administrator sees them."""

    def __init__(self, admin):
        self.admin = admin

    def search(self, model, domain, fields):
        return self.admin.call(
            model, "search_read", domain=domain, fields=fields, context=EVERYTHING
        )

    def by_id(self, model, ids, fields):
        rows = self.search(model, [("id", "in", list(ids))], fields)
        return {row["id"]: row for row in rows}

    def xmlids(self, module, model):
        """``{name: id}`` of the records that a module of Odoo brought."""
        domain = [("module", "=", module), ("model", "=", model)]
        rows = self.search("ir.model.data", domain, ["name", "res_id"])
        return {row["name"]: row["res_id"] for row in rows}

    def ref(self, xmlid):
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.search("ir.model.data", domain, ["res_id"])[0]["res_id"]

    def make_user(self, login, groups):
        values = {
            "name": login.title(),
            "login": login,
            "email": f"{login}@sellers.example.com",
            "lang": "en_US",
            "company_id": self.ref("base.main_company"),
            "company_ids": [(6, 0, [self.ref("base.main_company")])],
            "group_ids": [(6, 0, [self.ref(group) for group in groups])],
        }
        context = {"no_reset_password": True}
        return self.admin.call(
            "res.users", "create", vals_list=[values], context=context
        )[0]

    # -- what is there ---------------------------------------------------------------

    def counts(self):
        """How many documents of each kind there are, archived ones too."""
        return {
            model: self.admin.call(model, "search_count", domain=[], context=EVERYTHING)
            for model in COUNTED
        }

    def leads(self, ids):
        return self.by_id("crm.lead", ids, LEAD_FIELDS)

    def orders(self, leads):
        """The orders of these leads, by the lead's id; each has one."""
        found = self.search(
            "sale.order",
            [("opportunity_id", "in", list(leads))],
            [
                "opportunity_id",
                "partner_id",
                "user_id",
                "state",
                "order_line",
                "picking_ids",
                "invoice_ids",
                "invoice_status",
                "amount_untaxed",
                "amount_tax",
                "amount_total",
                "write_date",
            ],
        )
        by_lead = {order["opportunity_id"][0]: order for order in found}
        assert len(by_lead) == len(found), "an opportunity has several orders"
        return by_lead

    def of_orders(self, orders, model, link, fields):
        """``{order id: rows}`` of the records of a model that belong to orders."""
        ids = [order["id"] for order in orders]
        result = {order_id: [] for order_id in ids}
        for row in self.search(model, [(link, "in", ids)], [link, *fields]):
            result[row[link][0]].append(row)
        return result

    def order_lines(self, orders):
        fields = ["product_id", "product_uom_qty", "discount", "price_subtotal"]
        fields += ["qty_delivered", "qty_invoiced", "price_tax"]
        return self.of_orders(orders, "sale.order.line", "order_id", fields)

    def pickings(self, orders):
        fields = ["state", "picking_type_code", "move_ids", "write_date"]
        return self.of_orders(orders, "stock.picking", "sale_id", fields)

    def moves(self, pickings):
        ids = [row["id"] for rows in pickings.values() for row in rows]
        fields = ["state", "product_id", "quantity", "picking_id"]
        return self.search("stock.move", [("picking_id", "in", ids)], fields)

    def invoices(self, orders):
        ids = [move for order in orders for move in order["invoice_ids"]]
        fields = [
            "state",
            "move_type",
            "partner_id",
            "amount_untaxed",
            "amount_tax",
            "amount_total",
            "amount_residual",
            "payment_state",
            "is_move_sent",
        ]
        return self.by_id("account.move", ids, fields)

    def entries(self, move_ids):
        """``{journal entry id: its items}``"""
        fields = ["move_id", "debit", "credit", "account_type", "amount_residual"]
        fields += ["product_id", "quantity", "discount", "price_subtotal"]
        domain = [("move_id", "in", list(move_ids))]
        result = {}
        for row in self.search("account.move.line", domain, fields):
            result.setdefault(row["move_id"][0], []).append(row)
        return result

    def payments(self, invoice_ids):
        return self.search(
            "account.payment",
            [("reconciled_invoice_ids", "in", list(invoice_ids))],
            ["amount", "state", "reconciled_invoice_ids", "move_id", "partner_id"],
        )

    # -- products --------------------------------------------------------------------

    def products(self, names):
        """``{name or code: product}`` as a row of the file calls it, with the percent
        of its taxes in the main company.
        """
        names = list(names)
        fields = [
            "name",
            "default_code",
            "lst_price",
            "is_storable",
            "type",
            "taxes_id",
        ]
        domain = ["|", ("default_code", "in", names), ("name", "in", names)]
        rows = self.search("product.product", domain, fields)
        percents = self._percents({tax for row in rows for tax in row["taxes_id"]})
        found = {}
        for row in rows:
            row["tax"] = sum(percents.get(tax, 0) for tax in row["taxes_id"])
            for name in {row["name"], row["default_code"]} & set(names):
                found[name] = row
        assert set(found) == set(names)
        return found

    def _percents(self, tax_ids):
        domain = [
            ("id", "in", list(tax_ids)),
            ("company_id", "=", self.ref("base.main_company")),
        ]
        rows = self.search("account.tax", domain, ["amount", "amount_type"])
        assert all(row["amount_type"] == "percent" for row in rows)
        return {row["id"]: row["amount"] for row in rows}

    def on_hand(self, product_ids):
        """``{product id: quantity}`` in the locations of our own warehouses."""
        domain = [
            ("product_id", "in", list(product_ids)),
            ("location_id.usage", "=", "internal"),
        ]
        total = dict.fromkeys(product_ids, Decimal(0))
        for row in self.search("stock.quant", domain, ["product_id", "quantity"]):
            total[row["product_id"][0]] += Decimal(str(row["quantity"]))
        return total

    def snapshots(self, ids):
        """``{lead id: the lead with its documents}``, as deep as a step reaches."""
        leads = self.leads(ids)
        orders = self.orders(leads)
        lines = self.order_lines(orders.values())
        pickings = self.pickings(orders.values())
        result = {}
        for lead_id, lead in leads.items():
            order = orders.get(lead_id)
            number = order and order["id"]
            documents = order, lines.get(number), pickings.get(number)
            result[lead_id] = lead, *documents
        return result

    # -- what the documents say --------------------------------------------------------

    def steps(self, leads):
        """``{lead id: chain step}``, read from the documents and not from the field."""
        orders = self.orders(leads)
        pickings = self.pickings(orders.values())
        invoices = self.invoices(orders.values())
        result = {}
        for lead_id, lead in leads.items():
            order = orders.get(lead_id)
            if lead["type"] == "lead" or not lead["partner_id"]:
                result[lead_id] = "lead"
            elif not order:
                result[lead_id] = "opportunity"
            else:
                bills = [invoices[move] for move in order["invoice_ids"]]
                result[lead_id] = order_step(order, pickings[order["id"]], bills)
        return result


def order_step(order, pickings, invoices):
    """The last step an order has passed without a gap."""
    if order["state"] != "sale":
        return {"draft": "quotation", "sent": "send"}[order["state"]]
    if any(picking["state"] != "done" for picking in pickings):
        return "order"
    if not invoices or any(invoice["state"] != "posted" for invoice in invoices):
        return "delivery"
    if all(invoice["payment_state"] in ("paid", "in_payment") for invoice in invoices):
        return "payment"
    sent = all(invoice["is_move_sent"] for invoice in invoices)
    return "send_invoice" if sent else "invoice"


def balanced(items):
    return sum(cents(item["debit"]) - cents(item["credit"]) for item in items) == 0
