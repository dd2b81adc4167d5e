"""Measure our addons against core: see bench/README.md."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from odoo.tools import config

ROOT = Path(__file__).resolve().parent.parent


def main():
    """Run the benchmark; return 1 if a due goal is missed."""
    options = parse_options()
    load_configuration()
    # so that an interrupted run drops its databases too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    from harness.bench import Bench  # Odoo must be configured first

    return Bench(options, ROOT / "addons").run()


def parse_options():
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("-n", "--records", type=int, default=15, help="chains by forms (15)")
    add(
        "--batch",
        type=int,
        nargs="*",
        default=[1, 10, 100],
        help="sizes of the chains by methods (1 10 100); none to leave them out",
    )
    add("--large", action="store_true", help="once more among 200,000 leads")
    add("--memory", action="store_true", help="only what 10,000 leads take of memory")
    add("--reads", action="store_true", help="only the pipeline's views, filled")
    add("--prices", action="store_true", help="only prices: 500 lines, 5,000 rules")
    add("--template", help="copy this database instead of installing core")
    add("--keep-as", help="keep a database with core under a name that begins so")
    add("--addons", nargs="+", help="install only these addons of ours")
    add("--role", help="group of crm_security_roles for the user, e.g. group_own")
    add("--null", action="store_true", help="core against core: the noise")
    add("--profile", action="store_true", help="tell where the difference comes from")
    return parser.parse_args()


def load_configuration():
    """Read the configuration file that ODOO_RC names."""
    arguments = ["--log-level=warn", "--max-cron-threads=0"]
    if path := os.environ.get("ODOO_RC"):
        arguments += ["-c", path]
    config.parse_config(arguments, setup_logging=True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
