from markupsafe import escape

from odoo import models
from odoo.tools import SQL

from ..batch import OUTBOX_KEY, batch_of, collecting, collector_of

# What a message that records what happened is made of: the others are not collected.
SIMPLE = {"body", "author_id", "subtype_id", "tracking_value_ids", "message_type"}

KIND = "notification"
NOTES = "notes"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_track(self, fields_iter, initial_values_dict):
        """Core posts the changes of each record; a step of the chain those of all
        its records at once.
        """
        result = super(MailThread, collecting(self))._message_track(
            fields_iter, initial_values_dict
        )
        self._chain_post_collected()
        return result

    def message_post(self, **kwargs):
        """Where a step of the chain collects messages, none is returned."""
        simple = kwargs.keys() <= SIMPLE and kwargs.get("message_type", KIND) == KIND
        if simple and (batch := collector_of(self.env)):
            self.ensure_one()
            batch.posts.append((self.with_context(**{OUTBOX_KEY: False}), kwargs))
            return self.env["mail.message"]
        return super().message_post(**kwargs)

    def _message_log_batch(self, bodies, **kwargs):
        """As :meth:`message_post`, for notes that nobody is notified of."""
        thread = self
        if collector_of(self.env):
            thread = self.with_context(**{OUTBOX_KEY: NOTES})
        return super(MailThread, thread)._message_log_batch(bodies, **kwargs)

    def _message_create(self, values_list):
        batch = collector_of(self.env)
        if batch and self.env.context[OUTBOX_KEY] == NOTES:
            thread = self.with_context(**{OUTBOX_KEY: False})
            batch.notes += [(thread, values) for values in values_list]
            return self.env["mail.message"]
        return super()._message_create(values_list)

    def _chain_post_collected(self):
        """Add the followers and make the messages that the step has collected."""
        batch = batch_of(self.env)
        if not batch:
            return
        self.env["mail.followers"]._chain_add_collected(batch)
        if batch.notes:
            threads, values_list = zip(*batch.notes, strict=True)
            batch.notes = []
            threads[0].sudo()._chain_message_create(list(values_list))
        for posts in batch.rounds():
            records = next(iter(posts)).union(*posts).exists()
            records._chain_message_post({x.id: posts[x] for x in records})

    def _chain_message_post(self, posts):
        """Core's ``message_post``, with its lookups and its ``create`` done for all
        records at once. Hooks and notifications are core's, record by record.

        :param posts: ``{id: arguments}`` of what is to be posted on each record
        :return: the messages
        """
        records = self._fallback_lang()
        values = records._chain_message_values(posts)
        messages = records._chain_message_create(list(values.values()))
        followers = self.env["mail.followers"]
        for kind in {(x["message_type"], x["subtype_id"]) for x in values.values()}:
            found = followers._get_recipient_data(records, *kind)
            batch_of(self.env).known[("recipients", self._name, *kind)] = found
        for record, message in zip(records, messages, strict=True):
            record._message_post_after_hook(message, values[record.id])
            record._notify_thread(message, values[record.id])
        return messages

    def _chain_message_create(self, values_list):
        """Core's ``_message_create``, with the tracking values of all messages created
        at once.
        """
        tracked = [values.get("tracking_value_ids") or () for values in values_list]
        messages = self._message_create(
            [{**values, "tracking_value_ids": False} for values in values_list]
        )
        self.env["mail.tracking.value"].sudo().create(
            [
                {**values, "mail_message_id": message.id}
                for message, commands in zip(messages, tracked, strict=True)
                for _create, _id, values in commands
            ]
        )
        return messages

    def _chain_message_values(self, posts):
        """:return: ``{id: values of the message}``, as core's ``message_post`` makes"""
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        parents = self._chain_parent_messages()
        domains = self.sudo()._mail_get_alias_domains(default_company=self.env.company)
        companies = self._mail_get_companies(default=self.env.company)
        replies, values = {}, {}
        for record in self:
            post = posts[record.id]
            author = self._message_compute_author(post.get("author_id"))
            if author not in replies:
                replies[author] = self._notify_get_reply_to(
                    default=author[1], author_id=author[0]
                )
            values[record.id] = {
                "email_add_signature": True,
                "author_id": author[0],
                "author_guest_id": False,
                "email_from": author[1],
                "model": record._name,
                "res_id": record.id,
                "body": escape(post.get("body") or ""),
                "message_type": KIND,
                "parent_id": parents.get(record.id, False),
                "subject": False,
                "subtype_id": post.get("subtype_id") or note,
                "attachment_ids": [],
                "partner_ids": [],
                "incoming_email_to": False,
                "incoming_email_cc": False,
                "outgoing_email_to": False,
                "record_alias_domain_id": domains[record.id].id,
                "record_company_id": companies[record.id].id,
                "reply_to": replies[author][record.id],
                "tracking_value_ids": post.get("tracking_value_ids") or [],
            }
        return values

    def _chain_parent_messages(self):
        """Core's ``_message_compute_parent_id``: the last comment or e-mail on each
        record, else its last message.

        :return: ``{record id: message id}``
        """
        if not self._mail_flat_thread:
            return {}
        messages = self.env["mail.message"]
        messages.flush_model(["model", "res_id", "message_type", "date"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT DISTINCT ON (res_id) res_id, id
                         FROM mail_message
                        WHERE model = %s
                          AND res_id = ANY(%s)
                          AND message_type != 'user_notification'
                     ORDER BY res_id, message_type IN ('comment', 'email') DESC,
                              date DESC, id DESC""",
                    self._name,
                    self.ids,
                )
            )
        )
