"""Odoo's own command line, with all tests when everything is loaded.

Most of core's tests belong to the moment their module is loaded, before ours are. Here
they run on a database and a registry that have our addons.
"""

from odoo.cli import main
from odoo.tests import loader

_make_suite = loader.make_suite


def make_suite(module_names, position="at_install"):
    """No test while modules load, the tests of both positions at the end."""
    if position == "at_install":
        return _make_suite([], position)
    suite = _make_suite(module_names, "at_install")
    suite.addTests(_make_suite(module_names, "post_install"))
    return suite


loader.make_suite = make_suite
main()
