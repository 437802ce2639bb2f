"""Where documents' files lie: by their checksum, outside of every address."""

import hashlib
import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages


class ChecksumStorage(FileSystemStorage):
    """Names a file by its content: 3f/3fa9…, so that the same file is stored once.

    A file never changes after it was written, so machines can share the folder, and a
    backup of it needs no pause.
    """

    def save(self, name, content, max_length=None):
        content.seek(0)
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        name = f"{checksum[:2]}/{checksum}"
        if not self.exists(name):
            self._write(Path(self.path(name)), content)
        return name

    def _write(self, target, content):
        """A file gets its name when all of it is on the disk: a full disk or a process that dies
        must not leave half a file, which would be taken for the whole one ever after."""
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.{id(content)}.part")
        try:
            with part.open("xb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            part.chmod(self.file_permissions_mode)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def document_storage():
    return storages["documents"]
