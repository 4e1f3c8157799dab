"""Where uploaded files lie: each under its checksum, whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """A folder in which a file is written beside its place and put there when it is whole.

    A name is made of a checksum (``appg.models.stored_name``), so whatever stands there already is the same
    file: of an upload that was not saved in the end, say.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """The name as it is."""
        return name

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
        try:
            with beside.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if self.file_permissions_mode is not None:
                beside.chmod(self.file_permissions_mode)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        return name
