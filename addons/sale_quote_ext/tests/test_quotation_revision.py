from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import QuoteCase


class RevisionCase(QuoteCase):
    """A quotation of the salesperson: pumps and their assembly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.make_deals()
        cls.deal.chain_run_step("quotation")
        cls.order = cls.deal.order_ids
        cls.pumps, cls.assembly = cls.order.order_line

    def revisions(self, order=None):
        """:return: the revisions as the salesperson sees them, the first one first"""
        revisions = self.env["sale.order.revision"].with_user(self.salesperson)
        orders = order or self.order
        return revisions.search([("order_id", "in", orders.ids)], order="id")

    def changes(self, revisions):
        """:return: ``[(kind, line, label, was, is)]`` of a comparison"""
        action = revisions.action_compare()
        wizard = self.env[action["res_model"]].with_user(self.salesperson)
        wizard = wizard.browse(action["res_id"])
        return [tuple(change.values()) for change in wizard._changes()]


@tagged("post_install", "-at_install")
class TestQuotationRevision(RevisionCase):
    """A quotation keeps what it was each time it was sent."""

    def test_marking_as_sent_keeps_a_revision(self):
        self.order.action_quotation_sent()
        [revision] = self.revisions()
        self.assertEqual(revision.number, 1)
        self.assertEqual(revision.reason, "sent")
        self.assertEqual(revision.create_uid, self.salesperson)
        self.assertAlmostEqual(revision.amount_total, self.order.amount_total)
        self.assertEqual(revision.validity_date, self.order.validity_date)
        self.assertEqual(self.order.revision_count, 1)
        self.assertTrue(self.order.quotation_sent_date)

    def test_e_mail_keeps_one_and_so_does_the_next(self):
        for number in (1, 2):
            context = self.order.action_quotation_send()["context"]
            composer = self.env["mail.compose.message"].with_user(self.salesperson)
            composer = composer.with_context(**context).create({})
            composer.action_send_mail()
            self.assertEqual(self.revisions().mapped("number"), [1, 2][:number])

    def test_message_is_no_sending(self):
        self.order.action_quotation_sent()
        self.order.message_post(body="When?", message_type="comment")
        self.assertEqual(len(self.revisions()), 1)

    def test_chain_step_keeps_one(self):
        self.deal.chain_run_step("send")
        self.assertEqual(self.revisions().mapped("reason"), ["sent"])

    def test_imported_as_sent_keeps_one(self):
        names = ["partner_id/.id", "state", "order_line/product_id/.id"]
        rows = [[self.customer.id, "sent", self.pump.id]]
        orders = self.env["sale.order"].with_user(self.salesperson)
        result = orders.load(names, rows)
        self.assertFalse(result["messages"])
        [revision] = self.revisions(orders.browse(result["ids"]))
        self.assertEqual(revision.content["lines"][0]["product_id"], self.pump.id)

    def test_kept_by_hand(self):
        self.order.action_new_revision()
        self.assertEqual(self.revisions().reason, "kept")
        self.assertFalse(self.order.quotation_sent_date)
        self.assertEqual(self.order.state, "draft")

    def test_order_has_no_new_revision(self):
        self.order.action_confirm()
        with self.assertRaisesRegex(UserError, self.order.name):
            self.order.action_new_revision()

    def test_copy_starts_anew(self):
        self.order.action_quotation_sent()
        copy = self.order.copy()
        self.assertFalse(copy.revision_count)
        self.assertFalse(self.revisions(copy))

    def test_what_was_said_stays(self):
        self.order.action_quotation_sent()
        self.pumps.price_unit = 120
        self.assembly.unlink()
        [pumps, assembly] = self.revisions().content["lines"]
        self.assertEqual(pumps["price_unit"], 100)
        self.assertEqual(assembly["name"], "Assembly")

    def test_compare_with_now(self):
        self.order.action_quotation_sent()
        self.pumps.product_uom_qty = 4
        self.assembly.unlink()
        self.order.order_line = [(0, 0, {"product_id": self.service.id, "name": "Fit"})]
        changes = self.changes(self.revisions())
        self.assertIn(("changed", "Pump", "Quantity", "3.00", "4.00"), changes)
        kinds = {kind: name for kind, name, *__ in changes}
        self.assertEqual(kinds["removed"], "Assembly")
        self.assertEqual(kinds["added"], "Fit")
        totals = [change for change in changes if change[2] == "Total"]
        self.assertIn("310.00", totals[0][3])
        self.assertIn("400.00", totals[0][4])

    def test_compare_two(self):
        self.order.action_quotation_sent()
        self.order.validity_date = False
        self.order.action_draft()
        self.order.action_quotation_sent()
        self.pumps.price_unit = 500
        changes = self.changes(self.revisions())
        self.assertEqual([change[2] for change in changes], ["Expiration"])

    def test_nothing_changed_says_so(self):
        self.order.action_quotation_sent()
        self.assertFalse(self.changes(self.revisions()))

    def test_three_or_those_of_two_quotations_are_not_compared(self):
        other = self.order.copy()
        for order in (self.order, self.order, self.order, other):
            order.action_new_revision()
        for revisions in (self.revisions(), self.revisions(self.order | other)[2:]):
            with self.assertRaisesRegex(UserError, "Choose one revision"):
                revisions.action_compare()

    def test_nobody_edits_them(self):
        self.order.action_quotation_sent()
        groups = "sales_team.group_sale_manager,base.group_system"
        manager = new_test_user(self.env, login="revision_manager", groups=groups)
        revision = self.revisions().with_user(manager)
        for change in (
            lambda: revision.write({"number": 7}),
            revision.unlink,
            lambda: revision.copy(),
            lambda: revision.create({"order_id": self.order.id, "number": 9}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_read_by_who_reads_the_quotation(self):
        self.order.action_quotation_sent()
        revision = self.revisions()
        theirs = revision.with_user(self.colleague)
        self.assertFalse(theirs.search([("id", "=", revision.id)]))
        self.assertFalse(theirs.search_count([]))
        for access in (lambda: theirs.read(["number"]), theirs.action_compare):
            with self.assertRaises(AccessError):
                access()
        self.order.sudo().user_id = self.colleague
        self.env.flush_all()
        self.assertEqual(theirs.search([]), revision)
        self.assertTrue(theirs.content)
        self.assertFalse(self.revisions())

    def test_comparison_of_a_colleague_is_closed(self):
        """Even one that somebody has guessed the id of."""
        self.order.action_quotation_sent()
        compare = self.env["sale.order.revision.compare"].with_user(self.colleague)
        vals = {"order_id": self.order.id, "before_id": self.revisions().id}
        with self.assertRaises(AccessError):
            compare.create(vals).read(["changes_html"])

    def test_customer_sees_none(self):
        names = self.env["sale.order"].with_user(self.env.ref("base.public_user"))
        shown = {name for name in names.fields_get() if "revision" in name}
        self.assertFalse(shown)

    def test_many_are_kept_in_few_queries(self):
        def cost(count):
            deals = self.make_deals(count)
            deals._chain_quotation_do()
            orders = self.order.browse(deals.order_ids.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._revise("sent")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(40), cost(20))


@tagged("post_install", "-at_install")
class TestQuotationRevisionWeb(HttpCase, RevisionCase):
    """By the web client and by RPC, as the salesperson."""

    def test_compared_in_the_browser(self):
        self.order.action_quotation_sent()
        self.pumps.price_unit = 120
        self.order.action_new_revision()
        self.assembly.unlink()
        url = f"/odoo/sales/{self.order.id}"
        self.start_tour(url, "sale_quote_ext.revision", login="chain_sales")

    def test_by_rpc_nothing_can_be_written(self):
        self.order.action_quotation_sent()
        revision = self.revisions()
        self.authenticate("chain_sales", "chain_sales")
        for method, args in (
            ("write", [revision.ids, {"content": {}}]),
            ("unlink", [revision.ids]),
            ("create", [{"order_id": self.order.id, "number": 5, "content": {}}]),
        ):
            params = {"model": revision._name, "method": method, "args": args}
            refused = self.assertRaisesRegex(JsonRpcException, "AccessError")
            with mute_logger("odoo.http"), refused:
                self.make_jsonrpc_request(
                    "/web/dataset/call_kw", {**params, "kwargs": {}}
                )
