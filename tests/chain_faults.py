"""A run of the chain and what can go wrong under it, inside Odoo and without HTTP.

Started as a program of its own by test_chain_faults.py: its workers are forked, so
that they are processes with connections of their own that can be killed.

    python chain_faults.py DATABASE SCENARIO
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import contextmanager, suppress
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

from odoo.addons.base.models.ir_attachment import IrAttachment

GROUPS = (
    "sales_team.group_sale_salesman",
    "base.group_partner_manager",
    "stock.group_stock_user",
    "account.group_account_invoice",
)
PRICE, QUANTITY = 100, 2
CHUNK = 25  # so that a run of 300 leads is a dozen of them
KILLS = 20
HAND = "Done by hand"


class Faults:
    """One database, one salesperson who does it all, one run at a time."""

    def __init__(self, database):
        self.database = database
        self.random = random.Random(19)
        with self.environment() as env:
            self.user = self.make_user(env).id
            self.product = self.make_product(env).id
            self.team = self.make_policy(env).id

    @contextmanager
    def environment(self, user=SUPERUSER_ID):
        with Registry(self.database).cursor() as cr:
            yield api.Environment(cr, user, {})

    def make_user(self, env):
        return env["res.users"].create(
            {
                "name": "Faults",
                "login": "faults",
                "email": "faults@example.com",
                "group_ids": [(6, 0, [env.ref(xmlid).id for xmlid in GROUPS])],
            }
        )

    def make_product(self, env):
        product = env["product.product"].create(
            {"name": "Faulted", "is_storable": True, "list_price": PRICE}
        )
        shelf = env["stock.warehouse"].search([], limit=1).lot_stock_id
        env["stock.quant"]._update_available_quantity(product, shelf, 100_000)
        return product

    def make_policy(self, env):
        team = env["crm.team"].create(
            {"name": "Faults", "member_ids": [(6, 0, [self.user])]}
        )
        domain = [("type", "=", "bank"), ("company_id", "=", env.company.id)]
        journal = env["account.journal"].search(domain, limit=1)
        env["crm.chain.policy"].create(
            {
                "name": "Faults",
                "team_id": team.id,
                "send_quotation": False,
                "invoice_state": "posted",
                "register_payment": True,
                "payment_journal_id": journal.id,
            }
        )
        return team

    def policy(self, env):
        return env["crm.chain.policy"].search([("team_id", "=", self.team)])

    def make_run(self, name, count):
        """Start a run over new leads, without working on it; remember both."""
        self.name = name
        with self.environment(self.user) as env:
            line = {"product_id": self.product, "product_uom_qty": QUANTITY}
            leads = env["crm.lead"].create(
                [
                    {
                        "name": f"{name} {number}",
                        "type": "lead",
                        "contact_name": f"{name} {number}",
                        "email_from": f"{name}{number}@faults.example",
                        "team_id": self.team,
                        "user_id": self.user,
                        "line_ids": [(0, 0, line)],
                    }
                    for number in range(count)
                ]
            )
            run = env["crm.chain.run"].create(
                {
                    "res_model": "crm.lead",
                    "line_ids": [(0, 0, {"res_id": lead.id}) for lead in leads],
                }
            )
            with patch.object(type(run), "_launch"):
                run.action_start()
            self.leads, self.run = leads.ids, run.id

    def fork(self, work, *arguments):
        """Do ``work`` in a process of its own; give back its pid."""
        sql_db.close_all()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            work(*arguments)
            status = 0
        finally:
            os._exit(status)

    def work(self, *patches):
        """Fork a worker that does what the scheduled action does; give back its pid."""
        return self.fork(self.go_on, *patches)

    def go_on(self, *patches):
        for each in patches:
            each.start()
        with self.environment() as env:
            patch.object(type(env["crm.lead"]), "_chain_chunk", CHUNK).start()
            env["crm.chain.run"]._cron_process()

    def work_to_the_end(self, *patches):
        _pid, status = os.waitpid(self.work(*patches), 0)
        return os.waitstatus_to_exitcode(status)

    def waiting(self, run=None):
        with self.environment() as env:
            return env["crm.chain.run"].browse(run or self.run).pending_count

    def pause(self, longest):
        time.sleep(self.random.uniform(0, longest))

    # -- scenarios -----------------------------------------------------------------

    def killed(self):
        """SIGKILL at random moments of a run of 300 leads."""
        kills = self.interrupt("killed", 300, KILLS, self.kill)
        return self.facts() | {"interrupted": kills}

    def terminated(self):
        """The database ends the worker's connection."""
        ended = self.interrupt("terminated", 60, 5, self.terminate)
        return self.facts() | {"interrupted": ended}

    def interrupt(self, name, count, times, how):
        """Interrupt workers that often, at random moments within the time that a chunk
        takes; then let one finish. Its number of interruptions is given back.
        """
        self.make_run("warm up", CHUNK)
        started = time.monotonic()
        self.work_to_the_end()
        longest = time.monotonic() - started
        self.make_run(name, count)
        done = 0
        while done < times and self.waiting():
            pid = self.work()
            self.pause(longest)
            done += how(pid)
        while self.waiting():
            if self.work_to_the_end():
                raise RuntimeError("the worker that nobody interrupted failed")
        self.work_to_the_end()
        return done

    def kill(self, pid):
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return 0
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return 1

    def terminate(self, pid):
        with self.environment() as env:
            env.cr.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND usename = current_user"
            )
            ended = env.cr.rowcount
        _pid, status = os.waitpid(pid, 0)
        return int(ended and status != 0)

    def full_disk(self):
        """No attachment can be written, until there is room again."""
        with self.environment() as env:
            self.policy(env).invoice_state = "sent"
        self.make_run("full", 4)
        failing = patch.object(IrAttachment, "_file_write", no_space)
        self.work_to_the_end(failing)
        before = self.facts()
        with self.environment(self.user) as env:
            run = env["crm.chain.run"].browse(self.run)
            with patch.object(type(run), "_launch"):
                run.action_retry()
        self.work_to_the_end()
        return {"before": before, "after": self.facts()}

    def refusing_mail_server(self):
        """Nobody listens where mail is to be sent."""
        with self.environment() as env:
            self.policy(env).send_quotation = True
            env["mail.template"].search([]).report_template_ids = False
            env["ir.mail_server"].search([]).active = False
            env["ir.mail_server"].create(
                {"name": "Refuses", "smtp_host": "127.0.0.1", "smtp_port": 9}
            )
        self.make_run("mail", 4)
        self.work_to_the_end()
        os.waitpid(self.fork(self.send_mails), 0)
        return self.facts()

    def send_mails(self):
        with self.environment() as env:
            env["mail.mail"].process_email_queue()

    def beside_each_other(self):
        """Two runs over the same leads, and a user who confirms, cancels and pays the
        same sales by hand, each in a process of its own.
        """
        self.make_run("beside", 60)
        with self.environment(self.user) as env:
            leads = env["crm.lead"].browse(self.leads)
            leads[:20]._chain_go("invoice")
            leads[20:]._chain_go("quotation")
        runs = [self.run, self.second_run()]
        hand = self.fork(self.work_by_hand)
        while (beforehand := self.by_hand()) < 5:  # he is at it before they are
            time.sleep(0.2)
        workers = [self.fork(self.work_on, run) for run in runs]
        for pid in workers:
            os.waitpid(pid, 0)
        if not self.kill(hand):
            raise RuntimeError("whoever worked by hand gave up")
        for run in runs:  # what was put off while the other one had it
            while self.waiting(run):
                os.waitpid(self.fork(self.work_on, run), 0)
        by_hand = self.by_hand()
        beside = {"by hand": by_hand, "meanwhile": by_hand - beforehand}
        return self.facts() | beside | {"double": self.double()}

    def second_run(self):
        with self.environment(self.user) as env:
            first = env["crm.chain.run"].browse(self.run)
            lines = [(0, 0, {"res_id": lead}) for lead in reversed(self.leads)]
            run = first.create({"res_model": "crm.lead", "line_ids": lines})
            with patch.object(type(run), "_launch"):
                run.action_start()
            return run.id

    def work_on(self, run):
        with self.environment() as env:
            patch.object(type(env["crm.lead"]), "_chain_chunk", 10).start()
            Line = type(env["crm.chain.run.line"])
            patch.object(Line, "_waits", (0.5,) * 100).start()
            env["crm.chain.run"].browse(run)._process()

    def work_by_hand(self):
        """What somebody does on the forms: confirm, cancel, pay; and tell who did."""
        while True:
            with self.environment(self.user) as env:
                act = self.random.choice([self.confirm, self.cancel, self.pay])
                with suppress(UserError):
                    retrying(lambda env=env, act=act: act(env), env)
            time.sleep(0.05)

    def pick(self, env, model, *domain):
        found = env[model].search(list(domain))
        return found.browse(self.random.sample(found.ids, min(1, len(found))))

    def confirm(self, env):
        own = ("opportunity_id", "in", self.leads)
        order = self.pick(env, "sale.order", own, ("state", "in", ("draft", "sent")))
        if order:
            order.action_confirm()
            order.message_post(body=HAND)

    def cancel(self, env):
        own = ("opportunity_id", "in", self.leads[-10:])
        order = self.pick(env, "sale.order", own, ("state", "in", ("draft", "sent")))
        if order:
            order.action_cancel()
            order.message_post(body=HAND)

    def pay(self, env):
        orders = env["sale.order"].search([("opportunity_id", "in", self.leads)])
        due = ("payment_state", "=", "not_paid")
        move = self.pick(
            env, "account.move", ("id", "in", orders.invoice_ids.ids), due
        )
        if move.state == "posted":
            wizards = env["account.payment.register"].with_context(
                active_model="account.move", active_ids=move.ids
            )
            wizards.create({}).action_create_payments()
            move.message_post(body=HAND)

    def by_hand(self):
        with self.environment() as env:
            return env["mail.message"].search_count([("body", "ilike", HAND)])

    def double(self):
        """What there is more than once, or more of than there should be."""
        with self.environment() as env:
            orders = env["sale.order"].search([("opportunity_id", "in", self.leads)])
            live = orders.filtered(lambda order: order.state != "cancel")
            moves = live.invoice_ids
            return {
                "orders": len(live) - len(live.opportunity_id),
                "invoices": sum(len(order.invoice_ids) > 1 for order in live),
                "deliveries": sum(len(order.picking_ids) > 1 for order in live),
                "payments": sum(len(move.matched_payment_ids) > 1 for move in moves),
                "over": sum(
                    order._chain_invoiced_amount() > order.amount_total + 0.01
                    for order in live
                ),
            }

    def previewed(self):
        """Every table before and after a preview of leads at many steps."""
        self.make_run("preview", 12)
        with self.environment(self.user) as env:
            leads = env["crm.lead"].browse(self.leads)
            for number, step in enumerate(leads._chain_steps()):
                leads[number]._chain_go(step)
            lines = [(0, 0, {"res_id": lead.id}) for lead in leads]
            run = env["crm.chain.run"].create(
                {"res_model": "crm.lead", "line_ids": lines}
            )
        before = self.tables()
        with self.environment(self.user) as env:
            run = run.with_env(env)
            run.action_preview()
            planned = [len(line.step_keys or ()) for line in run.line_ids]
        after = self.tables()
        return {
            "tables": len(before),
            "planned": planned,
            "changed": sorted(name for name in after if after[name] != before[name]),
        }

    def tables(self):
        """How many rows each table has and which versions of them, and where each
        sequence stands.
        """
        with self.environment() as env:
            cr = env.cr
            cr.execute(
                "SELECT relkind, quote_ident(relname) FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'S')"
            )
            found = {}
            for kind, name in cr.fetchall():
                if kind == "S":
                    cr.execute(f"SELECT last_value, is_called FROM {name}")
                else:
                    version = "hashtext(ctid::text || xmin::text)"
                    cr.execute(f"SELECT count(*), sum({version}) FROM {name}")
                found[name] = cr.fetchone()
            return found

    # -- what came of it -------------------------------------------------------------

    def facts(self):
        """What the database holds of the run's leads, counted by SQL."""
        with self.environment() as env:
            run = env["crm.chain.run"].browse(self.run)
            cr, leads = env.cr, tuple(self.leads)

            def rows(query, *params):
                cr.execute(query, params)
                return [list(row) for row in cr.fetchall()]

            of_orders = "(SELECT id FROM sale_order WHERE opportunity_id IN %s)"
            moves = (
                "(SELECT DISTINCT l.move_id FROM account_move_line l"
                " JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id"
                " JOIN sale_order_line s ON s.id = r.order_line_id"
                f" WHERE s.order_id IN {of_orders})"
            )
            return {
                "leads": len(leads),
                "run": run.state,
                "lines": rows(
                    "SELECT state, count(*) FROM crm_chain_run_line"
                    " WHERE run_id = %s GROUP BY 1",
                    self.run,
                ),
                "messages": sorted(set(run.line_ids.mapped("message"))),
                "steps": rows(
                    "SELECT type, chain_step, count(*) FROM crm_lead"
                    " WHERE id IN %s GROUP BY 1, 2",
                    leads,
                ),
                "customers": rows(
                    "SELECT count(*), count(DISTINCT email) FROM res_partner"
                    " WHERE email LIKE %s",
                    f"{self.name}%@faults.example",
                ),
                "orders": rows(
                    "SELECT state, invoice_status, delivery_status, count(*),"
                    " count(DISTINCT opportunity_id)"
                    " FROM sale_order WHERE opportunity_id IN %s GROUP BY 1, 2, 3",
                    leads,
                ),
                "deliveries": rows(
                    "SELECT state, count(*) FROM stock_picking"
                    f" WHERE sale_id IN {of_orders} GROUP BY 1",
                    leads,
                ),
                "shipped": rows(
                    "SELECT m.state, sum(m.quantity)::float FROM stock_move m"
                    " JOIN sale_order_line l ON l.id = m.sale_line_id"
                    f" WHERE l.order_id IN {of_orders} GROUP BY 1",
                    leads,
                ),
                "invoices": rows(
                    "SELECT state, payment_state, is_move_sent IS TRUE, count(*),"
                    " sum(amount_residual)::float FROM account_move"
                    f" WHERE id IN {moves} GROUP BY 1, 2, 3",
                    leads,
                ),
                "payments": rows(
                    "SELECT count(*), count(DISTINCT invoice_id) FROM"
                    " account_move__account_payment"
                    f" WHERE invoice_id IN {moves}",
                    leads,
                ),
                "payments without invoice": rows(
                    "SELECT count(*) FROM account_payment p JOIN res_partner c"
                    " ON c.id = p.partner_id WHERE c.email LIKE %s AND NOT EXISTS ("
                    " SELECT FROM account_move__account_payment r"
                    " WHERE r.payment_id = p.id)",
                    f"{self.name}%@faults.example",
                ),
                "unbalanced": rows(
                    "SELECT move_id FROM account_move_line GROUP BY 1"
                    " HAVING abs(sum(balance)) > 0.001"
                ),
                "mails": rows(
                    "SELECT m.state, count(*) FROM mail_mail m"
                    " JOIN mail_message g ON g.id = m.mail_message_id"
                    f" WHERE g.model = 'sale.order' AND g.res_id IN {of_orders}"
                    " GROUP BY 1",
                    leads,
                ),
                "lost files": [
                    row[0]
                    for row in rows("SELECT store_fname FROM ir_attachment")
                    if row[0]
                    and not os.path.exists(
                        os.path.join(config.filestore(self.database), row[0])
                    )
                ],
            }


def no_space(*_args):
    raise OSError(28, "No space left on device")


def main():
    database, scenario = sys.argv[1:]
    config.parse_config(
        ["-c", os.environ["ODOO_RC"], "--log-level=warn", "--max-cron-threads=0"],
        setup_logging=True,
    )
    print(json.dumps(getattr(Faults(database), scenario)()))


if __name__ == "__main__":
    main()
