from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import QuoteCase

MANAGER = "sales_team.group_sale_manager,base.group_partner_manager"


class ExpiredCase(QuoteCase):
    """A quotation of the salesperson that expired yesterday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, login="quote_manager", groups=MANAGER)
        cls.today = fields.Date.today()
        cls.yesterday = cls.today - timedelta(days=1)
        cls.deal = cls.make_deals()
        cls.deal.chain_run_step("quotation")
        cls.order = cls.deal.order_ids
        cls.order.validity_date = cls.yesterday
        cls.company = cls.order.company_id.sudo()


@tagged("post_install", "-at_install")
class TestQuotationValidity(ExpiredCase):
    """An expired quotation is not confirmed, by whichever way."""

    def refused(self):
        return self.assertRaisesRegex(UserError, f"{self.order.name} expired on")

    def test_button_is_refused_with_the_way_out(self):
        with self.refused() as caught:
            self.order.action_confirm()
        self.assertIn("refresh it", str(caught.exception))
        self.assertEqual(self.order.state, "draft")

    def test_written_state_is_refused(self):
        with self.refused():
            self.order.write({"state": "sale"})

    def test_import_is_refused(self):
        rows = [[self.order.id, "sale"]]
        result = self.order.load([".id", "state"], rows)
        self.assertIn("expired on", result["messages"][0]["message"])
        self.assertEqual(self.order.state, "draft")

    def test_manager_is_held_to_it_too(self):
        with self.refused():
            self.order.with_user(self.manager).action_confirm()

    def test_all_expired_of_a_batch_are_named(self):
        other = self.order.copy({"validity_date": self.yesterday})
        with self.refused() as caught:
            (self.order | other).action_confirm()
        self.assertIn(other.name, str(caught.exception))

    def test_last_day_counts(self):
        self.order.validity_date = self.today
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_new_date_of_the_same_write_counts(self):
        self.order.write({"state": "sale", "validity_date": str(self.today)})
        self.assertEqual(self.order.state, "sale")

    def test_no_validity_never_ends(self):
        self.order.validity_date = False
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_without_the_setting_core_confirms_it(self):
        self.company.quotation_validity_enforced = False
        self.assertEqual(self.deal.chain_run_step("order")["done"], self.deal.ids)
        self.assertEqual(self.order.state, "sale")

    def test_setting_is_the_companys(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.quotation_validity_enforced)
        settings.quotation_validity_enforced = False
        settings.execute()
        self.assertFalse(self.env.company.quotation_validity_enforced)

    def test_chain_names_it_before(self):
        result = self.deal.chain_run_step("order")
        [reason] = result["blocked"][str(self.deal.id)]
        self.assertIn("It expired on", reason)
        self.assertEqual(self.order.state, "draft")

    def test_preview_of_a_run_names_it(self):
        run = self.make_run(self.order)
        run.action_preview()
        self.assertIn("It expired on", str(run.line_ids.reasons))

    def test_what_the_customer_accepted_is_confirmed(self):
        """Core offers him the signature until the last day."""
        public = self.env.ref("base.public_user")
        self.order.with_user(public).sudo()._validate_order()
        self.assertEqual(self.order.state, "sale")

    def test_expired_quotation_offers_the_customer_no_signature(self):
        self.order.require_signature = True
        self.assertFalse(self.order._has_to_be_signed())

    def test_confirming_costs_no_query(self):
        self.order.validity_date = self.today
        self.order._validity_check()
        with self.assertQueryCount(0):
            self.order._validity_check()


@tagged("post_install", "-at_install")
class TestQuotationExtend(ExpiredCase):
    """The ways out: extended by a manager, refreshed by anybody."""

    def test_manager_extends_at_the_old_prices(self):
        self.pump.list_price = 200
        self.order.with_user(self.manager).action_validity_extend()
        self.assertGreater(self.order.validity_date, self.today)
        self.order.action_confirm()
        self.assertEqual(self.order.order_line[0].price_unit, 100)

    def test_extension_stands_in_the_chatter(self):
        order = self.order.with_context(tracking_disable=False)
        order.with_user(self.manager).action_validity_extend()
        self.env.cr.flush()
        [value] = self.order.message_ids.sudo().tracking_value_ids
        self.assertEqual(value.field_id.name, "validity_date")

    def test_salesperson_does_not_extend(self):
        with self.assertRaisesRegex(AccessError, "Refresh it instead"):
            self.order.action_validity_extend()

    def test_nothing_expired_says_so(self):
        self.order.validity_date = self.today
        with self.assertRaisesRegex(UserError, "has expired"):
            self.order.with_user(self.manager).action_validity_extend()

    def test_many_are_extended_together(self):
        orders = self.order
        for _number in range(3):
            orders |= self.order.copy({"validity_date": self.yesterday})
        orders.with_user(self.manager).action_validity_extend()
        self.assertFalse(orders.filtered("is_expired"))

    def test_refresh_takes_the_prices_of_today(self):
        self.order.order_line.discount = 0
        self.order.action_quotation_sent()
        self.pump.list_price = 200
        self.order.action_quotation_refresh()
        self.assertEqual(self.order.state, "draft")
        self.assertGreater(self.order.validity_date, self.today)
        self.assertEqual(self.order.order_line[0].price_unit, 200)
        self.assertIn("refreshed", self.order.message_ids[0].body)

    def test_refresh_takes_the_rules_of_today(self):
        pricelist = self.env["product.pricelist"].create({"name": "Season"})
        with freeze_time(self.today - timedelta(days=60)):
            order = self.order.copy({"pricelist_id": pricelist.id})
        item = {"compute_price": "fixed", "fixed_price": 70, "applied_on": "1_product"}
        item["product_tmpl_id"] = self.pump.product_tmpl_id.id
        item["date_start"] = fields.Datetime.now() - timedelta(days=1)
        pricelist.item_ids = [(0, 0, item)]
        order.action_quotation_refresh()
        self.assertEqual(order.order_line[0].price_unit, 70)

    def test_order_is_not_refreshed(self):
        self.order.validity_date = self.today
        self.order.action_confirm()
        with self.assertRaisesRegex(UserError, self.order.name):
            self.order.action_quotation_refresh()

    def test_colleague_does_not_refresh(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.colleague).action_quotation_refresh()
