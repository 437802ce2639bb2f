"""Where documents' files lie: by their checksum, outside of every address."""

import hashlib

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
        return name if self.exists(name) else self._save(name, content)


def document_storage():
    return storages["documents"]
