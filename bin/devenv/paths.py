"""Where things are: the project's own folders and what is generated in .cache."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Moved only by tests that play a stranger's first try in a folder of their own.
CACHE = Path(os.environ.get("DEVENV_CACHE") or ROOT / ".cache").resolve()

ADDON_FOLDERS = (ROOT / "addons", ROOT / "i18n")
PROJECT_CONF = ROOT / "odoo.conf"

VENV = CACHE / "venv"
VENV_PYTHON = VENV / "bin" / "python"
ODOO_TREE = CACHE / "odoo"
DOWNLOADS = CACHE / "downloads"
NODE = CACHE / "node"
LOGS = CACHE / "log"
STAMPS = CACHE / "stamps"
