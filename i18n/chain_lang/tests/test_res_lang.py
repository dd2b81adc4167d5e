from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestResLang(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fa = cls.env.ref("base.lang_fa_IR")
        cls.mn = cls.env.ref("base.lang_mn")

    def _reset_to_core(self):
        self.mn.write(
            {"week_start": "7", "thousands_sep": "'", "date_format": "%d/%m/%Y"}
        )

    def test_persian_week_starts_on_saturday(self):
        self.assertEqual(self.fa.week_start, "6")

    def test_mongolian_week_starts_on_monday(self):
        self.assertEqual(self.mn.week_start, "1")

    def test_mongolian_amounts_and_dates_read_as_in_mongolia(self):
        self.env["res.lang"]._activate_lang("mn_MN")
        self.assertEqual(self.mn.format("%.2f", 1234567.5, True), "1,234,567.50")
        self.assertEqual(self.mn.date_format, "%Y.%m.%d")

    def test_core_values_loaded_again_are_corrected_again(self):
        self._reset_to_core()
        changed = self.env["res.lang"]._apply_locale_corrections()
        self.assertEqual(changed, self.mn)
        self.assertEqual(
            self.mn.read(["week_start", "thousands_sep", "date_format"])[0],
            {
                "id": self.mn.id,
                "week_start": "1",
                "thousands_sep": ",",
                "date_format": "%Y.%m.%d",
            },
        )

    def test_own_choice_of_a_user_survives_an_upgrade(self):
        self._reset_to_core()
        self.mn.date_format = "%Y-%m-%d"
        self.fa.week_start = "1"
        self.env["res.lang"]._apply_locale_corrections()
        self.assertEqual(self.mn.date_format, "%Y-%m-%d")
        self.assertEqual(self.mn.thousands_sep, ",")
        self.assertEqual(self.fa.week_start, "1")

    def test_correcting_twice_changes_nothing_the_second_time(self):
        self._reset_to_core()
        self.env["res.lang"]._apply_locale_corrections()
        self.assertFalse(self.env["res.lang"]._apply_locale_corrections())
