"""Whether a long run of the chain keeps its memory: leads to paid invoices, by runs."""

import time
from pathlib import Path

from odoo import Command, api
from odoo.modules.registry import Registry

from . import goals
from .seed import LOGIN, PRODUCTS, QUANTITIES
from .sides import lead_values

SIZES = (1_000, 10_000)


class Memory:
    """Runs of growing size in this process, and what it holds after each."""

    def __init__(self, database):
        self.registry = Registry(database)
        self.walked = 0
        self.lines, self.goals = [], []

    def run(self):
        """Take the leads of each size to the payment; judge the last by the first."""
        held = [self._held_after(size) for size in SIZES]
        first, last = (f"{size:,} leads" for size in SIZES)
        text = f"memory after {last} / after {first}"
        self.goals.append(goals.Goal(9, text, 1.2, 1.1, value=held[1] / held[0]))

    def _held_after(self, size):
        started = time.monotonic()
        run = self._make_run(size)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            run = env["crm.chain.run"].browse(run)
            run._process()
            if run.done_count != size:
                raise RuntimeError(f"the run took {run.done_count} of {size} leads")
        held = _resident()
        seconds = time.monotonic() - started
        self.lines.append(
            f"{size:>7,} leads to paid invoices: {held / 2**20:.0f} MiB resident, "
            f"{seconds:.0f} s"
        )
        return held

    def _make_run(self, size):
        """Return the id of a run that is running and nobody works on yet."""
        with self.registry.cursor() as cr:
            root = api.Environment(cr, api.SUPERUSER_ID, {})
            self._pay(root)
            user = root["res.users"].search([("login", "=", LOGIN)])
            env = api.Environment(cr, user.id, {})
            leads = env["crm.lead"].create(self._leads(env, size))
            lines = [Command.create({"res_id": lead.id}) for lead in leads]
            run = env["crm.chain.run"].create(
                {"res_model": "crm.lead", "line_ids": lines}
            )
            run.sudo().write({"state": "running", "started_at": cr.now()})
            return run.id

    def _pay(self, env):
        """Have the policy of all sales register payments."""
        journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
        env["crm.chain.policy"].search([]).write(
            {
                "send_quotation": True,
                "invoice_state": "posted",
                "register_payment": True,
                "payment_journal_id": journal.id,
            }
        )

    def _leads(self, env, size):
        products = env["product.product"].search(
            [("name", "in", [product[0] for product in PRODUCTS])], order="list_price"
        )
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": quantity})
            for product, quantity in zip(products, QUANTITIES, strict=True)
        ]
        numbers = range(self.walked + 1, self.walked + size + 1)
        self.walked += size
        return [{**lead_values(number), "line_ids": lines} for number in numbers]


def _resident():
    """Return the bytes of memory this process holds."""
    fields = Path("/proc/self/status").read_text().splitlines()
    [line] = [field for field in fields if field.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024
