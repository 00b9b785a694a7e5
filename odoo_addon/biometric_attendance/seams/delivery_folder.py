"""Files laid into a folder of the server: below the one directory that its configuration names,
never through a link, and complete from the moment their name is there.

Owns the walk and the renaming. Must not know what the files are.
"""

import os
import secrets
from contextlib import contextmanager

# Whoever runs the server names the directory; without it no folder is offered.
ROOT = "BIOMETRIC_DELIVERY_FOLDER"
_WALK = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class FolderError(Exception):
    """A file that was not laid; the message says why."""


def root():
    """The directory that the server's configuration names, or ""."""
    return os.environ.get(ROOT, "")


def check_folder(folder):
    """Parts of a path below the root; FolderError for one that leads elsewhere."""
    parts = [part for part in (folder or "").split("/") if part]
    if (folder or "").startswith("/") or "\0" in (folder or "") or ".." in parts or "." in parts:
        raise FolderError(f"{folder}: a folder is named from the server's own on, without ..")
    return parts


def lay(folder, name, data):
    """Writes `data` under another name and renames it to `name`. The same bytes again are no fault;
    other bytes under a name that is taken are."""
    if not root():
        raise FolderError(f"the server's configuration names no directory ({ROOT})")
    if "/" in name or name.startswith("."):
        raise FolderError(f"{name}: no name of a file")
    with _walked(check_folder(folder)) as here:
        if _there(here, name, data):
            return
        beside = f".{secrets.token_hex(8)}.part"
        file = os.open(beside, _NEW, 0o640, dir_fd=here)
        try:
            with os.fdopen(file, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.rename(beside, name, src_dir_fd=here, dst_dir_fd=here)
        except BaseException:
            os.unlink(beside, dir_fd=here)
            raise


@contextmanager
def _walked(parts):
    """Descriptor of the folder; each part is opened in the one before and is no link."""
    here = os.open(root(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts:
            try:
                following = os.open(part, _WALK, dir_fd=here)
            except OSError as error:
                raise FolderError(
                    f"{part}: no folder there, or a link ({error.strerror})"
                ) from error
            os.close(here)
            here = following
        yield here
    finally:
        os.close(here)


def _there(here, name, data):
    """Whether the same bytes lie there already."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=here)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise FolderError(f"{name}: a link or no file ({error.strerror})") from error
    with os.fdopen(file, "rb") as held:
        if held.read() == data:
            return True
    raise FolderError(f"{name}: another file of that name lies there")
