import re

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT

from .common import LinkCase

SECRETS = re.compile(r"(?<==)[\w%.+-]{8,}|\d+|/O[A-Z]{2}/|&amp;|data-o-mail-quote\w*")


@tagged("post_install", "-at_install")
class TestHistory(LinkCase):
    """A batch leaves what a person who goes by the forms leaves: messages, changes,
    authors, followers, e-mails, and the books.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = cls.env.context.items() - DISABLED_MAIL_CONTEXT.items()
        cls.env = cls.env(context=dict(context))
        cls.person = new_test_user(
            cls.env,
            login="chain_person",
            email="person@example.com",
            groups=f"{cls.salesperson_groups()},account.group_account_invoice",
            company_ids=[Command.set(cls.env.company.ids)],
            company_id=cls.env.company.id,
        )
        cls.boss = new_test_user(
            cls.env,
            login="chain_boss",
            email="boss@example.com",
            groups="sales_team.group_sale_manager",
        )
        cls.Lead = cls.env["crm.lead"].with_user(cls.person)

    def make_enquiries(self, name, count=2):
        lines = [
            Command.create({"product_id": self.pump.id, "product_uom_qty": 2}),
            Command.create({"product_id": self.service.id}),
        ]
        leads = self.Lead.create(
            [
                {
                    "name": f"Enquiry {number}",
                    "type": "lead",
                    "user_id": self.person.id,
                    "partner_name": f"{name} company {number}",
                    "contact_name": f"{name} buyer {number}",
                    "email_from": f"{name}{number}@example.com",
                    "line_ids": lines,
                }
                for number in range(count)
            ]
        )
        leads.message_subscribe(self.boss.partner_id.ids)
        self.new_request()
        return leads

    def new_request(self):
        self.cr.flush()
        self.env.invalidate_all()

    # As a person does it

    def convert(self, lead):
        wizards = self.env["crm.lead2opportunity.partner"].with_user(self.person)
        context = {"active_model": "crm.lead", "active_id": lead.id}
        wizard = wizards.with_context(active_ids=lead.ids, **context)
        wizard.create({"name": "convert", "action": "create"}).action_apply()

    def quote(self, lead):
        lead.env["sale.order"].create(lead._prepare_quotation_vals())

    def send(self, lead):
        action = lead.order_ids.action_quotation_send()
        composer = lead.env["mail.compose.message"].with_context(**action["context"])
        composer.create({}).action_send_mail()

    def confirm(self, lead):
        lead.order_ids.action_confirm()

    def deliver(self, lead):
        pickings = lead.order_ids.picking_ids
        pickings.with_context(skip_sms=True).button_validate()

    def invoice(self, lead):
        wizards = lead.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=lead.order_ids.ids
        )
        wizards.create({}).create_invoices()

    def post(self, lead):
        lead.order_ids.invoice_ids.action_post()

    def pay(self, lead):
        wizards = lead.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=lead.order_ids.invoice_ids.ids
        )
        wizards.create({}).action_create_payments()

    def walk(self, leads):
        ways = ["convert", "quote", "send", "confirm", "deliver", "invoice", "post"]
        for way in [*ways, "pay"]:
            for lead in leads:
                getattr(self, way)(lead)
                self.new_request()

    # As the chain does it

    def run_steps(self, leads):
        for step in leads._chain_steps():
            if step != "send_invoice":
                result = leads.chain_run_step(step)
                self.assertEqual(len(result["done"]), len(leads), (step, result))
                self.new_request()

    # What is left

    def documents(self, lead):
        lead = lead.sudo()
        orders = lead.order_ids
        moves = orders.invoice_ids | orders.invoice_ids.matched_payment_ids.move_id
        partners = lead.partner_id | lead.partner_id.parent_id
        return [lead, orders, orders.picking_ids, moves.sorted("id"), partners]

    def masked(self, text, name):
        return SECRETS.sub("#", (text or "").replace(name, "NAME").strip())

    def story(self, lead, name):
        """:return: what the chatter of all documents of this sale says"""
        story = []
        for record in [
            record for records in self.documents(lead) for record in records
        ]:
            for message in record.message_ids.sorted("id"):
                story.append(
                    (
                        record._name,
                        message.message_type,
                        message.subtype_id.name,
                        message.author_id.name,
                        self.masked(message.body, name),
                        self.masked(message.subject, name),
                        sorted(
                            (
                                change.field_id.name,
                                self.masked(change.old_value_char, name),
                                self.masked(change.new_value_char, name),
                            )
                            for change in message.tracking_value_ids
                        ),
                        message.parent_id.subtype_id.name,
                        self.masked(message.reply_to, name),
                        len(message.attachment_ids),
                        sorted(
                            (
                                self.masked(note.res_partner_id.name, name),
                                note.notification_type,
                            )
                            for note in message.notification_ids
                        ),
                    )
                )
        return story

    def followers(self, lead, name):
        return [
            (
                record._name,
                sorted(
                    (
                        self.masked(follower.partner_id.name, name),
                        tuple(follower.subtype_ids.ids),
                    )
                    for follower in record.message_follower_ids
                ),
            )
            for records in self.documents(lead)
            for record in records
        ]

    def mails(self, lead, name):
        """:return: the e-mails to be sent of this sale"""
        messages = self.env["mail.message"].union(
            *(records.message_ids for records in self.documents(lead))
        )
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("mail_message_id", "in", messages.ids)], order="id")
        )
        return [
            (
                mail.model,
                mail.state,
                mail.auto_delete,
                self.masked(mail.subject, name),
                self.masked(mail.email_from, name),
                self.masked(mail.reply_to, name),
                self.masked(mail.body_html, name),
                [self.masked(partner.name, name) for partner in mail.recipient_ids],
                len(mail.attachment_ids),
            )
            for mail in mails
        ]

    def books(self, lead):
        """:return: the ledger, the payments and the customer's ranks of this sale"""
        invoices = lead.sudo().order_ids.invoice_ids
        payments = invoices.matched_payment_ids
        lines = (invoices | payments.move_id).line_ids
        return {
            "invoices": invoices.mapped(
                lambda x: (x.state, x.payment_state, x.amount_total, x.amount_residual)
            ),
            "lines": lines.mapped(
                lambda x: (
                    x.account_id,
                    x.debit,
                    x.credit,
                    x.amount_residual,
                    x.reconciled,
                    bool(x.full_reconcile_id),
                    bool(x.matching_number),
                    x.analytic_distribution,
                )
            ),
            "payments": payments.mapped(
                lambda x: (
                    x.state,
                    x.amount,
                    x.date,
                    x.journal_id,
                    x.payment_method_line_id,
                    x.destination_account_id,
                    x.outstanding_account_id,
                    x.is_reconciled,
                    x.is_matched,
                    x.move_id.state,
                    x.move_id.origin_payment_id == x,
                    x.move_id.date,
                    x.reconciled_invoice_ids == x.invoice_ids,
                )
            ),
            "ranks": lead.sudo().mapped(
                "partner_id.commercial_partner_id.customer_rank"
            ),
        }

    def test_the_batch_leaves_what_a_person_leaves(self):
        self.put_in_stock(self.pump, 100)
        by_hand, batch = self.make_enquiries("alfa"), self.make_enquiries("beta")
        self.walk(by_hand)
        self.run_steps(batch)
        self.assertEqual(set(by_hand.mapped("chain_step")), {"payment"})
        for person, machine in zip(by_hand, batch, strict=True):
            story = self.story(person, "alfa")
            self.assertTrue(any(message[6] for message in story), "changes are tracked")
            self.assertEqual(self.story(machine, "beta"), story)
            followers = self.followers(person, "alfa")
            self.assertEqual(self.followers(machine, "beta"), followers)
            mails = self.mails(person, "alfa")
            self.assertTrue(mails)
            self.assertEqual(self.mails(machine, "beta"), mails)
            self.assertEqual(self.books(machine), self.books(person))

    def test_each_customer_gets_his_own_quotation(self):
        deals = self.make_enquiries("gamma", count=3)
        for step in ("opportunity", "quotation", "send"):
            deals.chain_run_step(step)
        for deal in deals:
            [mail] = (
                self.env["mail.mail"]
                .sudo()
                .search([("recipient_ids", "in", deal.partner_id.ids)])
            )
            self.assertIn(deal.order_ids.name, mail.body_html)
            self.assertIn(deal.order_ids.access_token, mail.body_html)
            self.assertEqual(mail.recipient_ids, deal.partner_id)
            self.assertEqual(mail.state, "outgoing")
        self.assertEqual(deals.order_ids.mapped("state"), ["sent"] * 3)

    def test_queued_mails_are_sent_soon(self):
        deals = self.make_enquiries("delta")
        for step in ("opportunity", "quotation"):
            deals.chain_run_step(step)
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", queue.id)])
        deals.chain_run_step("send")
        after = triggers.search_count([("cron_id", "=", queue.id)])
        self.assertEqual(after, before + 1)

    def test_who_sends_the_quotation_of_another_follows_it(self):
        deals = self.make_enquiries("kappa")
        for step in ("opportunity", "quotation"):
            deals.chain_run_step(step)
        deals.with_user(self.boss).chain_run_step("send")
        for order in deals.order_ids:
            self.assertIn(self.boss.partner_id, order.message_partner_ids)

    def test_customers_are_counted_up_by_their_invoices(self):
        deals = self.make_enquiries("zeta", count=3)
        deals.chain_run_step("opportunity")
        deals[1:].partner_id = deals[1].partner_id
        for step in ("quotation", "order", "delivery", "invoice"):
            deals.chain_run_step(step)
        self.assertEqual(deals.partner_id.mapped("customer_rank"), [1, 2])

    def test_analytic_models_still_apply(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        account = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id}
        )
        share = {str(account.id): 100}
        self.env["account.analytic.distribution.model"].create(
            {"product_id": self.pump.id, "analytic_distribution": share}
        )
        deals = self.make_enquiries("eta")
        self.run_steps(deals)
        lines = deals.order_ids.order_line.filtered(lambda x: x.product_id == self.pump)
        self.assertEqual(lines.mapped("analytic_distribution"), [share] * 2)
        invoiced = lines.invoice_lines
        self.assertEqual(invoiced.mapped("analytic_distribution"), [share] * 2)
