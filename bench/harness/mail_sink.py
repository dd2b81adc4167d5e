"""Outgoing mail ends here, on every side alike."""

from odoo.addons.base.models import ir_mail_server


class _NoConnection:
    def quit(self):
        """Nothing was opened."""


def install():
    """Replace the two calls that reach a mail server."""
    server = ir_mail_server.IrMail_Server
    server._connect__ = lambda self, *args, **kwargs: _NoConnection()
    server.send_email = lambda self, message, *args, **kwargs: message["Message-Id"]
