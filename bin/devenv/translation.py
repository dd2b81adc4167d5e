"""`make i18n`: exports the templates anew and merges them into the translations."""

import console
import database
import paths
import server
import setup
import shell
from console import Progress

import addons

SCRIPT = paths.ROOT / "bin" / "devenv" / "inside" / "po_files.py"
DATABASE = "translation_templates"


def run():
    progress = Progress(setup.STEPS + 3)
    setup.environment(progress, dev=True)
    names = sorted(addons.find())
    with server.postgres_step(progress) as (conf, cluster):
        databases = database.Databases(conf, cluster)
        with progress.step("Database with our addons"):
            databases.create(DATABASE, names, languages=("en_US",))
            half = f"{DATABASE}_half"
        try:
            with progress.step("Templates and translations"):
                databases.odoo(
                    *("i18n", "export", "-d", half, "-l", "pot", "--", *names),
                    doing="exporting the translation templates",
                )
                said = merge()
        finally:
            databases.drop(half)
    console.say(said.rstrip())


def merge():
    folders = [addon.folder for addon in addons.find().values()]
    command = [paths.VENV_PYTHON, SCRIPT, "merge", *folders]
    return shell.run(command, "merging the translations")
