from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_level import LevelCase


@tagged("post_install", "-at_install")
class TestLevelPricelist(LevelCase):
    def test_new_customer_gets_the_pricelist_of_his_level(self):
        customers = self.make_customers(2, grade_id=self.gold.id)
        for customer in customers:
            self.assertEqual(self.kept(customer), self.gold_prices)
            self.assertEqual(customer.property_product_pricelist, self.gold_prices)

    def test_new_customer_on_the_form_gets_the_pricelist_of_his_level(self):
        form = Form(self.env["res.partner"].with_user(self.manager))
        form.name = "Sara"
        form.grade_id = self.gold
        self.assertEqual(form.save().property_product_pricelist, self.gold_prices)

    def test_imported_customers_get_the_pricelist_of_their_level(self):
        Partner = self.env["res.partner"].with_user(self.manager)
        rows = [["Ann", "Gold Club"], ["Bob", "Silver Club"], ["Cid", ""]]
        result = Partner.load(["name", "grade_id"], rows)
        self.assertFalse(result["messages"])
        self.assertEqual(
            [self.kept(x) for x in Partner.browse(result["ids"])],
            [self.gold_prices, self.silver_prices, self.silver_prices.browse()],
        )

    def test_level_from_the_context_counts_too(self):
        """Core's action *Members* of a level opens a new customer this way."""
        Partner = self.env["res.partner"].with_context(default_grade_id=self.gold.id)
        self.assertEqual(self.kept(Partner.create({"name": "S"})), self.gold_prices)
        with self.assertRaisesRegex(AccessError, "Only sales managers"):
            Partner.with_user(self.salesperson).create({"name": "S"})

    def test_new_customer_cannot_have_two_pricelists(self):
        with self.assertRaisesRegex(UserError, "Retail.*Gold prices.*level Gold"):
            self.make_customers(
                grade_id=self.gold.id,
                specific_property_product_pricelist=self.retail.id,
            )

    def test_level_without_pricelist_keeps_the_chosen_one(self):
        customer = self.make_customers(
            grade_id=self.plain.id,
            specific_property_product_pricelist=self.silver_prices.id,
        )
        self.assertEqual(self.kept(customer), self.silver_prices)

    def test_clearing_the_level_takes_its_pricelist_off(self):
        customers = self.make_customers(3, grade_id=self.gold.id)
        customers.with_user(self.manager).write({"grade_id": False})
        for customer in customers:
            self.assertFalse(self.kept(customer))

    def test_clearing_the_level_on_the_form_takes_its_pricelist_off(self):
        customer = self.make_customers(grade_id=self.gold.id)
        with Form(customer.with_user(self.manager)) as form:
            form.grade_id = self.env["res.partner.grade"]
        self.assertFalse(self.kept(customer))

    def test_clearing_the_level_by_import_takes_its_pricelist_off(self):
        customer = self.make_customers(grade_id=self.gold.id)
        result = customer.with_user(self.manager).load(
            [".id", "grade_id"], [[str(customer.id), ""]]
        )
        self.assertFalse(result["messages"])
        self.assertFalse(self.kept(customer))

    def test_clearing_the_level_keeps_a_pricelist_of_ones_own(self):
        customer = self.make_customers(grade_id=self.gold.id)
        customer.specific_property_product_pricelist = self.silver_prices
        customer.grade_id = False
        self.assertEqual(self.kept(customer), self.silver_prices)

    def test_clearing_the_level_and_choosing_a_pricelist_at_once(self):
        customer = self.make_customers(grade_id=self.gold.id)
        customer.write(
            {
                "grade_id": False,
                "specific_property_product_pricelist": self.gold_prices.id,
            }
        )
        self.assertEqual(self.kept(customer), self.gold_prices)

    def test_another_level_brings_its_own_pricelist_or_none(self):
        customer = self.make_customers(grade_id=self.gold.id)
        customer.grade_id = self.silver
        self.assertEqual(self.kept(customer), self.silver_prices)
        customer.grade_id = self.plain
        self.assertFalse(self.kept(customer))

    def test_contacts_have_the_level_and_pricelist_of_their_company(self):
        company = self.make_customers(is_company=True, grade_id=self.gold.id)
        contact = self.make_customers(parent_id=company.id)
        self.assertEqual(self.kept(contact), self.gold_prices)
        self.assertEqual(contact._customer_level(), self.gold)
        company.grade_id = False
        self.assertFalse(self.kept(contact))
        self.assertFalse(contact._customer_level())

    def test_level_of_a_contact_leaves_that_of_his_company(self):
        company = self.make_customers(is_company=True, grade_id=self.gold.id)
        contact = self.make_customers(parent_id=company.id, grade_id=self.silver.id)
        self.assertEqual(self.kept(company), self.gold_prices)
        contact.grade_id = self.plain
        contact.grade_id = self.silver
        self.assertEqual(self.kept(company), self.gold_prices)
        self.assertEqual(self.kept(contact), self.gold_prices)

    # The level's own pricelist

    def test_new_pricelist_of_the_level_reaches_its_customers(self):
        customers = self.make_customers(3, grade_id=self.gold.id)
        special, archived, other = customers
        special.specific_property_product_pricelist = self.retail
        archived.active = False
        self.gold.with_user(self.manager).default_pricelist_id = self.silver_prices
        self.assertEqual(self.kept(other), self.silver_prices)
        self.assertEqual(self.kept(archived), self.silver_prices)
        self.assertEqual(self.kept(special), self.retail)
        self.gold.default_pricelist_id = False
        self.assertFalse(self.kept(other))
        self.gold.default_pricelist_id = self.gold_prices
        self.assertEqual(self.kept(other), self.gold_prices)

    def test_new_pricelist_costs_the_same_for_many_customers(self):
        counts = []
        for number in (10, 40):
            customers = self.make_customers(number, grade_id=self.gold.id)
            customers.flush_recordset()
            for pricelist in (self.retail, self.gold_prices):  # the first one warms up
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                self.gold.default_pricelist_id = pricelist
                self.env.flush_all()
                count = self.cr.sql_log_count - before
            counts.append(count)
        self.assertEqual(counts[0], counts[1])

    def test_level_costs_new_customers_the_same_for_many(self):
        counts = []
        for number in (2, 10, 40):  # the first one warms up
            before = self.cr.sql_log_count
            self.make_customers(number, grade_id=self.gold.id)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_customers_of_a_deleted_level_lose_its_pricelist(self):
        customer = self.make_customers(grade_id=self.gold.id)
        self.gold.with_user(self.manager).unlink()
        self.assertFalse(customer.grade_id)
        self.assertFalse(self.kept(customer))

    def test_copying_a_customer(self):
        customer = self.make_customers(grade_id=self.gold.id)
        copy = customer.with_user(self.manager).copy()
        self.assertEqual(copy.grade_id, self.gold)
        self.assertEqual(self.kept(copy), self.gold_prices)
        copy = customer.with_user(self.salesperson).copy()
        self.assertFalse(copy.grade_id)
        self.assertFalse(self.kept(copy))


