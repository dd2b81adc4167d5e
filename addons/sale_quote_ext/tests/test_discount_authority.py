from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import QuoteCase

LIMIT = "sale_quote_ext.discount_limit_"
LIMITED = "sale_quote_ext.discount_limited_"


class DiscountCase(QuoteCase):
    """Quotations of a salesperson who may give 10 %, in the team of a leader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leads = "sales_team.group_sale_salesman_all_leads"
        cls.leader = new_test_user(cls.env, login="disc_leader", groups=leads)
        cls.manager = new_test_user(
            cls.env, login="disc_manager", groups="sales_team.group_sale_manager"
        )
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Pumps",
                "user_id": cls.leader.id,
                "member_ids": [Command.set([cls.salesperson.id, cls.leader.id])],
            }
        )
        cls.limit("own", 10)
        cls.Order = cls.env["sale.order"].with_user(cls.salesperson)

    @classmethod
    def limit(cls, role, percent):
        params = cls.env["ir.config_parameter"]
        params.set_param(LIMITED + role, percent is not None)
        params.set_param(LIMIT + role, percent or 0)

    @classmethod
    def make_order(cls, *lines, **vals):
        """:return: a quotation of the salesperson"""
        return cls.Order.create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.salesperson.id,
                "team_id": cls.team.id,
                "order_line": [
                    Command.create({"product_id": cls.pump.id, **line})
                    for line in lines or [{}]
                ],
                **vals,
            }
        )

    def given(self, order):
        percents = order.order_line._discounts_given()
        return [round(x, 2) for x in percents.values()]

    def assertHeld(self, order, act=None):
        """``order`` cannot be confirmed, or whatever ``act`` does."""
        with self.assertRaisesRegex(UserError, "the limit is"):
            (act or order.action_confirm)()
        self.assertEqual(order.sudo().state, "draft")


@tagged("post_install", "-at_install")
class TestDiscountGiven(DiscountCase):
    """What counts as the discount of a line."""

    def test_own_discount_of_the_line_counts(self):
        self.assertEqual(self.given(self.make_order({"discount": 12.5})), [12.5])

    def test_edited_price_counts(self):
        self.assertEqual(self.given(self.make_order({"price_unit": 80})), [20])

    def test_edited_price_and_discount_count_together(self):
        order = self.make_order({"price_unit": 80, "discount": 50})
        self.assertEqual(self.given(order), [60])

    def pricelist(self, **rule):
        return self.env["product.pricelist"].create(
            {
                "name": "Ten off",
                "item_ids": [Command.create({"compute_price": "percentage", **rule})],
            }
        )

    def test_rule_of_the_pricelist_counts(self):
        pricelist = self.pricelist(percent_price=10)
        order = self.make_order(pricelist_id=pricelist.id)
        self.assertEqual(self.given(order), [10])

    def test_rule_and_edited_price_count_together(self):
        pricelist = self.pricelist(percent_price=10)
        order = self.make_order(pricelist_id=pricelist.id)
        line = order.order_line
        line.price_unit -= line.price_unit / 2
        self.assertEqual(self.given(order), [100 - 90 / 2])

    def test_fixed_price_of_the_pricelist_counts(self):
        pricelist = self.pricelist(compute_price="fixed", fixed_price=75)
        order = self.make_order(pricelist_id=pricelist.id)
        self.assertEqual(self.given(order), [25])

    def test_price_in_another_currency_is_compared_in_that_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "GTK",
                "symbol": "G",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 4})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self.make_order(pricelist_id=pricelist.id)
        self.assertEqual(order.order_line.price_unit, 400)
        self.assertEqual(self.given(order), [0])
        order.order_line.price_unit = 300
        self.assertEqual(self.given(order), [25])

    def test_older_date_brings_no_older_rate(self):
        currency = self.env["res.currency"].create(
            {
                "name": "GTK",
                "symbol": "G",
                "rate_ids": [
                    Command.create({"name": "2010-01-01", "rate": 1}),
                    Command.create({"name": "2020-01-01", "rate": 4}),
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self.make_order(pricelist_id=pricelist.id)
        order.date_order = "2015-01-01"
        order.order_line.price_unit = 100
        self.assertEqual(self.given(order), [75])

    def test_price_of_another_unit_is_compared_in_that_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.make_order({"product_uom_id": dozen.id})
        self.assertEqual(order.order_line.price_unit, 1200)
        self.assertEqual(self.given(order), [0])
        order.order_line.price_unit = 900
        self.assertEqual(self.given(order), [25])

    def test_global_discount_counts_on_each_line(self):
        discount_product = self.make_product("Discount")
        self.env.company.sale_discount_product_id = discount_product
        order = self.make_order({"discount": 10}, {"product_id": self.service.id})
        self.env["sale.order.discount"].with_user(self.salesperson).create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.2,
            }
        ).action_apply_discount()
        self.assertEqual(self.given(order), [28, 20])

    def test_global_amount_counts_on_each_line(self):
        self.env.company.sale_discount_product_id = self.make_product("Discount")
        order = self.make_order({"product_uom_qty": 2})
        self.env["sale.order.discount"].with_user(self.salesperson).create(
            {
                "sale_order_id": order.id,
                "discount_type": "amount",
                "discount_amount": 50,
            }
        ).action_apply_discount()
        self.assertAlmostEqual(self.given(order)[0], 25, 1)

    def test_negative_line_counts_on_the_others(self):
        order = self.make_order({}, {"price_unit": -30})
        self.assertAlmostEqual(self.given(order)[0], 30, 1)

    def test_negative_quantity_counts_on_the_others(self):
        order = self.make_order({"product_uom_qty": 2}, {"product_uom_qty": -1})
        self.assertAlmostEqual(self.given(order)[0], 50, 1)

    def test_nothing_but_a_negative_line_is_a_gift(self):
        self.assertEqual(self.given(self.make_order({"price_unit": -30})), [100])

    def test_free_product_is_a_gift(self):
        self.assertEqual(self.given(self.make_order({}, {"discount": 100})), [0, 100])

    def test_reduction_disguised_as_down_payment_counts(self):
        order = self.make_order({}, {"price_unit": -30, "is_downpayment": True})
        self.assertAlmostEqual(self.given(order)[0], 30, 1)

    def test_higher_price_is_no_discount(self):
        order = self.make_order({"price_unit": 200, "discount": 50})
        self.assertEqual(self.given(order), [0])

    def test_product_without_list_price_has_its_own_discount(self):
        self.pump.list_price = 0
        order = self.make_order({"price_unit": 40, "discount": 15})
        self.assertEqual(self.given(order), [15])

    def test_extra_price_of_the_attribute_is_list_price(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Finish",
                "create_variant": "no_variant",
                "value_ids": [
                    Command.create({"name": "Steel", "default_extra_price": 100}),
                    Command.create({"name": "Iron"}),
                ],
            }
        )
        # Without what core left in the context of the one it made with its variant.
        template = self.pump.product_tmpl_id.with_env(self.env)
        template.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]
        values = template.attribute_line_ids.product_template_value_ids
        order = self.make_order(
            {"product_no_variant_attribute_value_ids": [Command.set(values[0].ids)]}
        )
        self.assertEqual(order.order_line.price_unit, 200)
        order.order_line.price_unit = 100
        self.assertEqual(self.given(order), [50])

    def test_combo_is_judged_as_a_whole(self):
        combo = self.env["product.combo"].create(
            {
                "name": "Set",
                "combo_item_ids": [
                    Command.create({"product_id": self.pump.id, "extra_price": 5})
                ],
            }
        )
        package = self.env["product.product"].create(
            {
                "name": "Package",
                "type": "combo",
                "list_price": 60,
                "combo_ids": [Command.set(combo.ids)],
            }
        )
        order = self.make_order({"product_id": package.id})
        self.Order.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.pump.id,
                "combo_item_id": combo.combo_item_ids.id,
                "linked_line_id": order.order_line.id,
            }
        )
        self.assertEqual(order.order_line[1].price_unit, 65)
        self.assertEqual(self.given(order), [0])
        order.order_line[1].price_unit = 52
        self.assertEqual(self.given(order), [20])


@tagged("post_install", "-at_install")
class TestDiscountAuthority(DiscountCase):
    """Who may send and confirm what."""

    def test_salesperson_of_another_company_sends_within_his_limit(self):
        """The customer's user (public) is of the first company only."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.salesperson.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.env["crm.team"].create(
            {
                "name": "Far",
                "company_id": company.id,
                "member_ids": [Command.set(self.salesperson.ids)],
                "discount_limited": True,
                "discount_limit": 20,
            }
        )
        self.env.invalidate_all()
        orders = self.env["sale.order"].with_user(self.salesperson)
        line = Command.create({"product_id": self.pump.id, "discount": 15})
        order = orders.with_company(company).create(
            {"partner_id": self.customer.id, "order_line": [line]}
        )
        self.env.invalidate_all()
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")

    def test_nothing_is_held_before_there_are_limits(self):
        self.limit("own", None)
        order = self.make_order({"discount": 95})
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_discount_up_to_the_limit_is_free(self):
        order = self.make_order({"discount": 10})
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.sudo().discount_approval_ids)

    def test_limit_of_zero_allows_nothing(self):
        self.limit("own", 0)
        self.assertHeld(self.make_order({"discount": 1}))
        self.make_order().action_confirm()

    def test_quotation_beyond_authority_can_be_saved(self):
        with Form(self.make_order({"discount": 5})) as form:
            with form.order_line.edit(0) as line:
                line.price_unit = 10
        self.assertEqual(form.record.order_line.price_unit, 10)

    def test_refusal_names_line_discount_limit_and_way_out(self):
        order = self.make_order({"discount": 25})
        with self.assertRaisesRegex(
            UserError, "Pump has a discount of 25 %.*limit is 10 %.*request an approval"
        ):
            order.action_confirm()

    def test_it_is_held_on_every_way(self):
        order = self.make_order({"discount": 25})
        share = self.env["portal.share"].with_user(self.salesperson)
        context = {"active_model": "sale.order", "active_id": order.id}
        link = self.env["payment.link.wizard"].with_user(self.salesperson)
        template = order._find_mail_template()
        for act in (
            order.action_confirm,
            order.action_quotation_send,
            order.with_context(proforma=True).action_quotation_send,
            order.action_quotation_sent,
            order.with_context(**context).action_share,
            lambda: order.write({"state": "sent"}),
            lambda: order.write({"state": "sale"}),
            lambda: order.with_context(mark_so_as_sent=True).message_post(body="x"),
            lambda: order.message_post_with_source(template),
            lambda: order.message_mail_with_source(template),
            lambda: template.with_user(self.salesperson).send_mail(order.id),
            lambda: order.action_chain_step("send"),
            lambda: order.action_chain_step("order"),
            lambda: Form(share.with_context(**context)),
            lambda: share.create({"res_model": "sale.order", "res_id": order.id}),
            lambda: link.with_context(**context).default_get(["amount"]),
        ):
            self.assertHeld(order, act)

    def test_composer_sends_no_quotation_beyond_authority(self):
        order = self.make_order({"discount": 25})
        composers = self.env["mail.compose.message"].with_user(self.salesperson)
        for mode in ("comment", "mass_mail"):
            composer = composers.with_context(
                default_model="sale.order",
                default_res_ids=order.ids,
                default_composition_mode=mode,
                default_template_id=order._find_mail_template().id,
            ).create({})
            self.assertHeld(order, composer.action_send_mail)

    def test_message_without_a_quotation_may_go(self):
        order = self.make_order({"discount": 25})
        message = order.message_post(
            body="We are at it", partner_ids=self.customer.ids, message_type="comment"
        )
        groups = order._notify_get_recipients_groups(message, "Quotation")
        access = {name: values["has_button_access"] for name, _f, values in groups}
        self.assertFalse(access["portal_customer"])

    def test_it_cannot_be_created_as_sent_or_confirmed(self):
        for state in ("sent", "sale"):
            with self.assertRaisesRegex(UserError, "the limit is"):
                self.make_order({"discount": 25}, state=state)

    def test_state_and_lines_in_one_write_are_judged_together(self):
        order = self.make_order()
        line = [Command.update(order.order_line.id, {"discount": 50})]
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.write({"state": "sent", "order_line": line})

    def load(self, state):
        return self.Order.load(
            [
                "partner_id/.id",
                "state",
                "order_line/product_id/.id",
                "order_line/product_uom_qty",
                "order_line/price_unit",
            ],
            [[str(self.customer.id), state, str(self.pump.id), "1", "20"]],
        )

    def test_import_brings_it_in_as_a_quotation_only(self):
        result = self.load("sale")
        self.assertFalse(result["ids"])
        self.assertIn("the limit is", result["messages"][0]["message"])
        [order_id] = self.load("draft")["ids"]
        self.assertHeld(self.Order.browse(order_id))

    def test_template_brings_no_authority(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "Cheap",
                "sale_order_template_line_ids": [
                    Command.create({"product_id": self.pump.id})
                ],
            }
        )
        group = "sale_management.group_sale_order_template"
        self.salesperson.group_ids += self.env.ref(group)
        form = Form(self.Order)
        form.partner_id = self.customer
        form.sale_order_template_id = template
        order = form.save()
        order.order_line.discount = 40
        self.assertHeld(order)

    def test_manager_is_free_unless_limited(self):
        order = self.make_order({"discount": 25})
        self.limit("manager", 20)
        self.assertHeld(order, order.with_user(self.manager).action_confirm)
        self.limit("manager", None)
        order.with_user(self.manager).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_role_with_all_documents_has_its_own_limit(self):
        self.limit("all", 20)
        low, high = self.make_order({"discount": 15}), self.make_order({"discount": 25})
        low.with_user(self.leader).action_confirm()
        self.assertEqual(low.state, "sale")
        self.assertHeld(high, high.with_user(self.leader).action_confirm)

    def test_limit_of_the_team_takes_the_place_of_the_roles(self):
        self.team.write({"discount_limited": True, "discount_limit": 30})
        self.make_order({"discount": 30}).action_confirm()
        self.team.discount_limit = 5
        self.assertHeld(self.make_order({"discount": 7}))

    def test_limit_of_the_team_is_not_for_managers(self):
        self.team.write({"discount_limited": True, "discount_limit": 5})
        self.team.member_ids += self.manager
        order = self.make_order({"discount": 50})
        order.with_user(self.manager).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_limit_of_a_team_of_others_helps_nobody(self):
        other = self.env["crm.team"].create(
            {"name": "Free", "discount_limited": True, "discount_limit": 90}
        )
        self.assertHeld(self.make_order({"discount": 25}, team_id=other.id))

    def test_another_team_on_the_quotation_does_not_free_from_ones_own(self):
        self.team.write({"discount_limited": True, "discount_limit": 5})
        other = self.env["crm.team"].create({"name": "Free"})
        self.assertHeld(self.make_order({"discount": 8}, team_id=other.id))

    def test_handing_it_to_a_manager_does_not_help(self):
        order = self.make_order({"discount": 25})
        order.sudo().user_id = self.manager
        self.assertHeld(order, order.sudo().action_confirm)

    def test_confirmed_order_gets_no_greater_discount(self):
        order = self.make_order({"discount": 5})
        order.action_confirm()
        line = order.order_line
        with self.assertRaisesRegex(UserError, "have a leader change the order"):
            line.discount = 50
        with self.assertRaisesRegex(UserError, "the limit is"):
            line.price_unit = 10
        new = {"product_id": self.pump.id, "price_unit": -60}
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.order_line = [Command.create(new)]
        line.product_uom_qty = 3
        line.with_user(self.manager).discount = 50

    def test_order_confirmed_earlier_can_still_be_changed(self):
        self.limit("own", None)
        order = self.make_order({"discount": 50})
        order.action_confirm()
        self.limit("own", 10)
        order.order_line.product_uom_qty = 2
        order.order_line.discount = 45
        with self.assertRaisesRegex(UserError, "the limit is"):
            order.order_line.discount = 60

    def test_customer_signs_what_a_manager_has_sent(self):
        order = self.make_order({"discount": 50})
        order.with_user(self.manager).action_quotation_sent()
        public = self.env.ref("base.public_user")
        seen = order.with_user(public).sudo()
        seen.require_signature = True
        self.assertTrue(seen._has_to_be_signed())
        seen._validate_order()
        self.assertEqual(order.state, "sale")

    def test_customer_is_not_asked_to_accept_what_nobody_approved(self):
        order = self.make_order()
        order.write({"require_signature": True, "require_payment": True})
        order.action_quotation_sent()
        seen = order.with_user(self.env.ref("base.public_user")).sudo()
        self.assertTrue(seen._has_to_be_signed())
        self.assertTrue(seen._has_to_be_paid())
        order.order_line.discount = 50
        self.assertFalse(seen._has_to_be_signed())
        self.assertFalse(seen._has_to_be_paid())

    def test_payment_of_what_nobody_approved_waits_for_a_leader(self):
        order = self.make_order({"discount": 50})
        order.sudo().require_payment = True
        transaction = self.pay(order)
        transaction._check_amount_and_confirm_order()
        self.assertEqual(order.state, "draft")
        request = order.sudo().discount_approval_ids
        self.assertEqual(request.state, "requested")
        self.assertEqual(request.approver_ids, self.leader)
        order.with_user(self.leader).action_discount_approve()
        transaction._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sale")

    def pay(self, order):
        provider = self.env["payment.provider"].create({"name": "Test"})
        method = self.env["payment.method"].create({"name": "Test", "code": "test"})
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "reference": order.name,
                "state": "done",
            }
        )

    def test_pending_payment_does_not_send_what_nobody_approved(self):
        order = self.make_order({"discount": 50})
        order.with_user(self.env.ref("base.public_user")).sudo().action_quotation_sent()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.sudo().discount_approval_ids.state, "requested")

    def test_run_tells_it_beforehand_with_a_link(self):
        order = self.make_order({"discount": 25})
        reasons = self.preview(order)
        self.assertIn("the limit is 10", str(reasons.read()))

    def preview(self, records, **vals):
        run = self.make_run(records, **vals)
        run.action_preview()
        return run.line_ids

    def test_run_of_an_opportunity_tells_it_before_there_is_a_quotation(self):
        policy = {"name": "Pumps", "team_id": self.team.id, "last_step": "order"}
        self.env["crm.chain.policy"].create(policy)
        line = {"product_id": self.pump.id, "product_uom_qty": 2, "discount": 25}
        held = self.make_deals(
            team_id=self.team.id, line_ids=[Command.create(line)]
        )
        free = self.make_deals(team_id=self.team.id)
        lines = self.preview(held | free)
        told = {x.res_id: str(x.read()) for x in lines}
        self.assertIn("Pump has a discount of 25", told[held.id])
        self.assertNotIn("the limit is", told[free.id])

    def test_price_of_the_customers_level_counts_beforehand(self):
        level = self.env["res.partner.grade"].create({"name": "Gold Club"})
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Retail",
                "item_ids": [
                    Command.create({"fixed_price": 50, "level_ids": level.ids})
                ],
            }
        )
        line = Command.create({"product_id": self.pump.id})
        deal = self.make_deals(team_id=self.team.id, line_ids=[line])
        deal = deal.with_user(self.salesperson)
        self.assertFalse(deal._discount_foreseen())
        self.customer.grade_id = level
        self.assertIn("of 50", str(deal._discount_foreseen()[deal.id]))

    def test_foreseeing_many_takes_no_more_queries_than_few(self):
        deals = self.make_deals(100, team_id=self.team.id)
        deals.line_ids.discount = 25
        counts = []
        for batch in (deals[:10], deals):
            self.env.invalidate_all()
            batch._discount_foreseen()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(batch._discount_foreseen()), len(batch))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_judging_many_takes_no_more_queries_than_few(self):
        orders = self.Order.union(
            *(self.make_order({"discount": 25}, {"price_unit": 50}) for _ in range(100))
        )
        counts = []
        for batch in (orders[:10], orders):
            self.env.invalidate_all()
            batch._discount_excess()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(batch._discount_excess()), len(batch))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 20)

    def test_judging_takes_no_query_without_limits(self):
        self.limit("own", None)
        order = self.make_order({"discount": 25})
        order._discount_excess()
        order.invalidate_recordset()
        with self.assertQueryCount(0):
            self.assertEqual(order._discount_excess(), {})
            self.assertFalse(order.discount_state)
