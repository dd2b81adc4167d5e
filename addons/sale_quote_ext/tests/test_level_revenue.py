from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .common_level import LevelCase


class RevenueCase(LevelCase):
    """Gold from 1,000 and silver from 400, for twelve months each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env["account.journal"].create(
            {"name": "Sales", "code": "LVL", "type": "sale"}
        )
        cls.account = cls.env["account.account"].create(
            {"name": "Income", "code": "LVL400", "account_type": "income"}
        )
        cls.env["ir.default"].set(
            "res.partner",
            "property_account_receivable_id",
            cls.env["account.account"]
            .create(
                {
                    "name": "Receivable",
                    "code": "LVL100",
                    "account_type": "asset_receivable",
                    "reconcile": True,
                }
            )
            .id,
            company_id=cls.company.id,
        )
        cls.today = fields.Date.today()
        (cls.gold | cls.silver | cls.plain).company_id = False
        cls.gold.write({"revenue_threshold": 1000, "sequence": 1})
        cls.silver.write({"revenue_threshold": 400, "sequence": 2})
        cls.plain.sequence = 3

    @classmethod
    def invoice(cls, customer, amount, days=30, kind="out_invoice", **vals):
        """A posted invoice, so many days ago."""
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": customer.id,
                "invoice_date": cls.today - relativedelta(days=days),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "quantity": 1,
                            "price_unit": amount,
                            "account_id": cls.account.id,
                            "tax_ids": [],
                        }
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    def review(self, user=None):
        """:return: the proposals a manager sees"""
        Proposal = self.env["level.proposal"].with_user(user or self.manager)
        return Proposal.search(Proposal._review_list()["domain"])

    def proposed(self, customer):
        """:return: the level proposed for ``customer``; None: nothing is"""
        line = self.review().filtered(lambda x: x.partner_id == customer)
        return line.proposed_level_id if line else None

    def accept(self, customer):
        lines = self.review().filtered(lambda x: x.partner_id == customer)
        lines.action_apply()

    def age(self, customer, **delta):
        customer.sudo().level_expires_on -= relativedelta(**delta)


@tagged("post_install", "-at_install")
class TestLevelRevenue(RevenueCase):
    # What counts

    def test_highest_level_that_is_reached_is_proposed(self):
        for amount, level in ((399.99, None), (400, self.silver), (1000, self.gold)):
            customer = self.make_customers()
            self.invoice(customer, amount)
            self.assertEqual(self.proposed(customer), level)

    def test_credit_notes_and_old_and_draft_invoices_do_not_count(self):
        self.invoice(self.customer, 900)
        self.invoice(self.customer, 400, days=10, kind="out_refund")
        self.invoice(self.customer, 600, days=400)
        draft = self.invoice(self.customer, 600)
        draft.button_draft()
        self.assertEqual(self.proposed(self.customer), self.silver)
        line = self.review().filtered(lambda x: x.partner_id == self.customer)
        self.assertEqual(line.revenue, 500)

    def test_taxes_do_not_count(self):
        self.env["res.country"].search([("code", "=", "BE")], limit=1)
        tax = self.env["account.tax"].create(
            {
                "name": "A quarter",
                "amount": 25,
                "country_id": self.env.company.account_fiscal_country_id.id,
            }
        )
        move = self.invoice(self.customer, 390)
        move.button_draft()
        move.invoice_line_ids.tax_ids = tax
        move.action_post()
        self.assertIsNone(self.proposed(self.customer))

    def test_invoices_of_contacts_count_for_their_company(self):
        firm = self.make_customers(is_company=True)
        person = self.make_customers(parent_id=firm.id)
        self.invoice(firm, 600)
        self.invoice(person, 600)
        self.assertEqual(self.proposed(firm), self.gold)
        self.assertIsNone(self.proposed(person))

    def test_other_currencies_count_at_the_invoice_s_rate(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XLV",
                "symbol": "L",
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": 10})],
            }
        )
        self.invoice(self.customer, 5000, currency_id=currency.id)
        self.assertEqual(self.proposed(self.customer), self.silver)

    def test_level_of_a_company_counts_what_that_company_invoiced(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.gold.company_id = other
        self.invoice(self.customer, 2000)
        self.assertEqual(self.proposed(self.customer), self.silver)
        self.gold.company_id = self.company
        self.assertEqual(self.proposed(self.customer), self.gold)

    # Giving

    def test_chosen_customers_get_their_level_and_its_pricelist(self):
        both = self.make_customers(2)
        for customer in both:
            self.invoice(customer, 1200)
        self.accept(both[0])
        self.assertEqual(both[0].grade_id, self.gold)
        self.assertEqual(self.kept(both[0]), self.gold_prices)
        year = self.today + relativedelta(months=12)
        self.assertEqual(both[0].level_expires_on, year)
        self.assertFalse(both[1].grade_id)

    def test_chatter_tells_why_but_not_the_revenue(self):
        """Whoever reads a contact reads his chatter, and few may know his revenue."""
        self.invoice(self.customer, 1200)
        self.accept(self.customer)
        note = self.customer.message_ids[0].body
        self.assertIn("1,000.00", note)
        self.assertNotIn("1,200.00", note)

    def test_nothing_is_proposed_twice(self):
        self.invoice(self.customer, 1200)
        self.accept(self.customer)
        self.assertIsNone(self.proposed(self.customer))

    def test_level_goes_up_at_once_and_down_when_it_has_expired(self):
        self.invoice(self.customer, 500)
        self.accept(self.customer)
        higher = self.invoice(self.customer, 600)
        self.assertEqual(self.proposed(self.customer), self.gold)
        self.accept(self.customer)
        higher.button_draft()
        self.assertIsNone(self.proposed(self.customer))
        self.age(self.customer, months=13)
        self.assertEqual(self.proposed(self.customer), self.silver)

    def test_expired_level_that_nothing_supports_is_taken_off(self):
        move = self.invoice(self.customer, 500)
        self.accept(self.customer)
        move.button_draft()
        self.age(self.customer, months=13)
        self.assertEqual(self.proposed(self.customer), self.gold.browse())
        self.accept(self.customer)
        self.assertFalse(self.customer.grade_id)
        self.assertFalse(self.kept(self.customer))
        self.assertIsNone(self.proposed(self.customer))

    def test_expired_level_that_is_still_earned_is_extended(self):
        self.invoice(self.customer, 500)
        self.accept(self.customer)
        self.age(self.customer, months=13)
        self.assertEqual(self.proposed(self.customer), self.silver)
        self.accept(self.customer)
        self.assertGreater(self.customer.level_expires_on, self.today)

    def test_level_without_expiry_stays(self):
        self.silver.revenue_validity = 0
        move = self.invoice(self.customer, 500)
        self.accept(self.customer)
        self.assertFalse(self.customer.level_expires_on)
        move.button_draft()
        self.assertIsNone(self.proposed(self.customer))

    def test_what_has_changed_since_the_preview_is_refused(self):
        self.invoice(self.customer, 1200)
        lines = self.review()
        self.customer.grade_id = self.plain
        with self.assertRaisesRegex(UserError, "another level by now"):
            lines.action_apply()
        self.assertEqual(self.customer.grade_id, self.plain)

    # Levels by hand

    def test_level_by_hand_is_marked_and_changes_only_if_chosen(self):
        self.customer.grade_id = self.plain
        self.invoice(self.customer, 1200)
        line = self.review().filtered(lambda x: x.partner_id == self.customer)
        self.assertTrue(line.by_hand)
        self.scheduled("apply")
        self.assertEqual(self.customer.grade_id, self.plain)
        self.accept(self.customer)
        self.assertEqual(self.customer.grade_id, self.gold)

    def test_level_by_hand_is_not_taken_off(self):
        self.customer.grade_id = self.plain
        self.invoice(self.customer, 10)
        self.assertIsNone(self.proposed(self.customer))

    def test_hand_takes_over_from_revenue(self):
        self.invoice(self.customer, 500)
        self.accept(self.customer)
        with Form(self.customer.with_user(self.manager)) as form:
            form.grade_id = self.plain
        self.assertFalse(self.customer.level_earned_id)
        self.assertFalse(self.customer.level_expires_on)

    def test_import_of_the_same_level_leaves_its_expiry(self):
        self.invoice(self.customer, 500)
        self.accept(self.customer)
        self.customer.write({"grade_id": self.silver.id, "comment": "Imported"})
        self.assertEqual(self.customer.level_earned_id, self.silver)

    # Scheduled

    def scheduled(self, mode):
        param = "sale_quote_ext.level_review"
        self.env["ir.config_parameter"].set_param(param, mode)
        cron = self.env.ref("sale_quote_ext.ir_cron_level_review")
        cron.ir_actions_server_id.run()

    def told(self):
        return self.env["mail.message"].search_count(
            [
                ("partner_ids", "in", self.manager.partner_id.ids),
                ("subject", "=", "Customer Levels to Review"),
            ]
        )

    def test_schedule_does_nothing_unless_it_is_set(self):
        self.invoice(self.customer, 1200)
        self.scheduled(False)
        self.assertFalse(self.customer.grade_id or self.told())

    def test_schedule_tells_the_managers(self):
        self.scheduled("tell")
        self.assertFalse(self.told())
        self.invoice(self.customer, 1200)
        self.scheduled("tell")
        self.assertEqual(self.told(), 1)
        self.assertFalse(self.customer.grade_id)

    def test_schedule_gives_the_levels(self):
        self.invoice(self.customer, 1200)
        self.scheduled("apply")
        self.assertEqual(self.customer.grade_id, self.gold)
        self.assertEqual(self.customer.level_earned_id, self.gold)

    def test_setting_says_what_the_schedule_does(self):
        with Form(self.env["res.config.settings"]) as form:
            form.level_review = "apply"
        form.save().execute()
        param = self.env["ir.config_parameter"].get_param("sale_quote_ext.level_review")
        self.assertEqual(param, "apply")

    # Rights

    def test_salespeople_neither_see_nor_give(self):
        self.invoice(self.customer, 1200)
        lines = self.review()
        for user in (self.salesperson, self.seller_of_all):
            with self.assertRaises(AccessError):
                self.review(user)
            with self.assertRaises(AccessError):
                lines.with_user(user).action_apply()
            with self.assertRaises(AccessError):
                self.customer.with_user(user).level_earned_id = self.gold
            with self.assertRaises(AccessError):
                self.gold.with_user(user).revenue_threshold = 1

    def test_earned_level_alone_gives_nothing(self):
        self.customer.with_user(self.manager).level_earned_id = self.gold
        self.assertFalse(self.customer.grade_id)

    # Numbers

    def test_many_customers_take_no_more_queries_than_few(self):
        counts = []
        for number in (3, 30):
            for customer in self.make_customers(number):
                self.invoice(customer, 1200)
            self.env.flush_all()
            self.env.invalidate_all()
            self.env["res.partner"]._level_proposals()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env["res.partner"]._level_proposals()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(len(found), 33)
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestLevelRevenueUi(RevenueCase, HttpCase):
    def test_manager_gives_levels_in_the_list(self):
        self.customer.name = "Sara Levels"
        self.invoice(self.customer, 1200)
        url = "/odoo/action-sale_quote_ext.level_proposal_action_server"
        self.start_tour(url, "sale_quote_ext.level_proposal", login=self.manager.login)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.grade_id, self.gold)
