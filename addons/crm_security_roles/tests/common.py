from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

# Who created a document and whom it is assigned to.
CASES = {
    "own": ("seller", "seller"),
    "given": ("admin", "seller"),
    "handed": ("seller", "colleague"),
    "loose": ("seller", None),
    "other": ("colleague", "colleague"),
    "nobody": ("admin", None),
}
EVERY = set(CASES)
# What the own role reads and writes of them.
READ = {"own", "given", "handed", "loose"}
WRITTEN = {"own", "given", "loose"}
# Groups a seller often holds beside the role.
EXTRA = "purchase.group_purchase_manager,stock.group_stock_user"
EXTRA_INVOICING = f"{EXTRA},account.group_account_invoice"


class RolesCommon(AccountTestInvoicingCommon):
    """Users of each role, and one document of each kind for each of CASES."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_user(cls.env.ref("base.user_root")).env
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        role = "crm_security_roles.group_%s"
        cls.seller = cls._new_user("seller", role % "own")
        cls.colleague = cls._new_user("colleague", role % "own")
        cls.sees_all = cls._new_user("sees_all", role % "all")
        cls.manager = cls._new_user("manager", role % "manager")
        cls.core_own = cls._new_user("core_own", "sales_team.group_sale_salesman")
        cls.core_all = cls._new_user(
            "core_all", "sales_team.group_sale_salesman_all_leads"
        )
        cls.actors = {
            "admin": cls.env.user,
            "seller": cls.seller,
            "colleague": cls.colleague,
            None: cls.env["res.users"],
        }
        cls.customer = cls.env["res.partner"].create({"name": "Role Customer"})
        cls.documents = {
            kind: {case: getattr(cls, f"_new_{kind}")(case) for case in CASES}
            for kind in ("lead", "order", "purchase", "invoice", "bill")
        }
        cls.env.flush_all()

    @classmethod
    def _new_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login=f"role_{login}",
            groups=groups,
            company_id=cls.company_data["company"].id,
        )

    @classmethod
    def _create(cls, model, case, vals, owner_field="user_id"):
        creator, owner = (cls.actors[name] for name in CASES[case])
        company = cls.company_data["company"]
        record = (
            cls.env[model]
            .with_user(creator)
            .sudo()
            .with_company(company)
            .create({**vals, owner_field: owner.id})
        )
        return record.with_user(cls.env.user).with_company(company)

    @classmethod
    def _new_lead(cls, case):
        vals = {"name": f"Lead {case}", "expected_revenue": 100, "type": "opportunity"}
        return cls._create("crm.lead", case, vals)

    @classmethod
    def _new_order(cls, case):
        line = {"product_id": cls.product_a.id, "price_unit": 100, "tax_ids": False}
        vals = {"partner_id": cls.customer.id, "order_line": [Command.create(line)]}
        return cls._create("sale.order", case, vals)

    @classmethod
    def _new_purchase(cls, case):
        line = {"product_id": cls.product_a.id, "price_unit": 100, "tax_ids": False}
        vals = {"partner_id": cls.customer.id, "order_line": [Command.create(line)]}
        return cls._create("purchase.order", case, vals)

    @classmethod
    def _new_invoice(cls, case, move_type="out_invoice"):
        line = {"product_id": cls.product_a.id, "price_unit": 100, "tax_ids": False}
        vals = {
            "move_type": move_type,
            "partner_id": cls.customer.id,
            "invoice_line_ids": [Command.create(line)],
        }
        return cls._create("account.move", case, vals, "invoice_user_id")

    @classmethod
    def _new_bill(cls, case):
        return cls._new_invoice(case, "in_invoice")

    def _of(self, kind, case, path=None):
        """Return the document of a case, or the records it holds at a path."""
        document = self.documents[kind][case]
        return document[path] if path else document

    def _cases_found(self, user, kind, path=None):
        """Name the cases that a search without any filter shows the user."""
        model = self._of(kind, "own", path).with_user(user)
        found = set(model.search([]).ids)
        return {c for c in CASES if found & set(self._of(kind, c, path).ids)}

    def _cases_with_access(self, user, kind, operation, path=None):
        """Name the cases on whose records the user may do an operation."""
        return {
            case
            for case in CASES
            if self._of(kind, case, path).with_user(user).has_access(operation)
        }

    def _sum(self, user, kind, field, path=None):
        """Return what a user's own aggregation adds up over the six cases."""
        ids = [i for case in CASES for i in self._of(kind, case, path).ids]
        model = self._of(kind, "own", path).with_user(user)
        return model._read_group([("id", "in", ids)], [], [f"{field}:sum"])[0][0]
