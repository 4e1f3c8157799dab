"""Write an export: beside its place, whole, and only then into it.

Every address is asked of the site as a visitor would ask, unless the server has published it already for
the present state of the content; what cannot be exported stops the whole. What has not changed since the
export that stands there is linked to its file rather than written, and not compressed again. Several
processes share the work.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import connections

from leftbehind_site.common.progress import Progress, silent
from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.export import hosts
from leftbehind_site.export.manifest import (
    NAME,
    Exported,
    ExportError,
    File,
    Manifest,
    Redirected,
    file_at,
    read,
    write,
)
from leftbehind_site.export.redirects import candidates, redirect
from leftbehind_site.finishing import CODINGS, Finished, UnfitError, file_of, finish, one_connection
from leftbehind_site.generation import Generation
from leftbehind_site.serving.published import Folder
from neighbourhoods.models import Release

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

ATTEMPTS: Final = 3
"""How often an export begins anew because the content changed under it."""

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
# Of renameat2(2): paths are taken from the working folder; both names stay and change places.

_CHUNK: Final = 8
"""Addresses that a process takes at a time."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was exported.

    Attributes:
        addresses: How many have a file.
        redirects: How many lead elsewhere.
        written: Files that were written anew.
        linked: Files that are the former export's.
        size: Bytes in all.
    """

    addresses: int
    redirects: int
    written: int
    linked: int
    size: int


def export(
    target: Path,
    *,
    processes: int = 1,
    progress: Progress = silent,
) -> Report:
    """Export the whole public site.

    Args:
        target: The folder: new, empty, or an earlier export, which is replaced.
        processes: How many share the work. With more than one, each has its own connection to the database.
        progress: Shows how far it has come.

    Raises:
        ExportError: If the folder is something else's, another export is being written beside it, the
            content keeps changing, or an address cannot be exported. What stood there stays.
        OSError: If it cannot be written. What stood there stays.
    """
    target = target.absolute()
    _refuse(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target), one_connection():
        beside = target.with_name(f"{target.name}.new")
        former = target.with_name(f"{target.name}.old")
        _recover(target, former)
        shutil.rmtree(beside, ignore_errors=True)
        try:
            report = _write_whole(beside, target, processes, progress)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _put_in_place(beside, target, former)
    return report


# --- the place


def _refuse(target: Path) -> None:
    """Refuse a place where something else stands: nothing but an export is ever replaced."""
    project = Path(settings.BASE_DIR).resolve()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ExportError(f"{target} is no folder")
    if project.is_relative_to(target.resolve()):
        raise ExportError(f"{target} holds the project itself; name a folder of its own")
    if target.is_dir() and any(target.iterdir()) and not (target / NAME).is_file():
        raise ExportError(f"{target} holds something that is no export; name an empty or a new folder")


def _put_in_place(beside: Path, target: Path, former: Path) -> None:
    """Let what was written stand where the former export stood, in one step where the system knows how.

    Whoever is killed here leaves a whole export at the place; of the two steps between which there is none,
    the next run puts the former one back (``_recover``).
    """
    if target.exists() and _exchange(beside, target):
        shutil.rmtree(beside, ignore_errors=True)
        return
    if target.exists():
        target.rename(former)
    beside.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places, both at once.

    Returns:
        Whether they have; only Linux knows how, and not on every file system.
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)


def _recover(target: Path, former: Path) -> None:
    """Put an export back that was on its way out when an earlier run was stopped."""
    if (former / NAME).is_file():
        if target.exists():
            shutil.rmtree(former)
        else:
            former.rename(target)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One export at a time into a folder's neighbourhood."""
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ExportError(f"another export is being written in {target.parent}") from None
    else:
        yield
    finally:
        os.close(descriptor)


# --- the work of a process

_WORK: Final[list[Callable[[Any], Any]]] = []
"""What a process does with each task. It is there from its beginning, so that it need not be sent."""


def _work(task: Any) -> Any:
    return _WORK[-1](task)


