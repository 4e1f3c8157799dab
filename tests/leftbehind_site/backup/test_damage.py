"""A file that is not the back-up that was made is refused, with the part named."""

from __future__ import annotations

import hashlib
import random
import stat
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leftbehind_site.backup.archive import Archive, BackupError, is_plain
from leftbehind_site.backup.restoring import check
from tests.leftbehind_site.backup.forging import forged

EXAMPLES: Final = 300


def content(path: Path) -> dict[str, str]:
    """What a back-up says and holds, read whole."""
    with Archive(path) as archive:
        found = {
            file.name: hashlib.sha256(b"".join(archive.pieces(file))).hexdigest() for file in archive.files()
        }
        return {**found, "manifest": repr(archive.manifest)}


@pytest.mark.usefixtures("db")
@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_damaged_anywhere_it_is_refused_or_holds_the_same(
    made: Path, tmp_path: Path, data: st.DataObject
) -> None:
    original = made.read_bytes()
    damaged = bytearray(original)
    # The list of files stands at the end: as often as the rest of it.
    places = st.integers(0, len(original) - 1) | st.integers(len(original) - 8000, len(original) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from((None, None, None, "end", "more")))
    if cut == "end":
        del damaged[data.draw(places) :]
    elif cut == "more":
        damaged += data.draw(st.binary(min_size=1, max_size=50))
    file = tmp_path / "damaged.zip"
    file.write_bytes(damaged)
    try:
        found = content(file)
        check(file)
    except BackupError:
        return
    assert found == content(made)


@pytest.mark.usefixtures("db")
def test_a_damaged_part_is_named(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        entries = archive.infolist()
    named = random.Random(7).sample(entries, 5)
    for entry in named:
        data = bytearray(made.read_bytes())
        # Behind the name of the file, which stands before what is in it.
        start = entry.header_offset + 30 + len(entry.filename) + 20
        data[start + entry.compress_size // 2] ^= 0xFF
        file = tmp_path / "damaged.zip"
        file.write_bytes(data)
        with pytest.raises(BackupError) as refused:
            check(file)
        assert entry.filename in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"Not an archive at all.", b"PK\x05\x06" + bytes(18)])
def test_something_else_is_refused(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "other.zip"
    file.write_bytes(body)
    with pytest.raises(BackupError, match="is no back-up"):
        check(file)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be read: No such file"):
        check(tmp_path / "nowhere.zip")
    with pytest.raises(BackupError, match="cannot be read: Is a directory"):
        check(tmp_path)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "name",
    [
        *(
            "media/../../outside",
            "media/a/../../../outside",
            "/etc/outside",
            "media//outside",
            "media/./outside",
        ),
        *(
            "media/..",
            "media/",
            "outside",
            "rows/../outside.jsonl",
            "rows/a.b.jsonl/c",
            "media/a\\..\\outside",
        ),
        *("media/C:outside", "media/.restoring/outside", "media/a\nb", "./media/outside", "media"),
    ],
)
def test_no_name_leads_out(made: Path, tmp_path: Path, name: str) -> None:
    assert not is_plain(name)
    file = forged(made, tmp_path / "forged.zip", more={name: b"x"})
    with pytest.raises(BackupError, match="is damaged"):
        check(file)


def packed_anew(made: Path, target: Path, **more: Any) -> Path:
    """The same archive, with one more entry that its manifest does not know."""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        entry = zipfile.ZipInfo(more["name"])
        entry.external_attr = more.get("kind", 0) << 16
        new.writestr(entry, b"/etc")
        new.comment = old.comment
    return target


@pytest.mark.usefixtures("db")
def test_no_link_and_nothing_more_is_in_it(made: Path, tmp_path: Path) -> None:
    file = packed_anew(made, tmp_path / "link.zip", name="media/link", kind=stat.S_IFLNK | 0o777)
    with pytest.raises(BackupError, match="'media/link': such a name, or kind of file"):
        check(file)
    file = packed_anew(made, tmp_path / "more.zip", name="media/more")
    with pytest.raises(BackupError, match=r"in media/more: not in back-up\.json"):
        check(file)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.usefixtures("db")
def test_nothing_is_in_it_twice(made: Path, tmp_path: Path) -> None:
    file = packed_anew(made, tmp_path / "twice.zip", name="rows/auth.user.jsonl")
    with pytest.raises(BackupError, match=r"in rows/auth\.user\.jsonl: it is in it twice"):
        check(file)


@pytest.mark.usefixtures("db")
def test_what_grows_beyond_its_size_is_not_read_on(made: Path, tmp_path: Path) -> None:
    """A file that says it is small and unpacks to a hundred megabytes."""
    file = forged(made, tmp_path / "forged.zip", more={"media/x": bytes(100_000_000)})

    def smaller(manifest: dict[str, Any]) -> None:
        next(one for one in manifest["media"] if one["name"] == "media/x")["size"] = 10

    lying = forged(file, tmp_path / "lying.zip", manifest=smaller)
    with pytest.raises(BackupError, match="in media/x: 100,000,000 bytes, not 10"):
        check(lying)


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.pop("tables"),
        lambda fields: fields.update(tables=None),
        lambda fields: fields.update(media=[{}]),
        lambda fields: fields.update(migrations=[1]),
        lambda fields: fields.update(made_at=1),
        lambda fields: fields.update(more="x"),
        lambda fields: fields["tables"][0].update(rows="many"),
        lambda fields: fields["tables"].append(fields["tables"][0]),
        lambda fields: fields["media"][0].update(name="rows/auth.user.jsonl"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(made: Path, tmp_path: Path, change: Any) -> None:
    with pytest.raises(BackupError, match=r"is damaged, in back-up\.json"):
        check(forged(made, tmp_path / "forged.zip", manifest=change))


def test_the_manifest_of_something_else_is_refused(made: Path, tmp_path: Path) -> None:
    def other(fields: dict[str, Any]) -> None:
        fields["format"] = "a shopping list"

    with pytest.raises(BackupError, match=r"is no back-up of this site: its back-up\.json says 'a shopping"):
        check(forged(made, tmp_path / "forged.zip", manifest=other))