@tagged("post_install", "-at_install")
class TestLevelCompanies(LevelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here = cls.env.company
        cls.there = cls.env["res.company"].create({"name": "There"})
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.there.id}
        )

    def kept_everywhere(self, partner):
        """:return: the pricelists here, there and in its branch"""
        companies = (self.here, self.there, self.branch)
        return [self.kept(partner, company) for company in companies]

    def test_level_of_all_companies_gives_its_pricelist_in_all(self):
        self.gold.company_id = False
        customer = self.make_customers(grade_id=self.gold.id)
        self.assertEqual(self.kept_everywhere(customer), [self.gold_prices] * 3)
        self.gold.default_pricelist_id = self.retail
        self.assertEqual(self.kept_everywhere(customer), [self.retail] * 3)
        customer.grade_id = False
        self.assertFalse(any(self.kept_everywhere(customer)))

    def test_level_of_one_company_says_nothing_in_others(self):
        self.gold.company_id = self.there
        nothing = self.gold_prices.browse()
        new = self.make_customers(grade_id=self.gold.id)
        old = self.make_customers(specific_property_product_pricelist=self.retail.id)
        old.grade_id = self.gold
        for partner, mine in ((new, nothing), (old, self.retail)):
            self.assertEqual(
                self.kept_everywhere(partner),
                [mine, self.gold_prices, self.gold_prices],
            )
            partner.grade_id = False
            self.assertEqual(self.kept_everywhere(partner), [mine, nothing, nothing])

    def test_pricelist_of_one_company_is_given_nowhere_else(self):
        self.gold.company_id = False
        self.gold_prices.company_id = self.branch
        customer = self.make_customers(grade_id=self.gold.id)
        nothing = self.gold_prices.browse()
        self.assertEqual(
            self.kept_everywhere(customer), [nothing, nothing, self.gold_prices]
        )

    def test_level_that_moves_to_another_company_takes_its_pricelist_along(self):
        customer = self.make_customers(grade_id=self.gold.id)
        self.assertEqual(self.kept(customer), self.gold_prices)
        self.gold.company_id = self.there
        nothing = self.gold_prices.browse()
        self.assertEqual(
            self.kept_everywhere(customer),
            [nothing, self.gold_prices, self.gold_prices],
        )

    def test_manager_of_one_company_sets_levels_of_all(self):
        """He is in one company; the customer's level holds everywhere."""
        self.gold.company_id = False
        customer = self.make_customers()
        customer.with_user(self.manager).grade_id = self.gold
        self.assertEqual(self.kept_everywhere(customer), [self.gold_prices] * 3)


