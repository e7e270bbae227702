"""Short keys for ids in paths: the uuid of our own objects, `~` and base64url for ids that peers own.

Every listed object carries its `key`, so a client never has to make one. Called by every noun with an id in its path.
"""

from __future__ import annotations

import base64
import binascii
import uuid

from node.api.problems import Problem

PEER_MARK = "~"
KEY_PATTERN = r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|~[A-Za-z0-9_-]{4,1400})$"


def key_of(folder: str, object_id: str) -> str:
    """The key of an object id; `folder` is the URL of our own objects of that kind."""
    tail = object_id.removeprefix(folder + "/")
    if tail != object_id and _is_uuid(tail):
        return tail
    return PEER_MARK + base64.urlsafe_b64encode(object_id.encode()).decode().rstrip("=")


def id_of(folder: str, key: str) -> str:
    """The object id a key stands for. Problem not-found when it stands for none."""
    if not key.startswith(PEER_MARK):
        return f"{folder}/{key}"
    coded = key.removeprefix(PEER_MARK)
    try:
        object_id = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except (ValueError, binascii.Error) as broken:
        raise Problem(404, "not-found", "There is nothing at this address.") from broken
    if not object_id.isprintable():
        raise Problem(404, "not-found", "There is nothing at this address.")
    return object_id


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
