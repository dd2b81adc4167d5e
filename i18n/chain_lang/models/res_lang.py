from odoo import api, models

# language code: {field: (value core ships, value used in the country)}
CORRECTIONS = {
    "fa_IR": {
        "week_start": ("7", "6"),
    },
    "mn_MN": {
        "week_start": ("7", "1"),
        "thousands_sep": ("'", ","),
        "date_format": ("%d/%m/%Y", "%Y.%m.%d"),
    },
}


class ResLang(models.Model):
    _inherit = "res.lang"

    @api.model
    def _apply_locale_corrections(self):
        """Correct what core ships wrong, for active and inactive languages alike.

        A value other than core's was chosen by a user and stays. Runs at every
        upgrade, because an upgrade of ``base`` loads core's values again.

        :return: the languages that were changed
        """
        langs = self.with_context(active_test=False).search(
            [("code", "in", list(CORRECTIONS))]
        )
        changed = langs.filtered(lambda lang: lang._get_locale_corrections())
        for lang in changed:
            lang.write(lang._get_locale_corrections())
        return changed

    def _get_locale_corrections(self):
        """Values to write on this language: those that still read as in core."""
        self.ensure_one()
        return {
            field: right
            for field, (wrong, right) in CORRECTIONS.get(self.code, {}).items()
            if self[field] == wrong
        }
