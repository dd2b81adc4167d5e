from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import ChainCase


class StayCase(ChainCase):
    """A pipeline of three stages and a won one, of one team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "member_ids": [Command.set((cls.salesperson | cls.colleague).ids)],
            }
        )
        names = ["New", "Qualified", "Offer", "Won"]
        cls.new, cls.qualified, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {
                    "name": name,
                    "sequence": number,
                    "is_won": name == "Won",
                    "team_ids": [Command.set(cls.team.ids)],
                }
                for number, name in enumerate(names)
            ]
        )

    def deals(self, count=1, **vals):
        return self.make_leads(
            *[{}] * count,
            **{
                "type": "opportunity",
                "team_id": self.team.id,
                "stage_id": self.new.id,
                "expected_revenue": 100,
                **vals,
            },
        )

    def stays(self, leads):
        """Stays of ``leads`` in their order, as at the end of a request."""
        self.env.cr.flush()
        Stay = self.env["crm.lead.stay"]
        return Stay.search([("lead_id", "in", leads.ids)]).sorted("id")

    def told(self, leads):
        """:return: stage, next stage and outcome of each stay"""
        return [
            (stay.stage_id.name, stay.to_stage_id.name or "", stay.outcome or "")
            for stay in self.stays(leads)
        ]


@tagged("post_install", "-at_install")
class TestStageHistory(StayCase):
    def test_an_enquiry_stays_nowhere_until_it_is_converted(self):
        lead = self.deals(type="lead")
        self.assertFalse(self.stays(lead))
        lead.convert_opportunity(self.env["res.partner"])
        self.assertEqual(self.told(lead), [("New", "", "")])

    def test_a_stay_knows_when_and_with_what_it_began_and_ended(self):
        with freeze_time("2026-03-01 10:00:00"):
            lead = self.deals(probability=20)
            self.stays(lead)
        lead.expected_revenue = 150
        lead.probability = 30
        self.env.cr.flush()
        with freeze_time("2026-03-04 22:00:00"):
            lead.write({"stage_id": self.qualified.id, "expected_revenue": 180})
            first, second = self.stays(lead)
        self.assertEqual(first.days, 3.5)
        self.assertEqual(first.left_at, second.entered_at)
        self.assertEqual((first.value_in, first.value_out), (100, 150))
        self.assertEqual((first.probability_in, first.probability_out), (20, 30))
        self.assertEqual((second.value_in, second.from_stage_id), (180, self.new))
        self.assertEqual(second.probability_first, 20)

    def test_moving_on_and_back_by_the_form(self):
        lead = self.deals()
        for stage in (self.offer, self.qualified):
            self.env.cr.flush()
            with Form(lead) as form:
                form.stage_id = stage
        self.assertEqual(
            self.told(lead),
            [
                ("New", "Offer", "forward"),
                ("Offer", "Qualified", "back"),
                ("Qualified", "", ""),
            ],
        )

    def test_winning_ends_the_stay_and_the_deal_stays_won(self):
        lead = self.deals()
        self.env.cr.flush()
        lead.action_set_won()
        self.assertEqual(self.told(lead), [("New", "Won", "won"), ("Won", "", "")])
        self.assertEqual(set(self.stays(lead).mapped("result")), {"won"})

    def test_a_deal_won_back_into_the_pipeline_was_not_won(self):
        lead = self.deals()
        self.env.cr.flush()
        lead.action_set_won()
        self.env.cr.flush()
        lead.write({"stage_id": self.offer.id, "probability": 50})
        self.assertEqual(
            self.told(lead),
            [("New", "Won", "forward"), ("Won", "Offer", "back"), ("Offer", "", "")],
        )
        self.assertFalse(any(self.stays(lead).mapped("result")))

    def test_losing_ends_the_stay_with_its_reason_and_restoring_begins_another(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too expensive"})
        lead = self.deals(probability=40)
        self.env.cr.flush()
        lead.action_set_lost(lost_reason_id=reason.id)
        self.assertEqual(self.told(lead), [("New", "", "lost")])
        stay = self.stays(lead)
        self.assertEqual((stay.lost_reason_id, stay.result), (reason, "lost"))
        self.assertEqual(stay.probability_out, 40)
        lead.action_restore()
        self.assertEqual(self.told(lead), [("New", "", "archived"), ("New", "", "")])
        self.assertFalse(self.stays(lead).lost_reason_id)

    def test_what_is_archived_first_and_lost_later_was_lost_there(self):
        lead = self.deals(probability=40)
        self.env.cr.flush()
        lead.action_archive()
        self.assertEqual(self.told(lead), [("New", "", "archived")])
        lead.probability = 0
        self.assertEqual(self.told(lead), [("New", "", "lost")])

    def test_there_and_back_in_one_transaction_is_no_move(self):
        lead = self.deals()
        self.env.cr.flush()
        lead.stage_id = self.offer
        lead.stage_id = self.new
        lead.action_archive()
        lead.action_unarchive()
        self.assertEqual(self.told(lead), [("New", "", "")])

    def test_a_stay_is_of_whom_it_had_last(self):
        lead = self.deals()
        self.env.cr.flush()
        lead.sudo().user_id = self.colleague
        self.env.cr.flush()
        lead.sudo().stage_id = self.offer
        self.env.cr.flush()
        lead.sudo().user_id = self.salesperson
        stays = self.stays(lead)
        self.assertEqual(
            stays.mapped("user_id.login"), ["chain_colleague", "chain_sales"]
        )
        self.assertEqual(stays.owner_id, self.salesperson)

    def test_a_stage_that_its_team_does_not_have_is_left(self):
        other = self.env["crm.team"].create({"name": "South"})
        lead = self.deals()
        self.env.cr.flush()
        lead.sudo().team_id = other
        moved = self.stays(lead)
        self.assertEqual(moved[0].to_stage_id, lead.stage_id)
        self.assertNotEqual(lead.stage_id, self.new)

    def test_a_stage_that_becomes_won_wins_what_is_in_it(self):
        lead = self.deals(stage_id=self.offer.id)
        self.env.cr.flush()
        self.offer.is_won = True
        self.assertEqual(self.stays(lead).mapped("result"), ["won"])

    def test_an_import_makes_and_moves_stays(self):
        fields = ["id", "name", "type", "stage_id/.id", "expected_revenue"]
        row = ["stays.lead", "Imported", "Opportunity", str(self.new.id), "10"]
        self.Lead.load(fields, [row])
        lead = self.env.ref("stays.lead")
        self.assertEqual(self.told(lead), [("New", "", "")])
        row[3] = str(self.offer.id)
        self.Lead.load(fields, [row])
        self.assertEqual(
            self.told(lead), [("New", "Offer", "forward"), ("Offer", "", "")]
        )

    def test_what_is_imported_as_lost_was_lost_in_its_stage(self):
        lead = self.deals(active=False, probability=0)
        self.assertEqual(self.told(lead), [("New", "", "lost")])
        self.assertEqual(self.stays(lead).days, 0)

    def test_a_hundred_opportunities_cost_the_query_of_one(self):
        for count in (1, 100):
            with self.subTest(count=count):
                leads = self.deals(count)
                self.env.flush_all()
                with self.assertQueryCount(1):
                    leads._stay_keep()
                leads.stage_id = self.offer
                self.env.flush_all()
                with self.assertQueryCount(1):
                    leads._stay_keep()
                leads.phone = "+1 555 0100"
                self.env.flush_all()
                with self.assertQueryCount(0):
                    leads._stay_keep()
                self.assertEqual(len(self.stays(leads)), 2 * count)

    def test_what_is_rolled_back_left_no_stay(self):
        lead = self.deals()
        self.env.cr.flush()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            lead.stage_id = self.offer
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertEqual(self.told(lead), [("New", "", "")])

    def test_a_merge_counts_one_history_and_keeps_the_other(self):
        first, second = self.deals(2)
        self.env.cr.flush()
        first.stage_id = self.offer
        self.env.cr.flush()
        head = (first | second).merge_opportunity()
        self.assertEqual(head, first)
        stays = self.stays(head)
        self.assertEqual(len(stays), 3)
        self.assertEqual(
            stays.filtered(lambda stay: not stay.merged).mapped("stage_id.name"),
            ["New", "Offer"],
        )
        merged = stays.filtered("merged")
        self.assertTrue(merged.left_at)
        head.stage_id = self.qualified
        self.assertEqual(self.told(head)[-2:], [("Offer", "Qualified", "back")] + [
            ("Qualified", "", "")
        ])

    def test_a_deleted_opportunity_leaves_no_stay(self):
        lead = self.deals()
        stay = self.stays(lead)
        lead.sudo().unlink()
        self.assertFalse(stay.exists())


@tagged("post_install", "-at_install")
class TestStayAccess(StayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, login="stay_manager", groups="sales_team.group_sale_manager"
        )
        cls.everybody = new_test_user(
            cls.env,
            login="stay_all",
            groups="sales_team.group_sale_salesman_all_leads",
        )

    def seen(self, user, leads):
        return self.stays(leads).with_user(user).search(
            [("lead_id", "in", leads.ids)]
        ).lead_id

    def test_a_stay_is_seen_by_who_sees_its_opportunity(self):
        mine, nobodys = self.deals(), self.deals(user_id=False)
        others = self.deals()
        others.sudo().user_id = self.colleague
        leads = mine | nobodys | others
        self.assertEqual(self.seen(self.salesperson, leads), mine | nobodys)
        self.assertEqual(self.seen(self.colleague, leads), others | nobodys)
        self.assertEqual(self.seen(self.everybody, leads), leads)

    def test_the_history_of_a_lost_deal_is_seen_by_its_owner(self):
        lead = self.deals()
        self.env.cr.flush()
        self.lose(lead)
        self.assertEqual(self.seen(self.salesperson, lead), lead)

    def test_stays_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        lead = self.env["crm.lead"].create(
            {
                "name": "Theirs",
                "type": "opportunity",
                "company_id": company.id,
                "user_id": False,
                "team_id": False,
            }
        )
        self.assertFalse(self.seen(self.everybody, lead))

    def test_nobody_writes_a_stay(self):
        stay = self.stays(self.deals()).with_user(self.manager)
        with self.assertRaises(AccessError):
            stay.days = 1
        with self.assertRaises(AccessError):
            stay.unlink()
        with self.assertRaises(AccessError):
            stay.create({"lead_id": stay.lead_id.id, "entered_at": "2026-01-01"})
