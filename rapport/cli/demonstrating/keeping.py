"""Keeping: what a deployment knows of its demo, in a file of the data folder that only its owner may read.

It holds the sign-in, which is random for each deployment, and the secrets by which simulated customers reach
their doors. The file counts only for the database that has the very mailbox named in it. Imports no Django.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rapport.kernel.config import config


@dataclass(frozen=True, slots=True)
class Keepsake:
    """The demo of this deployment. `password_mark` tells whether the password has been changed since."""

    email: str
    password: str
    password_mark: str
    mail_id: str
    mail_hook: str
    shop_id: str
    shop_secret: str
    smtp_port: int
    callback_port: int


def keep(keepsake: Keepsake) -> None:
    """Write it down, whole or not at all, for the owner's eyes."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".demo-")  # 0600 from the first byte
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(keepsake), file, indent=1)
    Path(beside).replace(path)


def kept() -> Keepsake | None:
    """What was written down; None where there is nothing, or nothing that makes sense."""
    try:
        return Keepsake(**json.loads(_path().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def sign_in_of_demo(connection: Any) -> dict[str, str]:
    """{"demo", "email", "password"} of this database's demo; without the password once it was changed.

    Empty where the database is no demo of this data folder. Any connection with a `cursor()` will do.
    """
    keepsake = kept()
    if keepsake is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM channels_channel WHERE public_id = %s::uuid)",
            [keepsake.mail_id],
        )
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute(
            "SELECT password FROM accounts_agent WHERE email = %s AND is_active", [keepsake.email]
        )
        found = cursor.fetchone()
    if found and mark_of_password(found[0]) == keepsake.password_mark:
        return {"demo": "yes", "email": keepsake.email, "password": keepsake.password}
    return {"demo": "yes"}


def mark_of_password(hashed: str) -> str:
    """A mark that changes when the kept hash of a password changes."""
    return hashlib.sha256(hashed.encode()).hexdigest()


def _path() -> Path:
    return config().home_path / "demo.json"
