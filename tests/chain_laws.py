"""What holds of all documents after any action, and what a step of the chain may do."""

from collections import Counter

from chain_facts import CENT, COUNTED

# What each step may bring into being.
MAKES = {
    "opportunity": {"res_partner"},
    "quotation": {"sale_order", "sale_order_line"},
    "send": set(),
    "order": {"stock_picking", "stock_move", "stock_move_line"},
    "delivery": {"stock_move_line"},
    # A credit note is applied to its invoice as it is posted.
    "invoice": {
        "account_move",
        "account_move_line",
        "account_partial_reconcile",
        "sale_order_line",
    },
    "send_invoice": set(),
    "payment": {
        "account_move",
        "account_move_line",
        "account_payment",
        "account_partial_reconcile",
    },
}
UNFINISHED = "It was not completed. Open its documents to see what is left."

# -- after any action ----------------------------------------------------------------


def check_all(facts):
    check_steps(facts)
    check_customers(facts)
    check_stock(facts)
    check_lines(facts)
    check_books(facts)


def check_steps(facts):
    """The stored step of every sale is what its documents say."""
    stored = {row["id"]: row["chain_step"] for row in facts.table("crm_lead")}
    said = {lead_id: facts.step(lead_id) for lead_id in stored}
    wrong = [
        f"lead {lead_id} {facts.rows['crm_lead'][lead_id]['name']!r}: stored "
        f"{stored[lead_id]}, its documents say {said[lead_id]}"
        for lead_id in stored
        if stored[lead_id] != said[lead_id]
    ]
    assert not wrong, "\n".join(wrong)


def check_customers(facts):
    """Nobody is registered twice: a person and his company may share an address."""
    count = Counter(
        (row["email_normalized"], row["is_company"])
        for row in facts.table("res_partner")
        if row["active"] and row["email_normalized"]
    )
    twice = [customer for customer, number in count.items() if number > 1]
    assert not twice, f"registered twice: {twice}"


def check_stock(facts):
    """Every shelf holds what came in less what went out; nothing gets lost."""
    held, moved, total = Counter(), Counter(), Counter()
    for quant in facts.table("stock_quant"):
        held[quant["location_id"], quant["product_id"]] += quant["quantity"]
        total[quant["product_id"]] += quant["quantity"]
    for move in facts.table("stock_move"):
        if move["state"] == "done":
            moved[move["location_dest_id"], move["product_id"]] += move["quantity"]
            moved[move["location_id"], move["product_id"]] -= move["quantity"]
    for key in {*held, *moved}:
        assert abs(held[key] - moved[key]) < CENT, (
            f"location and product {key}: {held[key]} there, {moved[key]} moved there"
        )
    for product, pieces in total.items():
        assert abs(pieces) < CENT, f"product {product}: {pieces} came from nowhere"


def check_lines(facts):
    """The quantities on the order lines are those of transfers and invoices."""
    for line in facts.table("sale_order_line"):
        if line["display_type"]:
            continue
        invoiced = facts.invoiced[line["id"]]
        assert abs(line["qty_invoiced"] - invoiced) < CENT, (
            f"order line {line['id']} {line['name']!r}: says {line['qty_invoiced']} "
            f"invoiced, its invoices say {invoiced}"
        )
        if line["qty_delivered_method"] == "stock_move":
            delivered = facts.delivered[line["id"]]
            assert abs(line["qty_delivered"] - delivered) < CENT, (
                f"order line {line['id']} {line['name']!r}: says "
                f"{line['qty_delivered']} delivered, its transfers say {delivered}"
            )


def check_books(facts):
    """Every posted entry balances; what is due is the total less what was paid."""
    for move in facts.table("account_move"):
        if move["state"] != "posted":
            continue
        balance = sum(item["balance"] for item in facts.items_of[move["id"]])
        assert abs(balance) < CENT, f"{move['name']} is out of balance by {balance}"
        if move["move_type"] in ("out_invoice", "out_refund"):
            due = facts.due(move)
            assert abs(move["amount_residual"] - due) < CENT, (
                f"{move['name']}: {move['amount_residual']} is said to be due of "
                f"{move['amount_total']}, payments leave {due}"
            )
            assert -CENT < due < move["amount_total"] + CENT, (
                f"{move['name']}: {due} due of {move['amount_total']}"
            )


# -- after a step of the chain -------------------------------------------------------


