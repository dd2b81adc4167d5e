"""Odoo 19 itself: what ODOO_HOME names, else Debian's package in .cache/odoo."""

import hashlib
import json
import os
import re
import shutil
import time
from pathlib import Path

import debian
import node_tools
import paths
import python_env
import stamps
from console import Problem

PACKAGE = "odoo-19"
SERIES = "19.0"
# What Odoo's tree in the package only links to.
LINKED_PACKAGES = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
INSIDE = Path("usr/lib/python3/dist-packages")
CHECK_AFTER = 24 * 3600
MANIFEST = paths.CACHE / "odoo.manifest.json"


def ensure(verify=True):
    """Have Odoo importable in the environment.

    `verify` looks at every file; without it that is done only once a day, since on
    a slow disk it takes longer than all the rest of a start.
    """
    home = os.environ.get("ODOO_HOME")
    root = _find_package(Path(home)) if home else _ensure_debian_tree(verify)
    link = python_env.site_packages() / "odoo-source.pth"
    if not link.exists() or link.read_text("utf-8").strip() != str(root):
        stamps.write_file(link, f"{root}\n")
    return root


def ready():
    """Whether `ensure` would do nothing, from stamps alone."""
    link = python_env.site_packages() / "odoo-source.pth"
    if not link.exists():
        return False
    linked = link.read_text("utf-8").strip()
    if os.environ.get("ODOO_HOME"):
        return linked == str(_find_package(Path(os.environ["ODOO_HOME"])))
    made = stamps.read("odoo").get("made_from") == _wanted()
    return made and linked == str(paths.ODOO_TREE / INSIDE)


def description():
    if os.environ.get("ODOO_HOME"):
        return f"Odoo 19 from {os.environ['ODOO_HOME']}"
    return "Odoo 19 from Debian's package"


def _find_package(home):
    """The folder to import from: a checkout, an unpacked package, or `odoo` itself."""
    home = home.expanduser().resolve()
    tries = [home, home / INSIDE, home / "lib/python3/dist-packages", home.parent]
    for root in tries:
        release = root / "odoo" / "release.py"
        if release.is_file():
            _check_series(home, release)
            return root
    raise Problem(
        f"ODOO_HOME names {home}, where no Odoo is (a folder 'odoo' with release.py): "
        "point it at a checkout of Odoo 19 or unset it."
    )


def _check_series(home, release):
    text = release.read_text("utf-8")
    found = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", text, re.M)
    series = ".".join(found.groups()) if found else "unknown"
    if series != SERIES:
        raise Problem(
            f"ODOO_HOME names {home}, which is Odoo {series}, and these addons are for "
            f"Odoo {SERIES}: point it at that, or unset it."
        )


def _wanted():
    return stamps.fingerprint(PACKAGE, LINKED_PACKAGES, node_tools.fingerprint(), "1")


def _ensure_debian_tree(verify):
    stamp = stamps.read("odoo")
    if stamp.get("made_from") != _wanted() or not MANIFEST.exists():
        _build()
    elif verify or time.time() - stamp.get("checked", 0) > CHECK_AFTER:
        if _looks_whole() or _is_whole():
            _write_stamp()
        else:
            _build()
    return paths.ODOO_TREE / INSIDE


def _build():
    """Unpack into a folder beside the real one, which it replaces at the end."""
    stamps.remove("odoo")
    archives = _archives()
    building = paths.CACHE / "odoo.half"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for archive in archives:
        debian.unpack(archive, building)
    _put_back_what_debian_strips(building / INSIDE)
    _mend_links(building)
    manifest = {str(path): _digest(building / path) for path in _files(building)}
    stamps.write_file(MANIFEST, json.dumps(manifest))
    shutil.rmtree(paths.ODOO_TREE, ignore_errors=True)
    building.replace(paths.ODOO_TREE)
    _write_stamp()


def _write_stamp():
    count, size = _count(paths.ODOO_TREE)
    facts = {"files": count, "size": size, "checked": time.time()}
    stamps.write("odoo", made_from=_wanted(), **facts)


def _archives():
    """The .deb files: kept ones whose checksum still holds, else downloaded."""
    known = stamps.read("downloads")
    kept = [paths.DOWNLOADS / name for name in known]
    if len(kept) == 1 + len(LINKED_PACKAGES) and all(
        path.exists() and _digest(path) == known[path.name] for path in kept
    ):
        return kept
    stamps.remove("downloads")
    shutil.rmtree(paths.DOWNLOADS, ignore_errors=True)
    paths.DOWNLOADS.mkdir(parents=True)
    archives = debian.download((PACKAGE, *LINKED_PACKAGES), paths.DOWNLOADS)
    stamps.write("downloads", **{path.name: _digest(path) for path in archives})
    return archives


def _put_back_what_debian_strips(root):
    """Without these files the web client asks for what is not there."""
    library = root / "odoo/addons/mail/static/lib/selfie_segmentation"
    library.mkdir(parents=True, exist_ok=True)
    segmentation = node_tools.package("@mediapipe/selfie_segmentation")
    _place(segmentation / "selfie_segmentation.js", library)
    fonts = node_tools.package("font-awesome") / "fonts"
    for folder in root.glob("odoo/addons/web/static/**/fontawesome/fonts"):
        for link in folder.iterdir():
            if (fonts / link.name).exists():
                # The package's own links swap woff and woff2.
                _place(fonts / link.name, folder)


def _place(source, folder):
    target = folder / source.name
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _mend_links(building):
    """Point links whose file was renamed in its package at the file of today."""
    for folder, folders, files in os.walk(building / "usr/lib"):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink() and not path.exists():
                target = Path(os.readlink(path))
                found = sorted(building.glob(f"usr/share/**/{target.stem}-Regular.*"))
                if found:
                    path.unlink()
                    path.symlink_to(os.path.relpath(found[0], path.parent))


def _files(tree):
    """Every file of the tree, but not what Python compiled beside the sources."""
    for folder, folders, files in os.walk(tree):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            path = Path(folder, name)
            if not path.is_symlink():
                yield path.relative_to(tree)


def _count(tree):
    """How many files and bytes the tree has: a second's work, unlike checksums."""
    count = size = 0
    waiting = [str(tree)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_size
    return count, size


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _looks_whole():
    if not paths.ODOO_TREE.is_dir():
        return False
    stamp = stamps.read("odoo")
    return _count(paths.ODOO_TREE) == (stamp.get("files"), stamp.get("size"))


def _is_whole():
    """Compare with the checksums; files that were added do no harm."""
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    tree = paths.ODOO_TREE
    return all(
        (tree / path).is_file() and _digest(tree / path) == digest
        for path, digest in manifest.items()
    )
