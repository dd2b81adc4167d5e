import base64
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import QuoteCase

BOUNCE = """\
From: MAILER-DAEMON@mail.example.com
To: bounce@example.org
Subject: Undelivered Mail Returned to Sender
Message-Id: <{number}@mail.example.com>
References: {references}
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Sorry.

--B
Content-Type: message/delivery-status

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--B
Content-Type: message/rfc822

Message-Id: {references}
To: {address}
Subject: Quotation

Hello

--B--
"""


class SendCase(QuoteCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.template = cls.env.ref("sale.email_template_edi_sale")
        cls.template.with_context(lang="fr_FR").subject = "Devis {{ object.name }}"
        cls.report = cls.env.ref("sale.action_report_saleorder")

    @classmethod
    def make_customer(cls, **vals):
        return cls.env["res.partner"].create(
            {"name": "Claire", "email": "claire@example.com", **vals}
        )

    @classmethod
    def make_quotations(cls, count=1, **vals):
        deals = cls.make_deals(count, **vals)
        deals._chain_quotation_do()
        return deals.order_ids

    @classmethod
    def without_files(cls):
        cls.template.report_template_ids = False

    @classmethod
    def dialog(cls, records):
        action = records.action_send_many()
        return records.env[action["res_model"]].browse(action["res_id"])

    def sent(self, orders):
        """:return: the e-mails made of these quotations"""
        domain = [("model", "=", "sale.order"), ("res_id", "in", orders.ids)]
        return self.env["mail.mail"].sudo().search(domain, order="id")


@tagged("post_install", "-at_install")
class TestSendLanguage(SendCase, MailCommon):
    def setUp(self):
        super().setUp()
        self.french = self.make_customer(lang="fr_FR")
        self.rendered = []
        render = type(self.env["ir.actions.report"])._render_qweb_html

        def render_file(reports, report_ref, res_ids=None, data=None):
            html, _kind = render(reports, report_ref, res_ids, data=data)
            self.rendered.append(html.decode())
            return b"%PDF-1.4 " + html, "pdf"

        self.patch(
            type(self.env["ir.actions.report"]), "_render_qweb_pdf", render_file
        )
        view = self.env.ref("sale.report_saleorder_document")
        arch = view.arch_db
        self.assertIn("Order Date", arch)
        view.update_field_translations(
            "arch_db", {"fr_FR": {"Quotation Date": "Date du devis"}}
        )

    def check(self, order):
        """The e-mail, its subject and its file are in the customer's language."""
        message = order.message_ids.filtered("attachment_ids")
        self.assertEqual(message.subject, f"Devis {order.name}")
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertIn(b"Date du devis", base64.b64decode(message.attachment_ids.datas))
        self.assertEqual(order.state, "sent")

    def test_step_from_the_opportunity_sends_in_the_language_of_the_customer(self):
        order = self.make_quotations(partner_id=self.french.id)
        with self.mock_mail_gateway():
            order.opportunity_id.action_chain_step("send")
        self.check(order)

    def test_step_from_the_quotation_sends_each_in_its_language(self):
        order = self.make_quotations(partner_id=self.french.id)
        english = self.make_quotations()
        with self.mock_mail_gateway():
            (order | english).action_chain_step("send")
        self.check(order)
        message = english.message_ids.filtered("attachment_ids")
        self.assertIn("Quotation (Ref", message.subject)
        self.assertIn(
            b"Quotation Date", base64.b64decode(message.attachment_ids.datas)
        )

    def test_composer_of_core_sends_in_the_language_of_the_customer(self):
        order = self.make_quotations(partner_id=self.french.id)
        action = order.action_quotation_send()
        composer = self.env["mail.compose.message"].with_user(self.salesperson)
        with self.mock_mail_gateway():
            composer.with_context(**action["context"]).create({})._action_send_mail()
        self.check(order)

    def test_mass_sending_sends_each_in_its_language(self):
        order = self.make_quotations(partner_id=self.french.id)
        with self.mock_mail_gateway():
            self.dialog(order | self.make_quotations()).action_send()
        self.check(order)


@tagged("post_install", "-at_install")
class TestSendMany(SendCase):
    def line(self, wizard, order):
        return wizard.line_ids.filtered(lambda line: line.order_id == order)

    def test_preview_says_who_gets_what_in_which_language(self):
        french = self.make_quotations(
            partner_id=self.make_customer(lang="fr_FR").id
        )
        english = self.make_quotations()
        wizard = self.dialog(french | english)
        line = self.line(wizard, french)
        self.assertEqual(line.email, "claire@example.com")
        self.assertEqual(line.partner_id, french.partner_id)
        self.assertIn("French", line.language)
        self.assertIn("English", self.line(wizard, english).language)
        self.assertEqual((wizard.ready_count, wizard.blocked_count), (2, 0))
        self.assertEqual((french | english).mapped("state"), ["draft", "draft"])

    def test_preview_says_what_cannot_be_sent_and_why(self):
        self.env["ir.config_parameter"].set_param(
            "sale_quote_ext.discount_limited_own", True
        )
        param = "sale_quote_ext.discount_limit_own"
        self.env["ir.config_parameter"].set_param(param, 5)
        none = [(0, 0, {"product_id": self.pump.id})]
        nowhere, wrong, expired, sent, confirmed, cancelled, good = (
            self.make_quotations(line_ids=none, **vals)
            for vals in (
                {"partner_id": self.make_customer(email=False).id},
                {"partner_id": self.make_customer(email="nonsense").id},
                *[{}] * 5,
            )
        )
        beyond = self.make_quotations()
        expired.validity_date = fields.Date.today() - timedelta(days=1)
        sent.action_quotation_sent()
        confirmed.action_confirm()
        cancelled.action_cancel()
        reasons = {
            nowhere: "has no e-mail address",
            wrong: "nonsense, is not one",
            expired: "It expired on",
            sent: "sent already",
            confirmed: "confirmed already",
            cancelled: "It is cancelled",
            beyond: "the limit is 5",
        }
        orders = good.union(*reasons)
        wizard = self.dialog(orders)
        for order, reason in reasons.items():
            with self.subTest(reason=reason):
                line = self.line(wizard, order)
                self.assertFalse(line.ready)
                self.assertIn(reason, line.reason)
        self.assertTrue(self.line(wizard, good).ready)
        self.assertEqual((wizard.ready_count, wizard.blocked_count), (1, 7))
        self.without_files()
        wizard.action_send()
        self.assertEqual(good.state, "sent")
        self.assertEqual(self.sent(orders).mapped("res_id"), good.ids)

    def test_quotations_of_others_are_not_sent(self):
        order = self.make_quotations()
        theirs = order.with_user(self.colleague)
        with self.assertRaises(AccessError):
            theirs.action_send_many()
        wizard = theirs.env["sale.order.send"].create(
            {"line_ids": [(0, 0, {"order_id": order.id, "ready": True})]}
        )
        with self.assertRaises(AccessError):
            wizard.line_ids.invalidate_recordset()
            wizard.line_ids.read(["amount_total"])
        with self.assertRaises(AccessError):
            wizard.action_send()
        self.assertEqual(order.state, "draft")

    def test_what_was_blocked_meanwhile_is_not_sent(self):
        self.without_files()
        first, second = self.make_quotations(), self.make_quotations()
        wizard = self.dialog(first | second)
        first.sudo().partner_id.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            wizard.action_send()
        second.partner_id = self.make_customer()
        action = wizard.action_send()
        self.assertIn("1 done, 1 blocked", action["params"]["message"])
        self.assertEqual((first.state, second.state), ("draft", "sent"))

    def test_pressed_twice_sends_once(self):
        self.without_files()
        order = self.make_quotations()
        wizard = self.dialog(order)
        wizard.action_send()
        wizard.action_send()
        self.assertEqual(len(self.sent(order)), 1)

    def test_from_the_opportunities(self):
        self.without_files()
        orders = self.make_quotations(3)
        wizard = self.dialog(orders.opportunity_id)
        self.assertEqual(wizard.line_ids.order_id, orders)
        wizard.action_send()
        self.assertEqual(set(orders.mapped("state")), {"sent"})
        with self.assertRaisesRegex(UserError, "no quotation yet to send"):
            self.make_deals().action_send_many()

    def test_many_go_in_the_background(self):
        self.without_files()
        orders = self.make_quotations(3)
        self.patch(type(orders), "_send_limit", lambda orders: 2)
        wizard = self.dialog(orders)
        self.assertTrue(wizard.in_background)
        with patch.object(type(self.env["crm.chain.run"]), "_launch", autospec=True):
            action = wizard.action_send()
        run = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((run.state, run.last_step), ("running", "send"))
        self.work_off(run)
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("state")), {"sent"})
        self.assertEqual(run.state, "done")

    def test_policy_without_sending_is_told_before(self):
        orders = self.make_quotations(2)
        orders[0]._chain_policy().send_quotation = False
        self.patch(type(orders), "_send_limit", lambda orders: 1)
        wizard = self.dialog(orders)
        self.assertEqual(wizard.ready_count, 0)
        self.assertIn("leaves out the sending", wizard.line_ids[0].reason)

    def count(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        result = call()
        self.env.flush_all()
        return self.cr.sql_log_count - start, result

    def test_preview_takes_as_many_queries_for_many_as_for_few(self):
        counts = []
        for number in (1, 3, 30):
            orders = self.make_quotations(number)
            counts.append(self.count(lambda orders=orders: self.dialog(orders))[0])
        self.assertLessEqual(counts[2] - counts[1], 3)

    def test_one_batch_sends_with_few_queries(self):
        self.without_files()
        counts = []
        for number in (1, 5, 25):
            wizard = self.dialog(self.make_quotations(number))
            self.patch(type(wizard.line_ids.order_id), "_send_limit", lambda orders: 50)
            counts.append(self.count(wizard.action_send)[0])
        # Core's composer posts message by message; with other addons beside, 15.6.
        self.assertLessEqual((counts[2] - counts[1]) / 20, 16)


@tagged("post_install", "-at_install")
class TestSendTour(HttpCase, SendCase):
    def test_salesperson_sends_from_the_list(self):
        self.without_files()
        good = self.make_quotations()
        bad = self.make_quotations(partner_id=self.make_customer(email=False).id)
        self.start_tour(
            "/odoo/action-sale.action_quotations",
            "sale_quote_ext.send_many",
            login="chain_sales",
        )
        self.assertEqual((good.state, bad.state), ("sent", "draft"))


@tagged("post_install", "-at_install")
class TestBounce(SendCase, MailCommon):
    def setUp(self):
        super().setUp()
        self.without_files()
        self.order = self.make_quotations()
        with self.mock_mail_gateway():
            self.order.action_chain_step("send")
        self.message = self.order.message_ids.filtered(
            lambda message: message.message_type != "notification"
        )[:1]

    def bounce(self, number=1, address="sara@example.com"):
        text = BOUNCE.format(
            number=number, address=address, references=self.message.message_id
        )
        self.env["mail.thread"].sudo().message_process(None, text)

    def activities(self, order=None):
        order = order or self.order
        kind = "sale_quote_ext.mail_activity_type_bounce"
        return order.sudo().activity_search([kind])

    def test_bounce_is_an_activity_of_the_salesperson(self):
        self.bounce()
        activity = self.activities()
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("sara@example.com", activity.summary)
        self.assertIn("Check the e-mail address of", activity.note)
        self.assertEqual(activity.date_deadline, fields.Date.today())

    def test_same_bounce_twice_is_one_activity(self):
        self.bounce(1)
        self.bounce(2)
        self.assertEqual(len(self.activities()), 1)

    def test_bounce_after_it_was_done_is_another_activity(self):
        self.bounce(1)
        self.activities().action_feedback()
        self.bounce(2)
        self.assertEqual(len(self.activities()), 1)

    def test_another_address_is_another_activity(self):
        """Core names the only recipient, whatever address the bounce does."""
        nobody = self.env["res.partner"]
        for address in ("sara@example.com", "sara@example.net", "sara@example.net"):
            self.order._message_receive_bounce(address, nobody)
        self.assertEqual(len(self.activities()), 2)

    def test_quotation_without_salesperson_turns_to_the_leader_of_its_team(self):
        leader = new_test_user(
            self.env, "bounce_leader", groups="sales_team.group_sale_manager"
        )
        team = self.env["crm.team"].create({"name": "North", "user_id": leader.id})
        self.order.sudo().write({"user_id": False, "team_id": team.id})
        self.bounce()
        self.assertEqual(self.activities().user_id, leader)

    def test_activity_is_written_in_the_language_of_the_salesperson(self):
        self.salesperson.lang = "fr_FR"
        seen = []
        cls = type(self.env["sale.order"])
        note = cls._bounce_note

        def spied(order, address, reason):
            seen.append(order.env.lang)
            return note(order, address, reason)

        self.patch(cls, "_bounce_note", spied)
        self.bounce()
        self.assertEqual(seen, ["fr_FR"])

    def test_bounce_of_a_cancelled_quotation_is_nothing_to_do(self):
        self.order.action_cancel()
        self.bounce()
        self.assertFalse(self.activities())

    def test_address_refused_at_once_is_an_activity_too(self):
        order = self.make_quotations(
            partner_id=self.make_customer(email="gone@example.com").id
        )
        servers = type(self.env["ir.mail_server"])
        refused = AssertionError(servers.NO_VALID_RECIPIENT)
        with self.mock_mail_gateway():
            with patch.object(servers, "send_email", side_effect=refused):
                order.action_chain_step("send")
        activity = self.activities(order)
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("gone@example.com", activity.summary)

    def test_our_own_server_out_of_reach_is_nothing_for_salespeople(self):
        order = self.make_quotations(
            partner_id=self.make_customer(email="gone@example.com").id
        )
        servers = type(self.env["ir.mail_server"])
        with patch.object(servers, "_connect__", side_effect=OSError("no server")):
            order.action_chain_step("send")
        self.assertEqual(self.sent(order).state, "exception")
        self.assertFalse(self.activities(order))
