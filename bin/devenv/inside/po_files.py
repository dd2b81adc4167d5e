"""Translation files: merges templates into them, and checks them.

po_files.py merge ADDON_FOLDER…     after an export of the templates
po_files.py check ADDON_FOLDER…     exit status 1 when a file is not as it must be
"""

import re
import sys
from pathlib import Path

import polib

LANGUAGES = ("fa", "mn")
PLACEHOLDER = re.compile(r"%\(\w+\)[-#0 +.\d]*[a-zA-Z]|%[-#0 +.\d]*[sdfr%]|\{\w*\}")
# Arabic yeh and kaf look like the Persian letters but are not found by a search.
ARABIC = re.compile("[\u064a\u0643\u0649]")
# Header lines that change with every export, or say nothing.
DROPPED = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid-Bugs-To",
    "X-Generator",
)
WIDTH = 88


def merge(folder):
    """Write template and languages anew, the same bytes for the same terms."""
    template = folder / "i18n" / f"{folder.name}.pot"
    if not template.exists():
        return
    if not template.stat().st_size:  # an addon without a term to translate
        template.unlink()
        return
    pot = read(template)
    save(pot, template)
    for language in LANGUAGES:
        path = folder / "i18n" / f"{language}.po"
        po = merged(pot, read(path) if path.exists() else None, language)
        save(po, path)
        missing = len(po.untranslated_entries())
        print(f"  {folder.name} {language}: {len(po)} terms, {missing} untranslated")


def read(path):
    return polib.pofile(str(path), wrapwidth=WIDTH)


def merged(pot, old, language):
    """The template's terms with the translations there are; the rest is dropped."""
    known = {key(entry): entry for entry in old or [] if not entry.obsolete}
    po = polib.POFile(wrapwidth=WIDTH)
    po.metadata = dict(old.metadata if old else pot.metadata)
    po.metadata["Language"] = language
    po.metadata["Plural-Forms"] = "nplurals=2; plural=(n > 1);"
    if language == "mn":
        po.metadata["Plural-Forms"] = "nplurals=2; plural=(n != 1);"
    for term in pot:
        translated = known.get(key(term))
        fuzzy = translated is not None and "fuzzy" in translated.flags
        po.append(
            polib.POEntry(
                msgid=term.msgid,
                msgctxt=term.msgctxt,
                msgstr="" if translated is None or fuzzy else translated.msgstr,
                comment=term.comment,
                tcomment=translated.tcomment if translated else "",
                occurrences=term.occurrences,
                flags=[flag for flag in term.flags if flag != "fuzzy"],
            )
        )
    return po


def key(entry):
    return entry.msgctxt, entry.msgid


def save(po, path):
    for name in DROPPED:
        po.metadata.pop(name, None)
    po.metadata["Content-Transfer-Encoding"] = "8bit"
    po.metadata_is_fuzzy = 0
    text = str(po)
    text = text if text.endswith("\n") else text + "\n"
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, encoding="utf-8")


def problems(folder):
    """What is wrong with an addon's translations, one line each."""
    template = folder / "i18n" / f"{folder.name}.pot"
    files = sorted(folder.glob("i18n/*.po"))
    if not template.exists() and not files:
        return
    if not template.exists():
        yield f"{template}: missing, run 'make i18n'"
        return
    terms = {key(entry) for entry in read(template)}
    for language in LANGUAGES:
        path = folder / "i18n" / f"{language}.po"
        if terms and not path.exists():
            yield f"{path}: missing, run 'make i18n'"
        elif terms:
            yield from problems_of_file(path, terms, language)


def problems_of_file(path, terms, language):
    po = read(path)
    present = {key(entry) for entry in po if not entry.obsolete}
    for _context, msgid in sorted(terms - present, key=str):
        yield f"{path}: lacks {msgid[:60]!r}, run 'make i18n'"
    for entry in po:
        problem = problem_of_entry(entry, terms, language)
        if problem:
            yield f"{path}:{entry.linenum}: {problem}: {entry.msgid[:60]!r}"


def problem_of_entry(entry, terms, language):
    if entry.obsolete or key(entry) not in terms:
        return "is no longer a term, run 'make i18n'"
    if "fuzzy" in entry.flags:
        return "is marked fuzzy"
    if not entry.msgstr.strip():
        return "is not translated"
    if sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(
        PLACEHOLDER.findall(entry.msgstr)
    ):
        return "has other placeholders than its translation"
    if language == "fa" and ARABIC.search(entry.msgstr):
        return "is translated with Arabic yeh or kaf"
    return None


def main(command, *folders):
    if command == "merge":
        for folder in map(Path, folders):
            merge(folder)
        return 0
    found = [line for folder in folders for line in problems(Path(folder))]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
