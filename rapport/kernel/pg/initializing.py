"""Initializing: a new database folder, whole or not at all.

`initdb` works in a folder of its own name; only when the role and the database exist in it, it is renamed
to `data`. Whatever a killed start has left lies under the working name and is thrown away.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import tempfile
from pathlib import Path

from rapport.kernel.pg.faults import FolderUnusable, fault_from_words
from rapport.kernel.pg.finding import MAJOR
from rapport.kernel.pg.launching import describe_exit, launch, name_folder
from rapport.kernel.pg.lowering import Account
from rapport.kernel.pg.placing import DATABASE, ROLE, Places
from rapport.kernel.pg.tuning import Profile, render_settings

WORKING = "data.initializing-"
# The application's role is no superuser: what works here works on a managed server as well.
FIRST_WORDS = f"""\
CREATE ROLE {ROLE} LOGIN CREATEDB
GRANT pg_monitor, pg_signal_backend TO {ROLE}
CREATE DATABASE {DATABASE} OWNER {ROLE}
"""


def ensure_initialized(
    places: Places, *, programs: Path, account: Account, profile: Profile = "durable"
) -> bool:
    """Make the database folder when there is none; True when it was made now.

    Raises FolderUnusable for a folder of another version, owner or kind. Needs the folder's hold.
    """
    for left in places.folder.glob(WORKING + "*"):
        shutil.rmtree(left, ignore_errors=True)
    if places.data.exists() and any(places.data.iterdir()):
        _check_folder(places.data, account)
        return False
    try:
        _initialize(places, programs=programs, account=account, profile=profile)
    except OSError as fault:
        raise fault_from_words(str(fault), where=str(places.folder)) from fault
    return True


def write_settings(
    places: Places, *, account: Account, profile: Profile, data: Path | None = None
) -> None:
    """Write our settings and who may connect, anew at every start."""
    folder = data or places.data
    write_inside(folder, "conf.d/rapport.conf", render_settings(profile), account)
    write_inside(folder, "pg_hba.conf", "local all all peer map=rapport\n", account)
    people = sorted({account.name, _own_name()} - {""})
    lines = [f'rapport "{name}" {role}' for name in people for role in (ROLE, "postgres")]
    write_inside(folder, "pg_ident.conf", "\n".join(lines) + "\n", account)


def write_inside(folder: Path, name: str, text: str, account: Account) -> None:
    """Replace a file below the folder, never through a symbolic link (root writes there)."""
    *folders, last = name.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for each in folders:
            deeper = os.open(
                each, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at
            )
            os.close(at)
            at = deeper
        _replace_file(at, last, text.encode(), account)
    finally:
        os.close(at)


def _replace_file(at: int, name: str, content: bytes, account: Account) -> None:
    fresh = f"{name}.fresh"
    try:
        os.unlink(fresh, dir_fd=at)
    except FileNotFoundError:
        pass
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(fresh, flags, 0o600, dir_fd=at)
    try:
        if os.write(file, content) != len(content):
            raise OSError(28, "No space left on device", name)
        if account.lowered:
            os.fchown(file, account.uid, account.gid)
    finally:
        os.close(file)
    os.rename(fresh, name, src_dir_fd=at, dst_dir_fd=at)


def _initialize(places: Places, *, programs: Path, account: Account, profile: Profile) -> None:
    working = Path(tempfile.mkdtemp(prefix=WORKING, dir=places.folder))
    try:
        if account.lowered:
            os.chown(working, account.uid, account.gid)
        arguments = [*_initdb_arguments(profile), "-D", name_folder(working, account)]
        _run(programs / "initdb", arguments, working, account)
        with (working / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("\ninclude_dir = 'conf.d'\n")
        (working / "conf.d").mkdir(mode=0o700)
        if account.lowered:
            os.chown(working / "conf.d", account.uid, account.gid)
        write_settings(places, account=account, profile=profile, data=working)
        arguments = ["--single", "-c", "exit_on_error=on", "-D", name_folder(working, account)]
        _run(programs / "postgres", [*arguments, "postgres"], working, account, FIRST_WORDS)
        if places.data.exists():
            places.data.rmdir()
        working.rename(places.data)
        _sync_folder(places.folder)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise


def _initdb_arguments(profile: Profile) -> list[str]:
    arguments = [
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
    ]
    arguments += ["--builtin-locale=C.UTF-8", "--data-checksums"]
    arguments += ["--auth-local=peer", "--auth-host=reject"]
    return arguments + (["--no-sync"] if profile == "throwaway" else [])


def _run(
    program: Path, arguments: list[str], folder: Path, account: Account, words: str = ""
) -> None:
    reading, writing = os.pipe()
    os.write(writing, words.encode())
    os.close(writing)
    with open(reading, "rb") as stdin:
        process = launch(
            program,
            arguments,
            account=account,
            folder=folder,
            death_signal=signal.SIGKILL,
            stdin=stdin.fileno(),
        )
        output = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        said = f"{output}\n{program.name}: {describe_exit(process.returncode)}"
        raise fault_from_words(said, where=str(folder.parent))


def _check_folder(data: Path, account: Account) -> None:
    try:
        version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except (OSError, ValueError) as fault:
        raise FolderUnusable(
            f"{data} is there but holds no readable database. Move it away, or restore a backup of it."
        ) from fault
    if version != str(MAJOR):
        raise FolderUnusable(
            f"{data} was made by PostgreSQL {version}, this is PostgreSQL {MAJOR}. "
            "Back it up with the release of Rapport that made it, and restore it here."
        )
    owner = data.stat().st_uid
    if account.lowered and owner == 0:
        _give_away(data, account)
    elif owner != account.uid:
        raise FolderUnusable(
            f"{data} belongs to user {owner}, not to {account.name or account.uid}. "
            "Start Rapport as its owner."
        )


def _give_away(data: Path, account: Account) -> None:
    """A folder copied back by root is given to the account, link by link, following none."""
    for folder, _folders, files in os.walk(data):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
