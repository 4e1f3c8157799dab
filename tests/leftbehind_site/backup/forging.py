"""Back-ups that somebody else has made: whole by their own checksums, and wrong."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Change = Callable[[dict[str, Any]], None]


def forged(
    original: Path,
    target: Path,
    *,
    manifest: Change = lambda _: None,
    rows: Mapping[str, Change] | None = None,
    without: str = "",
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """Pack a back-up anew.

    Args:
        original: The one that it begins as.
        target: Where it is to be.
        manifest: Changes the manifest.
        rows: By table, what changes each of its rows.
        without: A table that is not to be in it.
        more: More files, by name, in the manifest as well.

    Returns:
        The target.
    """
    with zipfile.ZipFile(original) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    fields = json.loads(files.pop("back-up.json"))
    for table, change in (rows or {}).items():
        name = f"rows/{table}.jsonl"
        changed = [json.loads(line) for line in files[name].splitlines()]
        assert changed
        for row in changed:
            change(row)
        files[name] = "".join(json.dumps(row) + "\n" for row in changed).encode()
    if without:
        del files[f"rows/{without}.jsonl"]
        fields["tables"] = [one for one in fields["tables"] if one["model"] != without]
    for name, body in (more or {}).items():
        files[name] = body
        fields["media"].append({"name": name, "size": 0, "sha256": ""})
    for file in (*(one["file"] for one in fields["tables"]), *fields["media"]):
        body = files[file["name"]]
        file.update(size=len(body), sha256=hashlib.sha256(body).hexdigest())
    manifest(fields)
    text = json.dumps(fields).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**files, "back-up.json": text}.items():
            archive.writestr(zipfile.ZipInfo(name), body)
        archive.comment = f"back-up.json sha256 {hashlib.sha256(text).hexdigest()}".encode()
    return target
