"""A real PostgreSQL 18: scram for everybody, the administrator over a private socket only."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from infra.local import processes
from infra.local.errors import LocalError
from infra.local.places import Places, password, write_once
from infra.local.server import Server, launch

ADMIN = "interlock_admin"
_ROOM = 256 * 1024 * 1024
_INITDB = 120.0
_INITDB_OPTIONS = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
_RULES = f"""\
local all {ADMIN} scram-sha-256
local all all scram-sha-256
host all {ADMIN} all reject
host all all 127.0.0.1/32 scram-sha-256
"""
_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '32MB'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_statement = 'none'
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


def postgres_server(places: Places, *, durable: bool = True) -> Server:
    """PostgreSQL for this state; not durable means: fit for tests only."""
    folder = places.own("postgres") / "data"
    conf, rules = places.settings / "postgresql.conf", places.settings / "pg_hba.conf"
    pid_file = folder / "postmaster.pid"

    def settings(port: int) -> None:
        if not folder.exists():
            _make_cluster(places, folder, durable=durable)
        conf.write_text(_SETTINGS.format(port=port, socket=places.socket, durable="on" if durable else "off"))
        rules.write_text(_RULES)
        for file in (conf, rules):
            file.chmod(0o644)
        _clear_leftovers(places, folder, pid_file)

    def answers(pid: int, port: int) -> bool:
        try:
            lines = pid_file.read_text(errors="replace").split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready" and _asks(places, port)

    program = str(places.postgres_programs / "postgres")
    argv = (program, "-D", str(folder), "-c", f"config_file={conf}", "-c", f"hba_file={rules}")
    return Server("postgres", places, argv, pid_file, signal.SIGINT, settings, answers)


def admin_dsn(places: Places, port: int, database: str) -> str:
    """How the administrator connects; the password stays in its file."""
    passfile = str(_passfile(places))
    return conninfo.make_conninfo(
        host=str(places.socket), port=port, user=ADMIN, dbname=database, passfile=passfile, connect_timeout=2
    )


def ensure_databases(places: Places, port: int, names: tuple[str, ...]) -> None:
    """Create the databases that miss; nobody but the administrator may enter them yet."""
    with psycopg.connect(admin_dsn(places, port, "postgres"), autocommit=True) as admin:
        admin.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        present = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
        for name in sorted(set(names) - present):
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _asks(places: Places, port: int) -> bool:
    try:
        with psycopg.connect(
            admin_dsn(places, port, "postgres"), options="-c statement_timeout=1000"
        ) as admin:
            return admin.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise LocalError(
                f"PostgreSQL refuses the administrator's password in {places.secrets / ADMIN}",
                "put that file back, or remove the state folder to begin anew",
            ) from error
        return False


def _passfile(places: Places) -> Path:
    file = places.secrets / "admin.pgpass"
    write_once(file, f"*:*:*:{ADMIN}:{password(places.secrets, ADMIN)}")
    return file


def _make_cluster(places: Places, folder: Path, *, durable: bool) -> None:
    """Run initdb beside the final place, so that a killed one leaves nothing that looks whole."""
    if shutil.disk_usage(folder.parent).free < _ROOM:
        raise LocalError(f"disk full: less than 256 MiB free at {folder.parent}", "free disk space")
    for left in folder.parent.glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = folder.with_name(
        f"new-{secrets.token_hex(4)}"
    )  # an initdb whose owner was killed may still be at work
    words = draft.with_suffix(".password")
    handle = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(password(places.secrets, ADMIN) + "\n")
        if places.user is not None:
            os.fchown(out.fileno(), places.user.uid, places.user.gid)
    try:
        _initdb(places, draft, words, durable=durable)
    finally:
        words.unlink(missing_ok=True)
    draft.rename(folder)


def _initdb(places: Places, draft: Path, words: Path, *, durable: bool) -> None:
    program = str(places.postgres_programs / "initdb")
    argv = (program, "-D", str(draft), "-U", ADMIN, f"--pwfile={words}", *_INITDB_OPTIONS)
    with tempfile.TemporaryFile() as said:
        child = launch(places, (*argv, *(() if durable else ("--no-sync",))), output=said.fileno())
        try:
            code = child.wait(timeout=_INITDB)
        except BaseException:
            child.kill()
            child.wait()
            raise
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    if code != 0:
        full = [line.strip() for line in lines if "No space left" in line]
        if full:
            raise LocalError(f"disk full: initdb failed: {full[0]}", f"free disk space at {draft.parent}")
        raise LocalError(f"initdb failed: {' / '.join(lines[-4:])}", "see `interlock doctor`")


def _clear_leftovers(places: Places, folder: Path, pid_file: Path) -> None:
    """Remove the lock and socket of a dead run; PostgreSQL itself is misled by a pid that lives again as another."""
    if not processes.until(lambda: not processes.workers(folder), 10):
        raise LocalError(f"processes of an earlier run still work in {folder}", "end them by hand")
    pid_file.unlink(missing_ok=True)
    for left in places.socket.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)
