from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.sale_quote_ext.tests.common import QuoteCase


class LinkCase(AccountTestInvoicingCommon, QuoteCase):
    """Opportunities that can go all the way: stock on hand, a chart of accounts, a
    salesperson of the warehouse and an accountant.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            login="chain_accountant",
            groups="account.group_account_invoice",
        )
        cls.pump.is_storable = True
        cls.pump.invoice_policy = "delivery"
        cls.service.invoice_policy = "order"
        (cls.pump | cls.service).taxes_id = cls.tax_sale_a
        cls.stock = cls.env.ref("stock.stock_location_stock")
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.put_in_stock(cls.pump, 100)
        users = cls.salesperson | cls.colleague | cls.accountant
        users.write(
            {
                "company_ids": [(6, 0, cls.env.company.ids)],
                "company_id": cls.env.company.id,
            }
        )

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(
            "sales_team.group_sale_manager"
        ) | cls.env.ref("stock.group_stock_manager") | cls.env.ref(
            "base.group_system"
        )

    @classmethod
    def salesperson_groups(cls):
        return f"{super().salesperson_groups()},stock.group_stock_user"

    @classmethod
    def put_in_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.stock, quantity
        )

    def on_hand(self, product):
        self.env.invalidate_all()
        return product.with_context(location=self.stock.id).qty_available

    @classmethod
    def make_order(cls, until="order", count=1, **vals):
        """:return: the orders of new opportunities carried to the step ``until``"""
        deals = cls.make_deals(count, **vals)
        steps = deals._chain_steps()
        for step in steps[: steps.index(until) + 1]:
            if step not in ("send", "send_invoice"):
                deals.chain_run_step(step)
        return deals.order_ids
