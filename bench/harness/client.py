"""A web client without a browser: the requests the real one would send.

Each request has its own environment and transaction, ends with a commit, and
its answer goes through JSON, as over HTTP. Views are loaded once per session,
as the browser caches them; loading them is not measured.
"""

import json

from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import call_kw
from odoo.tools.json import json_default

from odoo.addons.web.controllers.utils import clean_action

from .form import ViewLoader


class Session:
    """One user's session on one database, measured by ``probe``."""

    def __init__(self, database, login, probe):
        self.registry = Registry(database)
        self.probe = probe
        self.cursor = self.registry.cursor()
        root = api.Environment(self.cursor, api.SUPERUSER_ID, {})
        user = root["res.users"].search([("login", "=", login)])
        self.context = {
            "lang": user.lang,
            "tz": user.tz,
            "uid": user.id,
            "allowed_company_ids": user.company_ids.ids,
        }
        # for reading views and resolving names, never inside a measurement
        self.env = api.Environment(self.cursor, user.id, self.context)
        self.views = ViewLoader(self.env)

    def close(self):
        """Give the connection back."""
        self.cursor.rollback()
        self.cursor.close()

    def call(self, model, method, *args, context=None, **kwargs):
        """Call a public method as ``/web/dataset/call_kw`` would."""
        kwargs["context"] = {**self.context, **(context or {})}
        return self._request(
            lambda env: call_kw(env[model], method, list(args), kwargs)
        )

    def click(self, model, method, ids, context=None):
        """Press a button as ``/web/dataset/call_button`` would."""
        kwargs = {"context": {**self.context, **(context or {})}}

        def press(env):
            action = call_kw(env[model], method, [ids], kwargs)
            if isinstance(action, dict) and action.get("type"):
                return clean_action(action, env=env)
            return False

        return self._request(press)

    def _request(self, work):
        with self.probe.request():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, self.env.uid, {})
                answer = work(env)
                env.cr.flush()
                text = json.dumps(answer, default=json_default)
                cr.commit()
        return json.loads(text)
