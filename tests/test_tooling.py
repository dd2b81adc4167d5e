"""What judges others in the tooling: it must let nothing pass that it should not."""

import sys
from pathlib import Path

import pytest

DEVENV = Path(__file__).resolve().parents[1] / "bin" / "devenv"
sys.path[:0] = [str(DEVENV), str(DEVENV / "inside")]

import odoo_log  # noqa: E402
import po_files  # noqa: E402
import testing  # noqa: E402

import addons  # noqa: E402

HEAD = """msgid ""
msgstr ""
"Project-Id-Version: Odoo Server 19.0\\n"
"POT-Creation-Date: {date}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

"""
TERM = """#. module: addon
#: code:addons/addon/models/model.py:0
msgid "{source}"
msgstr "{target}"

"""


@pytest.fixture
def addon(tmp_path):
    """Writes an addon's template and translations; returns its folder."""
    (tmp_path / "addon" / "i18n").mkdir(parents=True)

    def write(name, terms, date="2026-01-01 00:00+0000"):
        text = HEAD.format(date=date)
        for source, target in terms.items():
            text += TERM.format(source=source, target=target)
        path = tmp_path / "addon" / "i18n" / name
        path.write_text(text, encoding="utf-8")
        return tmp_path / "addon"

    return write


def problems(folder):
    return "\n".join(po_files.problems(folder))


# -- merging translations -----------------------------------------------------------


def test_a_merge_keeps_translations_adds_new_terms_and_drops_old_ones(addon):
    folder = addon("addon.pot", {"Customer": "", "Lead": ""})
    addon("fa.po", {"Customer": "مشتری", "Gone": "رفته"})
    po_files.merge(folder)
    merged = po_files.read(folder / "i18n" / "fa.po")
    assert {entry.msgid: entry.msgstr for entry in merged} == {
        "Customer": "مشتری",
        "Lead": "",
    }


def test_a_second_export_changes_no_byte(addon):
    folder = addon("addon.pot", {"Customer": ""}, date="2026-01-01 00:00+0000")
    po_files.merge(folder)
    files = sorted(folder.glob("i18n/*"))
    first = [path.read_bytes() for path in files]
    addon("addon.pot", {"Customer": ""}, date="2026-02-02 00:00+0000")
    po_files.merge(folder)
    assert [path.read_bytes() for path in files] == first
    assert [path.name for path in files] == ["addon.pot", "fa.po", "mn.po"]


def test_a_guess_is_no_translation(addon):
    folder = addon("addon.pot", {"Customer": ""})
    path = addon("fa.po", {"Customer": "مشتری"}) / "i18n" / "fa.po"
    path.write_text(path.read_text("utf-8").replace("#: code", "#, fuzzy\n#: code"))
    po_files.merge(folder)
    assert not po_files.read(path)[0].msgstr


# -- checking translations ------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        ("Customer", "", "is not translated"),
        ("%s leads", "%d سرنخ", "placeholders"),
        ("%(name)s won", "%(nam)s برد", "placeholders"),
        ("{name} won", "برد", "placeholders"),
        ("Ali", "علي", "Arabic yeh"),
        ("Book", "كتاب", "Arabic yeh or kaf"),
    ],
)
def test_a_bad_translation_is_named(addon, source, target, found):
    folder = addon("addon.pot", {source: ""})
    addon("fa.po", {source: target})
    addon("mn.po", {source: source})
    assert found in problems(folder)


def test_a_missing_language_and_a_missing_term_are_named(addon):
    folder = addon("addon.pot", {"Customer": "", "Lead": ""})
    addon("fa.po", {"Customer": "مشتری"})
    found = problems(folder)
    assert "mn.po: missing" in found
    assert "lacks 'Lead'" in found


def test_good_translations_pass(addon):
    folder = addon("addon.pot", {"%(count)s leads (100%%)": ""})
    addon("fa.po", {"%(count)s leads (100%%)": "%(count)s سرنخ (100%%)"})
    addon("mn.po", {"%(count)s leads (100%%)": "%(count)s сэжим (100%%)"})
    assert problems(folder) == ""


