from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ChainCase


class StageRuleCase(ChainCase):
    """Four stages of a team, of which the first two have rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "Pumps", "member_ids": [(4, cls.salesperson.id)]}
        )
        other = cls.env["crm.team"].create({"name": "Others"})
        cls.first, cls.second, cls.foreign, cls.third, cls.won = cls.env[
            "crm.stage"
        ].create(
            [
                {"name": name, "sequence": 900 + number, "team_ids": team.ids, **vals}
                for number, (name, team, vals) in enumerate(
                    [
                        ("First", cls.team, {}),
                        ("Second", cls.team, {}),
                        ("Foreign", other, {}),
                        ("Third", cls.team, {}),
                        ("Signed", cls.team, {"is_won": True}),
                    ]
                )
            ]
        )
        cls.rule = cls.make_rule(
            cls.first, ["expected_revenue", "phone"], ["Budget known", "Needs known"]
        )
        cls.budget, cls.needs = cls.rule.check_ids
        cls.manager = new_test_user(
            cls.env, login="stage_manager", groups="sales_team.group_sale_manager"
        )

    @classmethod
    def make_rule(cls, stage, fields=(), checks=(), **vals):
        required = [cls.env["ir.model.fields"]._get("crm.lead", x).id for x in fields]
        return cls.env["crm.stage.rule"].create(
            {
                "stage_id": stage.id,
                "field_ids": [(6, 0, required)],
                "check_ids": [(0, 0, {"name": name}) for name in checks],
                **vals,
            }
        )

    @classmethod
    def make_deal(cls, **vals):
        defaults = {
            "type": "opportunity",
            "team_id": cls.team.id,
            "stage_id": cls.first.id,
        }
        return cls.make_leads({**defaults, **vals})

    @property
    def complete(self):
        return {
            "expected_revenue": 100,
            "phone": "+32 2 290 34 90",
            "stage_check_ids": [(6, 0, self.rule.check_ids.ids)],
        }


@tagged("post_install", "-at_install")
class TestStageRule(StageRuleCase):
    """What an opportunity needs to leave a stage, on every way of moving it."""

    def refused(self, *words):
        return self.assertRaisesRegex(UserError, "(?s)" + ".*".join(words))

    def test_what_is_missing_is_named(self):
        lead = self.make_deal(stage_check_ids=[(4, self.needs.id)])
        with self.refused("Enquiry 1: Fill in Expected Revenue and Phone.", "Tick “Bu"):
            lead.stage_id = self.second
        self.assertEqual(lead.stage_id, self.first)

    def test_nothing_is_written_with_a_refused_move(self):
        lead = self.make_deal()
        with self.refused("Expected Revenue"):
            lead.write({"stage_id": self.second.id, "phone": "+32 2 290 34 90"})
        self.assertFalse(lead.phone)

    def test_complete_one_moves(self):
        lead = self.make_deal(**self.complete)
        lead.stage_id = self.second
        self.assertEqual(lead.stage_id, self.second)

    def test_what_is_given_with_the_move_counts(self):
        lead = self.make_deal()
        lead.write({"stage_id": self.second.id, **self.complete})
        self.assertEqual(lead.stage_id, self.second)

    def test_what_is_computed_from_what_is_given_counts(self):
        partner = self.env["res.partner"].create({"name": "S", "phone": "+3222903490"})
        self.rule.check_ids.unlink()
        lead = self.make_deal(expected_revenue=3)
        lead.write({"stage_id": self.second.id, "partner_id": partner.id})
        self.assertEqual(lead.stage_id, self.second)

    def test_what_is_taken_away_with_the_move_is_missing(self):
        lead = self.make_deal(**self.complete)
        with self.refused("Fill in Phone."):
            lead.write({"stage_id": self.second.id, "phone": False})

    def test_backwards_is_free(self):
        lead = self.make_deal(stage_id=self.third.id)
        lead.stage_id = self.first
        self.assertEqual(lead.stage_id, self.first)

    def test_stages_passed_over_count(self):
        self.make_rule(self.second, ["date_deadline"])
        lead = self.make_deal(**self.complete)
        with self.refused("Fill in Expected Closing."):
            lead.stage_id = self.third

    def test_stages_of_other_teams_do_not_count(self):
        self.make_rule(self.foreign, ["date_deadline"])
        lead = self.make_deal(**self.complete)
        lead.stage_id = self.third
        self.assertEqual(lead.stage_id, self.third)

    def test_rule_of_the_team_takes_the_place_of_the_general_one(self):
        own = self.make_rule(self.first, ["date_deadline"], team_id=self.team.id)
        lead = self.make_deal(date_deadline="2030-01-01")
        lead.stage_id = self.second
        lead.stage_id = self.first
        own.unlink()
        with self.refused("Expected Revenue"):
            lead.stage_id = self.second

    def test_team_given_with_the_move_counts(self):
        other = self.env["crm.team"].create({"name": "Service"})
        (self.first | self.second).team_ids = False
        self.make_rule(self.first, team_id=other.id)
        lead = self.make_deal()
        lead.write({"stage_id": self.second.id, "team_id": other.id})
        self.assertEqual(lead.stage_id, self.second)

    def test_creating_in_a_later_stage_is_no_move(self):
        self.assertEqual(self.make_deal(stage_id=self.third.id).stage_id, self.third)

    def test_dragging_a_card_is_a_move(self):
        """What the kanban view sends."""
        lead = self.make_deal()
        with self.refused("Fill in"):
            lead.web_save({"stage_id": self.second.id}, {})
        lead.write(self.complete)
        lead.web_save({"stage_id": self.second.id}, {})
        self.assertEqual(lead.stage_id, self.second)

    def test_winning_by_hand_is_a_move(self):
        lead = self.make_deal()
        with self.refused("Enquiry 1", "Budget known"):
            lead.action_set_won_rainbowman()
        lead.write(self.complete)
        lead.action_set_won()
        self.assertEqual(lead.won_status, "won")

    def test_mass_edit_names_each_that_is_incomplete(self):
        leads = self.make_deal() | self.make_deal() | self.make_deal(**self.complete)
        leads[0].name, leads[1].name, leads[2].name = "Apple", "Pear", "Plum"
        with self.refused("Apple", "Pear") as caught:
            leads.write({"stage_id": self.second.id})
        self.assertNotIn("Plum", str(caught.exception))
        self.assertEqual(leads.stage_id, self.first)

    def test_message_of_a_large_mass_edit_can_be_read(self):
        leads = self.Lead.create([leads_vals for leads_vals in self.many(30)])
        with self.refused("Deal 19", "and 10 more"):
            leads.write({"stage_id": self.second.id})

    def many(self, count):
        return [
            {
                "name": f"Deal {number}",
                "type": "opportunity",
                "team_id": self.team.id,
                "stage_id": self.first.id,
            }
            for number in range(count)
        ]

    def test_queries_do_not_grow_with_the_number_of_moves(self):
        counts = []
        for size in (2, 2, 40):  # the first one fills the caches
            leads = self.Lead.create(
                [{**vals, **self.complete} for vals in self.many(size)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            leads._check_stage_rules({"stage_id": self.second.id})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_moves_without_rules_cost_no_query(self):
        self.env["crm.stage.rule"].search([]).unlink()
        leads = self.Lead.create(self.many(3))
        self.env["crm.stage.rule"]._rules()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.assertFalse(self.env["crm.stage.rule"]._rules())
        leads.stage_id = self.second

    def test_form_shows_the_checklist_and_what_is_missing(self):
        lead = self.make_deal()
        with Form(lead.with_user(self.salesperson)) as form:
            self.assertEqual(form.stage_offer_ids.ids, self.rule.check_ids.ids)
            self.assertIn("Expected Revenue", form.stage_missing)
            form.stage_tick_ids.add(self.budget)
            self.assertNotIn("Budget known", form.stage_missing or "")
        self.assertEqual(lead.stage_check_ids, self.budget)

    def test_ticked_and_moved_with_one_save_of_the_form(self):
        lead = self.make_deal(expected_revenue=3, phone="+32 2 290 34 90")
        with Form(lead.with_user(self.salesperson)) as form:
            form.stage_tick_ids.add(self.budget)
            form.stage_tick_ids.add(self.needs)
            form.stage_id = self.second
        self.assertEqual(lead.stage_id, self.second)
        self.assertEqual(lead.stage_check_ids, self.rule.check_ids)

    def test_form_refuses_an_incomplete_move(self):
        form = Form(self.make_deal().with_user(self.salesperson))
        form.stage_id = self.second
        with self.refused("Fill in"):
            form.save()

    def test_form_without_rules_costs_no_query(self):
        self.env["crm.stage.rule"].search([]).unlink()
        lead = self.make_deal()
        lead.read(["stage_id", "team_id"])
        self.env["crm.stage.rule"]._rules()
        with self.assertQueryCount(0):
            lead.read(["stage_tick_ids", "stage_offer_ids", "stage_missing"])

    def test_what_is_missing_follows_what_is_filled_in(self):
        lead = self.make_deal()
        self.assertIn("Phone", lead.stage_missing)
        lead.write(self.complete)
        self.assertFalse(lead.stage_missing)

    def test_import_is_held_to_the_rules(self):
        lead = self.make_deal()
        lead_id, stage_id = [
            record.sudo().export_data(["id"])["datas"][0][0]
            for record in (lead, self.second)
        ]
        header = ["id", "stage_id/id"]
        result = self.Lead.load(header, [[lead_id, stage_id]])
        self.assertFalse(result["ids"])
        self.assertIn("Fill in Expected Revenue", result["messages"][0]["message"])
        header, row = [".id", "stage_id"], [str(lead.id), "Second"]
        result = self.Lead.load(header, [row])
        self.assertIn("Fill in Expected Revenue", result["messages"][0]["message"])
        checks = ",".join(self.rule.check_ids.mapped("name"))
        header += ["expected_revenue", "phone", "stage_check_ids"]
        result = self.Lead.load(header, [[*row, "5", "+3222903490", checks]])
        self.assertEqual(result["ids"], lead.ids, result["messages"])
        self.assertEqual(lead.stage_id, self.second)

    def test_ticks_survive_a_merge(self):
        leads = self.make_deal(stage_check_ids=[(4, self.budget.id)])
        leads |= self.make_deal(stage_check_ids=[(4, self.needs.id)])
        merged = leads.merge_opportunity()
        self.assertEqual(merged.stage_check_ids, self.rule.check_ids)

    def test_copy_starts_with_an_empty_checklist(self):
        self.assertFalse(self.make_deal(**self.complete).copy().stage_check_ids)

    def test_others_are_not_told_of_what_they_may_not_change(self):
        lead = self.make_deal()
        with self.assertRaises(AccessError):
            lead.with_user(self.colleague).write({"stage_id": self.second.id})

    def test_one_rule_a_stage_and_team(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
            self.make_rule(self.first)
        self.assertIn("one_general", str(caught.exception))

    def test_required_fields_are_those_people_fill_in(self):
        with self.assertRaisesRegex(ValidationError, "Nobody can fill in Won/Lost"):
            self.make_rule(self.second, ["won_status"])

    def test_manager_makes_rules_on_the_form_of_the_stage(self):
        field = self.env["ir.model.fields"]._get("crm.lead", "date_deadline")
        with Form(self.second.with_user(self.manager)) as form:
            with form.rule_ids.new() as rule:
                rule.field_ids.add(field)
                rule.team_id = self.team
                with rule.check_ids.new() as check:
                    check.name = "Visited"
        self.assertEqual(self.second.rule_ids.check_ids.name, "Visited")
        lead = self.make_deal(stage_id=self.second.id)
        with self.refused("Fill in Expected Closing. Tick “Visited”."):
            lead.stage_id = self.third

    def test_salesperson_reads_rules_and_does_not_write_them(self):
        rule = self.rule.with_user(self.salesperson)
        self.assertEqual(rule.check_ids.mapped("name"), ["Budget known", "Needs known"])
        for change in (
            lambda: rule.write({"enter_step": "opportunity"}),
            lambda: rule.check_ids.write({"name": "X"}),
            rule.unlink,
        ):
            with self.assertRaises(AccessError):
                change()

    def test_rules_of_teams_of_other_companies_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create({"name": "Far", "company_id": company.id})
        rule = self.make_rule(self.second, checks=["Visited"], team_id=team.id)
        for model, hidden, seen in (
            ("crm.stage.rule", rule, self.rule),
            ("crm.stage.check", rule.check_ids, self.budget),
        ):
            found = self.env[model].with_user(self.manager).search([])
            self.assertNotIn(hidden, found)
            self.assertIn(seen, found)
        self.assertIn((self.second.id, team.id), rule._rules())

    def test_changed_order_of_stages_takes_effect_at_once(self):
        lead = self.make_deal()
        self.second.sequence = 1
        lead.stage_id = self.second
        self.assertEqual(lead.stage_id, self.second)
