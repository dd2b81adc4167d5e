"""The addons of this project: their names, needs and checksums."""

import ast
import hashlib

import paths


class Addon:
    def __init__(self, folder):
        self.folder = folder
        self.name = folder.name
        text = (folder / "__manifest__.py").read_text("utf-8")
        self.manifest = ast.literal_eval(text)

    @property
    def depends(self):
        return self.manifest.get("depends", ["base"])

    @property
    def is_glue(self):
        """Whether it installs itself where what it joins is installed."""
        return bool(self.manifest.get("auto_install"))

    def checksum(self):
        """Changes with the version and every file but those of the tests."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            relative = path.relative_to(self.folder)
            skipped = relative.parts[0] == "tests" or "__pycache__" in relative.parts
            if path.is_file() and not skipped:
                digest.update(str(relative).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def find():
    """Every installable addon of the project, by name."""
    found = {}
    for folder in paths.ADDON_FOLDERS:
        for manifest in sorted(folder.glob("*/__manifest__.py")):
            addon = Addon(manifest.parent)
            if addon.manifest.get("installable", True):
                found[addon.name] = addon
    return found


def names():
    """What a database with our addons has; glue may join addons that are not there."""
    return sorted(name for name, addon in find().items() if not addon.is_glue)


def checksums():
    return {name: addon.checksum() for name, addon in find().items()}


def core_dependencies(chosen=None):
    """Addons of Odoo that ours need, directly or through one another."""
    ours = find()
    waiting = list(chosen or names())
    seen, needed = set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in ours:
            waiting += ours[name].depends
        else:
            needed.add(name)
    return sorted(needed)
