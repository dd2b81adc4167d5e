from odoo.tests import tagged

from .common import LinkCase


@tagged("post_install", "-at_install")
class TestChainToPayment(LinkCase):
    def run_chain(self, leads):
        """Every step for all leads: the salesperson's, then the accountant's.

        :return: the ``chain_step`` of the leads after each
        """
        reached = []
        for step in leads._chain_steps():
            records = leads.with_user(self.salesperson)
            if step == "payment":
                records = leads.order_ids.with_user(self.accountant)
            result = records.chain_run_step(step)
            self.assertFalse(result["blocked"], step)
            self.assertEqual(len(result["done"]), len(leads), step)
            again = records.chain_run_step(step)
            self.assertEqual(again, {"done": [], "blocked": {}}, step)
            self.env.invalidate_all()
            [at] = set(leads.mapped("chain_step"))
            reached.append(at)
        return reached

    def test_enquiries_become_paid_invoices(self):
        enquiries = self.make_leads(
            *(
                {
                    "contact_name": f"Customer {number}",
                    "email_from": f"customer{number}@example.com",
                    "line_ids": [
                        (0, 0, {"product_id": self.pump.id, "product_uom_qty": 2}),
                        (0, 0, {"product_id": self.service.id, "discount": 50}),
                    ],
                }
                for number in range(3)
            )
        )
        self.assertEqual(self.run_chain(enquiries), enquiries._chain_steps())
        orders = enquiries.order_ids
        invoices = orders.invoice_ids
        untaxed = 2 * 100 + 40 / 2
        rate = 1 + self.tax_sale_a.amount / 100
        self.assertEqual(orders.mapped("amount_untaxed"), [untaxed] * 3)
        self.assertEqual(len(invoices), 3, "one invoice an order")
        for invoice in invoices:
            self.assertEqual(invoice.state, "posted")
            self.assertAlmostEqual(invoice.amount_total, untaxed * rate)
            self.assertEqual(invoice.amount_residual, 0)
            self.assertTrue(invoice.is_move_sent)
            self.assertAlmostEqual(
                sum(invoice.line_ids.mapped("debit")),
                sum(invoice.line_ids.mapped("credit")),
            )
        self.assertEqual(self.on_hand(self.pump), 100 - 3 * 2)

    def test_next_step_goes_the_same_way(self):
        lead = self.make_deals(type="lead", partner_id=False, contact_name="Sara",
                               email_from="sara@example.com")
        seen = []
        for _step in lead._chain_steps()[:-1]:
            lead.action_chain_next()
            seen.append(lead.chain_step)
        lead.order_ids.with_user(self.accountant).action_chain_next()
        seen.append(lead.chain_step)
        self.assertEqual(seen, lead._chain_steps())
        params = lead.action_chain_next()["params"]
        self.assertEqual(params["message"], "Nothing left to do here.")

    def test_bar_of_a_paid_sale_as_each_user(self):
        order = self.make_order("invoice")
        order.with_user(self.accountant).chain_run_step("payment")
        invoice = order.invoice_ids
        for user in (self.salesperson, self.accountant):
            self.env.invalidate_all()
            bar = order.with_user(user).chain_bar
            segments = {segment["key"]: segment for segment in bar["segments"]}
            with self.subTest(user=user.login):
                self.assertFalse(bar["next"])
                self.assertTrue(all(segment["done"] for segment in segments.values()))
                [document] = segments["payment"]["documents"]
                self.assertEqual(document["amount"], invoice.amount_total)
                self.assertEqual(document["id"], invoice.id)
        self.env.invalidate_all()
        lead_bar = order.opportunity_id.with_user(self.salesperson).chain_bar
        self.assertEqual(len(lead_bar["segments"]), 7)

    def test_queries_do_not_grow_with_the_batch(self):
        limits = {"order": 53, "delivery": 18, "invoice": 24, "payment": 24}
        per_record = {}
        for count in (5, 20):
            orders = self.make_order("quotation", count=count)
            for step in limits:
                self.env.flush_all()
                self.env.invalidate_all()
                user = self.accountant if step == "payment" else self.salesperson
                start = self.cr.sql_log_count
                orders.with_user(user).chain_run_step(step)
                self.env.flush_all()
                queries = (self.cr.sql_log_count - start) / count
                if step in per_record:
                    with self.subTest(step=step):
                        self.assertLess(queries, per_record[step])
                        self.assertLessEqual(queries, limits[step])
                per_record[step] = queries
