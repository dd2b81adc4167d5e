from odoo import models

from ..batch import OUTBOX_KEY, batch_of, collector_of


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    def _insert_followers(self, res_model, res_ids, partner_ids, **options):
        """Where a step of the chain collects: the same people's new documents, all
        of one model, are followed at once.
        """
        if batch := collector_of(self.env):
            key = (res_model, tuple(partner_ids), str(options))
            batch.followers.setdefault(key, (options, []))[1].extend(res_ids)
            return None
        return super()._insert_followers(res_model, res_ids, partner_ids, **options)

    def _chain_add_collected(self, batch):
        collected, batch.followers = batch.followers, {}
        followers = self.with_context(**{OUTBOX_KEY: False})
        for (res_model, partner_ids, _key), (options, res_ids) in collected.items():
            followers._insert_followers(
                res_model, res_ids, list(partner_ids), **options
            )

    def _get_recipient_data(self, records, message_type, subtype_id, pids=None):
        """While a step posts many messages: answered from what was read for all."""
        if records and not pids and (batch := batch_of(self.env)):
            key = ("recipients", records._name, message_type, subtype_id)
            found = batch.known.get(key, {})
            if found.keys() >= set(records.ids):
                return {record_id: found[record_id] for record_id in records.ids}
        return super()._get_recipient_data(records, message_type, subtype_id, pids=pids)
