from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestResCurrency(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.irr = cls.env.ref("base.IRR")
        cls.mnt = cls.env.ref("base.MNT")

    def test_rial_and_togrog_have_no_decimals(self):
        for currency in self.irr + self.mnt:
            self.assertEqual(currency.decimal_places, 0, currency.name)
            self.assertEqual(currency.round(1250.4), 1250.0, currency.name)

    def test_amounts_carry_the_sign_used_in_the_country(self):
        self.assertEqual(self.irr.format(98000000), "98,000,000\u00a0ریال")
        self.assertEqual(self.mnt.format(385000), "385,000\u00a0₮")

    def test_labels_name_the_unit_in_english(self):
        self.assertEqual(self.irr.currency_unit_label, "Rial")
        self.assertEqual(self.mnt.currency_unit_label, "Tögrög")
        self.assertEqual(self.mnt.currency_subunit_label, "Möngö")

    def test_labels_name_the_unit_in_a_language_added_later(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.env["res.lang"]._activate_lang("mn_MN")
        self.env["ir.module.module"]._load_module_terms(
            ["chain_lang"], ["fa_IR", "mn_MN"]
        )
        irr = self.irr.with_context(lang="fa_IR")
        self.assertEqual(irr.currency_unit_label, "ریال")
        mnt = self.mnt.with_context(lang="mn_MN")
        self.assertEqual(mnt.currency_unit_label, "төгрөг")
        self.assertEqual(mnt.currency_subunit_label, "мөнгө")

    def test_own_label_survives_loading_the_terms_again(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        irr = self.irr.with_context(lang="fa_IR")
        irr.currency_unit_label = "ریال ایران"
        self.env["ir.module.module"]._load_module_terms(["chain_lang"], ["fa_IR"])
        self.assertEqual(irr.currency_unit_label, "ریال ایران")

    def test_own_rounding_of_a_user_is_kept(self):
        self.irr.rounding = 10.0
        self.assertFalse(self.env["res.currency"]._round_to_whole_units())
        self.assertEqual(self.irr.rounding, 10.0)

    def test_currency_in_use_keeps_its_decimals(self):
        self.mnt.rounding = 0.01
        Currency = self.env.registry["res.currency"]
        with patch.object(Currency, "write", side_effect=UserError("in use")):
            changed = self.env["res.currency"]._round_to_whole_units()
        self.assertFalse(changed)
        self.assertEqual(self.mnt.decimal_places, 2)