# -- which addons ---------------------------------------------------------------------


def test_glue_is_found_but_no_database_is_made_with_what_it_joins():
    assert "crm_chain_queue_job" in addons.find()
    assert "crm_chain_queue_job" not in addons.names()
    assert "queue_job" not in addons.core_dependencies()
    assert "sale_stock" in addons.core_dependencies()


def test_glue_is_tested_only_where_what_it_joins_is_installed(monkeypatch):
    tested = []

    def alone(_plan, name, tags=None):
        tested.append((name, tags))

    monkeypatch.setattr(testing.Plan, "alone", alone)
    plan = testing.Plan(databases=None)
    for only in ("crm_chain_queue_job", "/crm_chain_queue_job:TestChainRunJobs"):
        for chain in plan.chains(only):
            for suite in chain:
                suite()
    assert tested == [
        ("crm_chain_queue_job", "/crm_chain_queue_job"),
        ("crm_chain_queue_job", "/crm_chain_queue_job:TestChainRunJobs"),
    ]


# -- judging Odoo's log ---------------------------------------------------------------


def line(level, logger, text):
    return f"2026-01-01 10:00:00,000 42 {level} db {logger}: {text}\n"


def test_a_warning_of_our_code_fails_a_suite_that_passed(tmp_path):
    log = tmp_path / "suite.log"
    log.write_text(
        line("WARNING", "odoo.addons.sale_quote_ext.models.crm_lead", "odd")
        + line("INFO", "odoo.tests.result", CLOSING.format(0, 0, 7))
    )
    outcome = testing.judge("suite", log, 0)
    assert (outcome.passed, outcome.failed) == (7, 1)


@pytest.mark.parametrize(
    ("failed", "errors", "tests", "status", "counted"),
    [
        (0, 0, 7, 0, (7, 0)),
        (2, 1, 7, 1, (4, 3)),
        (0, 0, 0, 0, (0, 1)),
        (0, 0, 7, 1, (7, 1)),
    ],
)
def test_a_suite_is_counted(tmp_path, failed, errors, tests, status, counted):
    log = tmp_path / "suite.log"
    said = CLOSING.format(failed, errors, tests)
    log.write_text(line("INFO", "odoo.tests.result", said))
    outcome = testing.judge("suite", log, status)
    assert (outcome.passed, outcome.failed) == counted


def test_a_suite_that_never_got_to_its_tests_fails(tmp_path):
    log = tmp_path / "suite.log"
    log.write_text(line("CRITICAL", "odoo.service.server", "Failed to initialize"))
    assert testing.judge("suite", log, 255).failed


def test_a_skipped_test_is_not_passed(tmp_path):
    log = tmp_path / "suite.log"
    log.write_text(
        line(
            "INFO", "odoo.addons.crm.tests.test_crm_ui", "skipped TestUi.test : chrome"
        )
        + line("INFO", "odoo.tests.result", CLOSING.format(0, 0, 3))
    )
    outcome = testing.judge("suite", log, 0)
    assert (outcome.passed, outcome.failed) == (2, 1)


@pytest.mark.parametrize("path", ["/x/addons/sale_quote_ext/a.py", "/x/bench/a.py"])
def test_a_deprecation_in_our_code_is_not_odoos(path):
    text = line("WARNING", "py.warnings", f"{path}:3: DeprecationWarning: old")
    assert odoo_log.unexpected(text)


def test_what_odoo_says_of_itself_is_let_pass():
    path = f"{odoo_log.paths.ODOO_TREE}/usr/lib/odoo/addons/mail/a.py"
    text = line("WARNING", "py.warnings", f"{path}:3: DeprecationWarning: old")
    assert not odoo_log.unexpected(text)


CLOSING = "{} failed, {} error(s) of {} tests when loading database 'db'"
