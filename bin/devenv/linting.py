"""`make lint`: every linter on our files, and on a bad addon that proves it bites."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import console
import node_tools
import paths
import python_env
import setup
import shell
import stamps
from console import Progress

import addons

ENVIRONMENT = paths.CACHE / "lint"
REQUIREMENTS = paths.ROOT / "requirements-lint.txt"
# A small addon with a mistake for every linter below.
FIXTURE = paths.ROOT / "tests" / "lint_fixture" / "bad_addon"
PO_SCRIPT = paths.ROOT / "bin" / "devenv" / "inside" / "po_files.py"
# The addons' READMEs are Markdown, as the rest of the documentation.
OCA_OFF = "--disable=xml-header-wrong,po-pretty-format,prefer-readme-rst"


def run():
    progress = Progress(setup.STEPS)
    prepare(progress)
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(check, LINTERS))
    failed = sum(not outcome for outcome in outcomes)
    console.say(f"\n{len(outcomes) - failed} linters passed, {failed} failed")
    return 1 if failed else 0


def prepare(progress):
    """The linters' own environment; Odoo itself is not needed to read code."""
    setup.check_folder()
    with stamps.lock("setup"):
        with progress.step("Python environment"):
            python_env.ensure()
        with progress.step("Linters"):
            _ensure_environment()
        with progress.step("Node packages"):
            node_tools.ensure()


def _ensure_environment():
    wanted = stamps.fingerprint(sys.version, str(ENVIRONMENT), REQUIREMENTS)
    if stamps.read("lint").get("made_from") != wanted:
        python_env.create(ENVIRONMENT)
        python_env.install("-r", REQUIREMENTS, python=ENVIRONMENT / "bin" / "python")
        stamps.write("lint", made_from=wanted)


def check(linter):
    """Run a linter on our files, then make sure that it rejects the bad addon."""
    start = time.monotonic()
    name = linter.__name__.strip("_").replace("_", "-")
    result = linter(our_folders(), our_code())
    bites = linter([FIXTURE], [FIXTURE]).returncode
    good = not result.returncode and bites
    mark = "passed" if good else "FAILED"
    lines = [f"  {mark}  {name} ({console.seconds(time.monotonic() - start)})"]
    if result.returncode:
        lines.append(result.stdout.rstrip())
    if not bites:
        lines.append(f"{name} finds nothing wrong with {FIXTURE}: it checks nothing.")
    console.say("\n".join(lines))
    return good


def our_folders():
    return [addon.folder for addon in addons.find().values()]


def our_code():
    """All folders with Python of ours."""
    names = ("addons", "i18n", "bench", "bin", "tests")
    return [paths.ROOT / name for name in names if (paths.ROOT / name).is_dir()]


def tool(*command, **options):
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=paths.ROOT,
        env=shell.clean_environment() | {"PATH": python_env.environment()["PATH"]},
        **options,
    )


def lint_program(name):
    return ENVIRONMENT / "bin" / name


# -- the linters: each takes addon folders and folders of code ------------------------


def ruff(_folders, code):
    off = ["--no-cache"]
    return tool(lint_program("ruff"), "check", "--quiet", *off, *code)


def pylint_odoo(folders, _code):
    rules = paths.ROOT / ".pylintrc"
    # An override of a compute method gives nothing back, as the method itself. Each
    # concern of a model has a file of its own.
    off = "--disable=missing-return,consider-merging-classes-inherited"
    return tool(lint_program("pylint"), f"--rcfile={rules}", off, *folders)


def oca_module(folders, _code):
    return tool(lint_program("oca-checks-odoo-module"), OCA_OFF, *folders)


def oca_po(folders, _code):
    files = [path for folder in folders for path in sorted(folder.glob("i18n/*.po*"))]
    return tool(lint_program("oca-checks-po"), OCA_OFF, *files)


def prettier(folders, _code):
    return tool(*prettier_command("--check", folders))


def translations(folders, _code):
    return tool(lint_program("python"), PO_SCRIPT, "check", *folders)


LINTERS = (ruff, pylint_odoo, oca_module, oca_po, prettier, translations)


def prettier_command(mode, folders):
    plugin = node_tools.package("@prettier/plugin-xml") / "src" / "plugin.js"
    patterns = [f"{folder}/**/*.{kind}" for folder in folders for kind in KINDS]
    return [
        *(node_tools.program("prettier"), mode, "--log-level=warn"),
        *("--no-error-on-unmatched-pattern", f"--plugin={plugin}"),
        *(f"--config={paths.ROOT / '.prettierrc.json'}", "--ignore-path=/dev/null"),
        *patterns,
    ]


KINDS = ("js", "xml", "scss", "css")


def reformat():
    """`make format`: what the linters can put right themselves."""
    prepare(Progress(setup.STEPS))
    for result in (
        tool(lint_program("ruff"), "check", "--fix", "--quiet", *our_code()),
        tool(*prettier_command("--write", our_folders())),
    ):
        if result.stdout.strip():
            console.say(result.stdout.rstrip())
    return 0