@tagged("post_install", "-at_install")
class TestLevelRights(LevelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.salesperson | cls.seller_of_all
        cls.gold_customer = cls.make_customers(grade_id=cls.gold.id)

    def assertManagersOnly(self, change, *records):
        """Salespeople are told whom to ask, and a manager does ``change``."""
        for user in self.others:
            with self.assertRaisesRegex(AccessError, "Only sales managers"):
                change(*(x.with_user(user) for x in records))
        change(*(x.with_user(self.manager) for x in records))

    def test_only_managers_set_the_level_of_a_customer(self):
        self.assertManagersOnly(
            lambda x: x.write({"grade_id": self.silver.id}), self.gold_customer
        )
        self.assertEqual(self.gold_customer.grade_id, self.silver)

    def test_only_managers_clear_the_level_of_a_customer(self):
        self.assertManagersOnly(
            lambda x: x.write({"grade_id": False}), self.gold_customer
        )

    def test_only_managers_create_customers_with_a_level(self):
        self.assertManagersOnly(
            lambda x: x.create({"name": "Sara", "grade_id": self.gold.id}),
            self.env["res.partner"],
        )

    def test_import_by_others_names_the_reason(self):
        Partner = self.env["res.partner"]
        for user in self.others:
            row = ["Sara", "Gold Club"]
            result = Partner.with_user(user).load(["name", "grade_id"], [row])
            self.assertFalse(result["ids"])
            self.assertIn("Only sales managers", result["messages"][0]["message"])

    def test_customers_of_other_fields_are_changed_by_all(self):
        for user in self.others:
            customer = self.gold_customer.with_user(user)
            customer.write({"name": user.name, "grade_id": self.gold.id})
            self.assertEqual(self.gold_customer.name, user.name)
            with Form(customer) as form:
                form.city = "Shiraz"
            self.assertEqual(self.kept(self.gold_customer), self.gold_prices)

    def test_merging_customers_gives_no_level(self):
        """Core's merge writes as the user: a level is kept, and given by managers."""
        other, another = self.make_customers(2, email="gold@example.com")
        self.gold_customer.email = other.email
        Merge = self.env["base.partner.merge.automatic.wizard"]
        theirs = Merge.with_user(self.salesperson)
        pair = (self.gold_customer | other).ids
        theirs._merge(pair, self.gold_customer.with_user(self.salesperson))
        self.assertEqual(self.gold_customer.grade_id, self.gold)
        pair = (self.gold_customer | another).ids
        with self.assertRaisesRegex(AccessError, "Only sales managers"):
            theirs._merge(pair, another.with_user(self.salesperson))
        Merge.with_user(self.manager)._merge(pair, another.with_user(self.manager))
        self.assertEqual(another.grade_id, self.gold)
        self.assertEqual(self.kept(another), self.gold_prices)

    def test_same_level_again_changes_no_pricelist(self):
        self.gold_customer.specific_property_product_pricelist = self.retail
        self.gold_customer.with_user(self.salesperson).grade_id = self.gold
        self.assertEqual(self.kept(self.gold_customer), self.retail)

    def test_form_shows_the_level_to_others_without_asking_for_it(self):
        for user, readonly in ((self.salesperson, True), (self.manager, False)):
            form = Form(self.gold_customer.with_user(user))
            self.assertEqual(form.grade_id, self.gold)
            if readonly:
                with self.assertRaisesRegex(AssertionError, "readonly"):
                    form.grade_id = self.silver
            else:
                form.grade_id = self.silver

    def test_only_managers_change_levels_and_their_pricelists(self):
        self.assertManagersOnly(
            lambda x: x.write({"default_pricelist_id": self.retail.id}), self.gold
        )
        self.assertManagersOnly(lambda x: x.write({"name": "Gilt"}), self.gold)

    def test_only_managers_create_levels(self):
        self.assertManagersOnly(lambda x: x.create({"name": "Tin"}), self.gold)

    def test_only_managers_delete_levels(self):
        for user in self.others:
            with self.assertRaises(AccessError):
                self.plain.with_user(user).unlink()
        self.plain.with_user(self.manager).unlink()
        self.assertFalse(self.plain.exists())

    def test_forms_of_levels_offer_others_no_change(self):
        for user, allowed in ((self.salesperson, False), (self.manager, True)):
            level = self.gold.with_user(user)
            self.assertEqual(level.has_access("write"), allowed)
            self.assertEqual(level.browse().has_access("create"), allowed)
            self.assertTrue(level.has_access("read"))

    def test_membership_gives_its_level_whoever_sells_it(self):
        membership = self.env["product.product"].create(
            {
                "name": "Membership",
                "type": "service",
                "service_tracking": "partnership",
                "grade_id": self.gold.id,
            }
        )
        customer = self.make_customers()
        order = self.env["sale.order"].with_user(self.salesperson)
        order = order.create(
            {
                "partner_id": customer.id,
                "order_line": [(0, 0, {"product_id": membership.id})],
            }
        )
        order.action_confirm()
        self.assertEqual(customer.grade_id, self.gold)
        self.assertEqual(self.kept(customer), self.gold_prices)

    def test_only_managers_put_levels_on_products(self):
        template = self.pump.product_tmpl_id.with_user(self.product_manager)
        with self.assertRaisesRegex(AccessError, "Only sales managers"):
            template.grade_id = self.gold
        with self.assertRaisesRegex(AccessError, "Only sales managers"):
            template.create({"name": "Membership", "grade_id": self.gold.id})
        self.manager.group_ids += self.env.ref("product.group_product_manager")
        self.pump.product_tmpl_id.with_user(self.manager).grade_id = self.gold
        template.write({"name": "Big Pump", "grade_id": self.gold.id})
        self.assertEqual(template.grade_id, self.gold)