def _let_go_of_the_database() -> None:
    """Close every connection: one that two processes use is nobody's, and a pool's threads stay behind."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()


# --- the content


def _write_whole(folder: Path, before: Path, processes: int, progress: Progress) -> Report:
    for _ in range(ATTEMPTS):
        generation = Generation().token()
        folder.mkdir()
        report = _Writing(
            folder, before, Folder(settings.PUBLISHED_ROOT, generation), processes, progress
        ).run()
        if Generation().token() == generation:
            return report
        shutil.rmtree(folder)
    raise ExportError("the content kept changing while it was exported; try again when nobody edits")


class _Writing:
    """One attempt.

    Args:
        folder: To write into; empty.
        before: Where an earlier export may stand.
        published: What the server has finished of the present state, if anything.
        processes: How many share the work.
        progress: Shows how far it has come.
    """

    def __init__(
        self, folder: Path, before: Path, published: Folder, processes: int, progress: Progress
    ) -> None:
        self._folder = folder
        self._before = before
        self._published = published
        self._finished = {entry.path: entry for entry in published.entries()[0]}
        self._processes = processes
        self._progress = progress
        self._earlier: dict[str, Exported] = {}
        with contextlib.suppress(ExportError):
            self._earlier = {one.path: one for one in read(before).addresses}

    def run(self) -> Report:
        """Write everything, the manifest last."""
        listed = list(addresses())
        files = [one for one in listed if one.kind is not Kind.REDIRECT]
        exported = self._share(self._export_one, files, "Pages and files")
        problems = [one for one in exported if isinstance(one, str)]
        if problems:
            raise ExportError("not everything can be exported:\n" + "\n".join(problems))
        done = [one for one in exported if isinstance(one, tuple)]
        manifest = Manifest(
            site_url=settings.SITE_URL,
            release=_release(),
            addresses=tuple(sorted((one for one, _ in done), key=lambda one: one.path)),
            redirects=self._redirects(listed),
            others=(),
        )
        others, linked = self._others(manifest)
        manifest = replace(manifest, others=others)
        write(self._folder, manifest)
        written = list(manifest.files())
        linked += sum(number for _, number in done)
        return Report(
            addresses=len(manifest.addresses),
            redirects=len(manifest.redirects),
            written=len(written) - linked,
            linked=linked,
            size=sum(file.size for file in written),
        )

    def _share(self, do: Callable[[_Task], _Result], tasks: Sequence[_Task], what: str) -> list[_Result]:
        """Do something for each task, in their order, in as many processes as there may be."""
        if self._processes == 1:
            return [do(one) for one in self._progress(tasks, len(tasks), what)]
        _let_go_of_the_database()
        context = multiprocessing.get_context("fork")
        with context.Pool(self._processes, initializer=_WORK.append, initargs=(do,)) as pool:
            return list(self._progress(pool.imap(_work, tasks, chunksize=_CHUNK), len(tasks), what))

    def _export_one(self, address: Address) -> tuple[Exported, int] | str:
        """Write an address's files.

        Returns:
            The address and how many of its files are the former export's; or why it cannot be exported.
        """
        former = self._former(address.path)
        try:
            finished = self._finish(address, former)
        except UnfitError as problem:
            return str(problem)
        files: dict[str, File] = {}
        linked = 0
        for coding, body in finished.bodies.items():
            name = f"{file_of(address.path)}{CODINGS[coding]}"
            linked += self._place(name, body)
            files[coding] = file_at(self._folder, name)
        exported = Exported(
            path=address.path,
            kind=address.kind,
            status=finished.status,
            headers=tuple(sorted(finished.headers)),
            etag=finished.etag,
            files=files,
        )
        return exported, linked

    def _finish(self, address: Address, former: Finished | None) -> Finished:
        """An address's answer: what was published, or made now."""
        entry = self._finished.get(address.path)
        line = self._published.line(entry) if entry else None
        kept = self._published.kept(line) if line else None
        return kept or finish(address, kept=former)

    def _former(self, path: str) -> Finished | None:
        """An address as it was exported before; nothing if a file is no longer what was written."""
        exported = self._earlier.get(path)
        if exported is None:
            return None
        bodies: dict[str, bytes] = {}
        for coding, file in exported.files.items():
            try:
                if file_at(self._before, file.name) != file:
                    return None
                bodies[coding] = (self._before / file.name).read_bytes()
            except OSError:
                return None
        return Finished(
            status=exported.status,
            headers=exported.headers,
            identity=bodies[""],
            gzip=bodies.get("gzip"),
            brotli=bodies.get("br"),
            etag=exported.etag,
            last_modified=None,
        )

    def _place(self, name: str, body: bytes) -> bool:
        """Put a file where it belongs.

        Returns:
            Whether it is the former export's, which had the same in it.
        """
        before, target = self._before / name, self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):
            if before.read_bytes() == body:
                os.link(before, target)
                return True
        target.write_bytes(body)
        return False

    def _redirects(self, listed: Sequence[Address]) -> tuple[Redirected, ...]:
        # Of two spellings of one address, a server of files knows the first.
        asked = list(dict.fromkeys(candidates(listed)))
        found = (one for one in self._share(redirect, asked, "Redirects") if one)
        return tuple(sorted(found, key=lambda one: (one.source, one.target)))

    def _others(self, manifest: Manifest) -> tuple[tuple[File, ...], int]:
        """Write what answers no address by itself.

        Returns:
            The files and how many of them are the former export's.
        """
        bodies = dict(hosts.pages_that_lead_on(manifest))
        bodies.update((name, text.encode()) for name, text in hosts.texts(manifest).items())
        linked = sum(self._place(name, body) for name, body in bodies.items())
        return tuple(file_at(self._folder, name) for name in sorted(bodies)), linked


def _release() -> str:
    """The mark of the release whose figures are shown."""
    current = Release.objects.current()
    return current.mark if current else ""
