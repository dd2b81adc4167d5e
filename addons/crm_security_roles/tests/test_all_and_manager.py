from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import EVERY, RolesCommon


@tagged("post_install", "-at_install")
class TestAllAndManager(RolesCommon):
    """The two wider roles reach the documents of everyone."""

    def _check(self, user, kind, operation, expected, path=None):
        found = self._cases_with_access(user, kind, operation, path)
        self.assertEqual(found, expected, (user.login, kind, path, operation))

    def test_both_roles_find_every_document(self):
        for user in (self.sees_all, self.manager):
            for kind in self.documents:
                self.assertEqual(self._cases_found(user, kind), EVERY, kind)

    def test_both_roles_write_leads_orders_and_purchases(self):
        for user in (self.sees_all, self.manager):
            self._check(user, "lead", "write", EVERY)
            for kind in ("order", "purchase"):
                self._check(user, kind, "write", EVERY)
                self._check(user, kind, "write", EVERY, "order_line")

    def test_both_roles_work_on_invoices_and_bills(self):
        for user in (self.sees_all, self.manager):
            for kind in ("invoice", "bill"):
                self._check(user, kind, "read", EVERY, "line_ids")
                self._check(user, kind, "write", EVERY)

    def test_no_role_posts_an_invoice_without_accounting_rights(self):
        for user in (self.seller, self.sees_all, self.manager):
            with self.assertRaises(AccessError):
                self._of("invoice", "own").with_user(user).action_post()

    def test_only_the_manager_deletes_orders(self):
        self._check(self.sees_all, "order", "unlink", set())
        self._check(self.manager, "order", "unlink", EVERY)

    def test_each_role_implies_the_groups_of_core(self):
        def held(user):
            return {
                xmlid
                for xmlid in (
                    "sales_team.group_sale_salesman",
                    "sales_team.group_sale_salesman_all_leads",
                    "sales_team.group_sale_manager",
                    "purchase.group_purchase_user",
                    "purchase.group_purchase_manager",
                    "account.group_account_invoice",
                    "stock.group_stock_user",
                )
                if user.has_group(xmlid)
            }

        own = {"sales_team.group_sale_salesman"}
        wider = {
            "sales_team.group_sale_salesman_all_leads",
            "purchase.group_purchase_user",
        }
        top = {"sales_team.group_sale_manager", "purchase.group_purchase_manager"}
        self.assertEqual(held(self.seller), own)
        self.assertEqual(held(self.sees_all), own | wider)
        self.assertEqual(held(self.manager), own | wider | top)

    def test_sums_hold_every_document(self):
        for kind in ("order", "purchase", "invoice"):
            self.assertEqual(self._sum(self.sees_all, kind, "amount_untaxed"), 600)