class Call:
    """One call of `chain_run_step`: what was asked, answered, and there around it."""

    def __init__(self, model, ids, step, answer, before, after):
        self.step, self.ids, self.before, self.after = step, set(ids), before, after
        self.is_lead = model == "crm.lead"
        self.table = model.replace(".", "_")
        self.done = set(answer["done"])
        self.blocked = {int(key): said for key, said in answer["blocked"].items()}

    def check(self):
        self.check_answer()
        self.check_untouched()
        self.check_made()
        self.check_quantities()
        if self.step == "quotation":
            self.check_quotations()
        if self.step == "invoice":
            self.check_invoiced()

    def needing(self, facts):
        needs = facts.lead_needs if self.is_lead else facts.order_needs
        present = self.ids & facts.ids(self.table)
        return {record_id for record_id in present if needs(record_id, self.step)}

    def check_answer(self):
        """Who needs it gets it or a reason; who got it does not need it any more."""
        assert not self.done & self.blocked.keys(), "done and blocked at once"
        asked, answered = self.needing(self.before), self.done | self.blocked.keys()
        assert answered == asked, f"answered for {answered}, needed by {asked}"
        left = self.done & self.needing(self.after)
        assert not left, f"done, but still to be done: {left}"
        for record_id, reasons in self.blocked.items():
            assert reasons and all(reasons), f"{record_id} is blocked for no reason"

    def check_untouched(self):
        """A blocked record is as it was, and so is one that did not need the step.

        Of what could be done in part its reason says so. An opportunity that needs
        nothing may still take in an enquiry of its customer.
        """
        same = self.ids - self.done - self.unfinished()
        if self.step == "opportunity":
            same &= self.blocked.keys()
        for record_id in same:
            was = self.documents(self.before)(record_id)
            now = self.documents(self.after)(record_id)
            assert was == now, f"{record_id} is not as before: {different(was, now)}"

    def documents(self, facts):
        return facts.documents if self.is_lead else facts.order_documents

    def unfinished(self):
        return {k for k, reasons in self.blocked.items() if UNFINISHED in reasons}

    def check_made(self):
        for table in COUNTED:
            made = self.after.ids(table) - self.before.ids(table)
            assert not made or table in MAKES[self.step], f"it made {table} {made}"

    def check_quantities(self):
        """The chain delivers and invoices nothing beyond what is to be."""
        for name in ("over_delivered", "over_invoiced"):
            was, now = getattr(self.before, name), getattr(self.after, name)
            worse = {k: v for k, v in now.items() if v > was.get(k, 0) + CENT}
            assert not worse, f"{name}: order lines and pieces {worse}"

    def check_quotations(self):
        """One for each lead, and only where there was none."""
        orders = self.after.rows["sale_order"]
        made = self.after.ids("sale_order") - self.before.ids("sale_order")
        leads = Counter(orders[order_id]["opportunity_id"] for order_id in made)
        assert leads == dict.fromkeys(self.done, 1), f"quotations by lead: {leads}"
        had = [lead for lead in leads if self.before.live_orders(lead)]
        assert not had, f"leads {had} had a quotation already"

    def check_invoiced(self):
        """Every line of an invoiced order is, exactly, and the money adds up."""
        for order_id in self.orders_done():
            lines = self.after.order_lines_of[order_id]
            whole = all(
                abs(self.after.invoiced[line["id"]] - line["product_uom_qty"]) < CENT
                for line in lines
                if not (line["is_downpayment"] or line["display_type"])
            )
            if whole:
                self.check_money(order_id)

    def orders_done(self):
        if not self.is_lead:
            return self.done
        leads = self.done & self.after.ids("crm_lead")
        return {x["id"] for lead in leads for x in self.after.live_orders(lead)}

    def check_money(self, order_id):
        """An order that is invoiced whole costs what was agreed, down payments and
        credit notes counted in; each document may round by a cent. What somebody has
        overcharged by hand stays, and gets no worse.
        """
        was, now = self.before.overcharged(order_id), self.after.overcharged(order_id)
        cents = 0.01 * len(self.after.invoices_of.get(order_id, ()))
        assert abs(now) < max(abs(was), CENT) + cents, (
            f"order {order_id}: overcharged by {now}, before by {was}"
        )


def different(was, now):
    """Where two nested pictures differ, for people to read."""
    if isinstance(was, dict) and isinstance(now, dict):
        changes = {k: (was[k], now[k]) for k in was if was[k] != now[k]}
        return {"id": was["id"], "name": was.get("name"), **changes}
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = zip(was, now, strict=True)
        return [different(a, b) for a, b in pairs if a != b]
    return was, now
