from odoo.tests import new_test_user, tagged

from odoo.addons.crm_pipeline_ext.batch import (
    CONTEXT_KEY,
    OUTBOX_KEY,
    Batch,
    collecting,
)

from .common import ChainCase

# What differs between any two messages.
OWN = {"id", "res_id", "message_id", "display_name", "date", "record_name", "preview"}


@tagged("post_install", "-at_install")
class TestBatch(ChainCase):
    maxDiff = None

    """What a step makes of many messages at once is what core makes of each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, login="chain_boss", groups="sales_team.group_sale_manager"
        )
        cls.won = cls.env.ref("crm.mt_lead_won")

    def setUp(self):
        super().setUp()
        leads = self.make_leads(*[{"name": "Deal"}] * 3)
        self.leads = leads.with_context(tracking_disable=False)
        self.cr.flush()

    def in_a_step(self, records):
        return records.with_context(**{CONTEXT_KEY: Batch()})

    def facts(self, lead):
        """:return: the values of each message of ``lead``, but those of its own, its
        notifications, and the place of its parent
        """
        messages = lead.sudo().message_ids.sorted("id")
        facts = []
        for message in messages:
            stored = [
                name
                for name, field in message._fields.items()
                if field.store and field.type != "one2many" and name not in OWN
            ]
            [values] = message.read(stored, load=None)
            facts.append(
                {
                    **{k: v for k, v in values.items() if "_date" not in k},
                    "id": None,
                    "parent_id": [*messages.ids, False].index(message.parent_id.id),
                    "notified": message.notification_ids.mapped("res_partner_id"),
                    "tracked": message.tracking_value_ids.mapped(
                        lambda x: (x.field_id, x.old_value_char, x.new_value_char)
                    ),
                }
            )
        return facts

    def test_posts_are_those_of_core(self):
        by_hand, first, second = self.leads
        arguments = {"body": "Won!", "subtype_id": self.won.id}
        for lead in self.leads:
            lead.message_subscribe(self.boss.partner_id.ids, self.won.ids)
            lead.message_post(body="Call him.", message_type="comment")
        by_hand.message_post(**arguments)
        step = self.in_a_step(first + second)
        for lead in collecting(step):
            self.assertFalse(lead.message_post(**arguments))
        self.assertEqual(len(first.message_ids), len(by_hand.message_ids) - 1)
        step._chain_post_collected()
        self.env.invalidate_all()
        self.assertEqual(self.facts(first), self.facts(by_hand))
        self.assertEqual(self.facts(second), self.facts(by_hand))
        self.assertEqual(
            first.message_ids[0].notified_partner_ids, self.boss.partner_id
        )

    def test_two_posts_on_one_record_keep_their_order(self):
        by_hand, lead, __ = self.leads
        step = self.in_a_step(lead)
        for body in ("One", "Two"):
            by_hand.message_post(body=body)
            collecting(step).message_post(body=body)
        step._chain_post_collected()
        self.env.invalidate_all()
        self.assertEqual(self.facts(lead), self.facts(by_hand))

    def test_changes_are_told_as_core_tells_them(self):
        by_hand, first, second = self.leads
        stage = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        for leads in (by_hand, self.in_a_step(first + second)):
            leads.write({"priority": "2", "stage_id": stage.id, "name": "Deal"})
            leads._chain_tell()
        self.cr.flush()
        self.env.invalidate_all()
        self.assertTrue(self.facts(by_hand)[-1]["tracked"])
        self.assertEqual(self.facts(first), self.facts(by_hand))
        self.assertEqual(self.facts(second), self.facts(by_hand))

    def test_followers_are_those_of_core(self):
        vals = {"name": "Mina", "user_id": self.colleague.id}
        Partner = self.env["res.partner"].with_user(self.salesperson)
        Partner = Partner.with_context(tracking_disable=False)
        by_hand = Partner.create(vals)
        step = self.in_a_step(Partner)
        created = collecting(step).create([vals, vals]).with_env(step.env)
        self.assertFalse(created.message_follower_ids)
        step._chain_post_collected()
        self.env.invalidate_all()
        self.assertEqual(len(by_hand.message_partner_ids), 2)
        for partner in created:
            self.assertEqual(partner.message_partner_ids, by_hand.message_partner_ids)
            self.assertEqual(
                partner.message_follower_ids.mapped("subtype_ids"),
                by_hand.message_follower_ids.mapped("subtype_ids"),
            )
            self.assertEqual(len(partner.message_ids), len(by_hand.message_ids))

    def test_what_was_taken_back_is_not_told(self):
        step = self.in_a_step(self.leads)
        gone = self.leads[0].copy()
        collecting(step).browse(gone.id).message_post(body="Hello")
        gone.sudo().unlink()
        step._chain_post_collected()
        self.assertFalse(
            self.env["mail.message"].search(
                [("model", "=", "crm.lead"), ("res_id", "=", gone.id)]
            )
        )

    def test_context_of_a_request_collects_nothing(self):
        [lead] = self.leads[0].with_context(**{CONTEXT_KEY: True, OUTBOX_KEY: True})
        message = lead.message_post(body="Hello")
        self.assertEqual(message.res_id, lead.id)
        lead.message_subscribe(self.boss.partner_id.ids)
        self.assertIn(self.boss.partner_id, lead.message_partner_ids)

    def test_a_message_for_somebody_is_posted_at_once(self):
        lead = collecting(self.in_a_step(self.leads[0]))
        message = lead.message_post(
            body="Look", partner_ids=self.boss.partner_id.ids, message_type="comment"
        )
        self.assertEqual(message.partner_ids, self.boss.partner_id)

    def test_queries_do_not_grow_with_the_messages(self):
        leads = self.make_leads(*[{}] * 21)
        for count in (1, 5, 15):
            step = self.in_a_step(leads[:count])
            for lead in collecting(step):
                lead.message_post(body="Hello")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            step._chain_post_collected()
            queries = self.cr.sql_log_count - start
            if count > 1:  # the first fills the caches
                self.assertLessEqual(queries, 12, count)
            leads -= leads[:count]
