from odoo.tests import BaseCase, tagged

from odoo.addons.crm_pipeline_ext.folding import fold_name, fold_number

SAME_NAMES = [
    ("علی", "علي"),  # Persian and Arabic yeh
    ("مصطفی", "مصطفى"),  # alef maksura
    ("کریم", "كريم"),  # kaf
    ("فاطمه", "فاطمة"),  # teh marbuta
    ("خانه سبز", "خانۀ سبز"),  # heh with hamza
    ("احمد", "أحمد"),
    ("ابراهیم", "إبراهيم"),
    ("آرش", "ارش"),
    ("مسئول", "مسيول"),
    ("رؤیا", "رویا"),
    ("علی‌رضا", "علیرضا"),  # ZWNJ
    ("محمد", "محمـــد"),  # tatweel
    ("محمد", "مُحَمَّد"),  # diacritics
    ("شعبه ۱۲", "شعبه 12"),  # Persian digits
    ("شعبه ۱۲", "شعبه ١٢"),  # Arabic digits
    ("بهار", "\u200fبهار\u200e"),  # directions
    ("Sara Ahmadi", "  SARA\u00a0 ahmadi "),
    ("Болормаа", "БОЛОРМАА"),
    ("Straße", "STRASSE"),
    ("Café", "Cafe\u0301"),  # composed or not
]
OTHER_NAMES = [
    ("علی", "عالی"),
    ("علی رضا", "علیرضا"),
    ("Сайн", "Саин"),  # Mongolian й is a letter of its own
    ("Өнө", "Оно"),
    ("Café", "Cafe"),
]
NUMBERS = [
    ("DE 811.569.869", "DE811569869"),
    ("de-811/569 869", "DE811569869"),
    ("۱۴۰۰۱۲۳۴۵۶۷", "14001234567"),
    ("١٤٠٠-١٢٣٤٥٦٧", "14001234567"),
    ("0100 12", "010012"),
    ("РД ۵۵", "РД55"),
    ("n/a", ""),
    ("-", ""),
    ("000", ""),
    ("", ""),
    (False, ""),
    (None, ""),
]


@tagged("post_install", "-at_install")
class TestFolding(BaseCase):
    def test_one_name_in_several_ways_of_writing(self):
        for one, other in SAME_NAMES:
            with self.subTest(one=one, other=other):
                self.assertEqual(fold_name(one), fold_name(other))

    def test_other_letters_are_other_names(self):
        for one, other in OTHER_NAMES:
            with self.subTest(one=one, other=other):
                self.assertNotEqual(fold_name(one), fold_name(other))

    def test_what_is_folded_folds_to_itself(self):
        for names in SAME_NAMES + OTHER_NAMES:
            for name in names:
                with self.subTest(name=name):
                    folded = fold_name(name)
                    self.assertEqual(fold_name(folded), folded)

    def test_nothing_folds_to_nothing(self):
        for nothing in (None, False, "", "  ", "\u200c"):
            self.assertEqual(fold_name(nothing), "")

    def test_numbers_are_their_letters_and_digits(self):
        for number, folded in NUMBERS:
            with self.subTest(number=number):
                self.assertEqual(fold_number(number), folded)
