"""Write the lock files from pyproject.toml, or check that they belong to it.

`make lock` resolves the dependencies and may move to newer releases. `make check` runs this with --check,
which asks nobody: it compares the dependencies with a fingerprint that `make lock` left in each lock file,
and each locked version with what pyproject.toml allows. It can only fail because something changed here,
never because a newer release appeared.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
REPLAY = ROOT / "requirements-replay.txt"

FINGERPRINT = re.compile(r"^# pyproject\.toml: ([0-9a-f]{64})$", re.MULTILINE)
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]+\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def dependencies() -> tuple[dict[Path, list[str]], str]:
    """Read what each lock file has to lock, and the fingerprint of it all."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = read["project"]
    runtime: list[str] = project["dependencies"]
    development: list[str] = project["optional-dependencies"]["dev"]
    replay: list[str] = read["dependency-groups"]["replay"]
    text = json.dumps([project["requires-python"], *map(sorted, (runtime, development, replay))])
    wanted = {RUNTIME: runtime, DEVELOPMENT: [*runtime, *development], REPLAY: replay}
    return wanted, hashlib.sha256(text.encode()).hexdigest()


def pins(text: str) -> dict[str, set[str]]:
    """Read the locked versions; a package may have several, for several versions of Python."""
    found: dict[str, set[str]] = {}
    for match in PIN.finditer(text):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def problems() -> list[str]:
    """Say where the lock files and pyproject.toml part."""
    every, fingerprint = dependencies()
    found: list[str] = []
    locked: dict[Path, dict[str, set[str]]] = {}
    for path, wanted in every.items():
        text = path.read_text(encoding="utf-8")
        recorded = FINGERPRINT.search(text)
        if recorded is None or recorded[1] != fingerprint:
            found.append(f"{path.name} was not made from the dependencies in pyproject.toml")
        locked[path] = pins(text)
        for requirement in map(Requirement, wanted):
            versions = locked[path].get(canonicalize_name(requirement.name), set())
            if not versions:
                found.append(f"{path.name} does not lock {requirement}")
            found += [
                f"{path.name} locks {requirement.name} {version}, but pyproject.toml says {requirement}"
                for version in sorted(versions)
                if not requirement.specifier.contains(version, prereleases=True)
            ]
    found += [
        f"{name} has another version in {DEVELOPMENT.name} than in {RUNTIME.name}"
        for name, versions in locked[RUNTIME].items()
        if locked[DEVELOPMENT].get(name) != versions
    ]
    return found


def compile_lock(path: Path, *arguments: str) -> None:
    """Resolve one set of dependencies: for every platform, with hashes, without a registry's address."""
    subprocess.run(  # noqa: S603 - a fixed command
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
            *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
            # Without its extras a pin does not hold for pip, which then takes a newer release and refuses it.
            "--no-strip-extras",
            *("--custom-compile-command", "make lock", "--output-file", path.name),
            *arguments,
        ],
        cwd=ROOT,
        check=True,
    )


def lock() -> None:
    """Write the lock files; the development one has the runtime packages at the same versions."""
    _, fingerprint = dependencies()
    compile_lock(RUNTIME, "pyproject.toml")
    compile_lock(DEVELOPMENT, "pyproject.toml", "--extra", "dev", "--constraint", RUNTIME.name)
    compile_lock(REPLAY, "--group", "replay")
    for path in (RUNTIME, DEVELOPMENT, REPLAY):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            f"# pyproject.toml: {fingerprint}\n{FINGERPRINT.sub('', text).lstrip()}", encoding="utf-8"
        )


def lock_npm() -> None:
    """Write package-lock.json anew from package.json, without addresses; where there is no npm, say so."""
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("No npm on this machine: package-lock.json stays as it is.\n")
        return
    (ROOT / "package-lock.json").unlink(missing_ok=True)
    command = [npm, "install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts"]
    subprocess.run([*command, "--no-audit", "--no-fund", "--silent"], cwd=ROOT, check=True)  # noqa: S603 - a fixed command


def main(arguments: list[str]) -> int:
    """Lock, or check."""
    if arguments != ["--check"]:
        lock()
        lock_npm()
        return 0
    found = problems()
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    if found:
        sys.stderr.write("Run `make lock` and commit the files.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
