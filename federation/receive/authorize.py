"""Whether an actor may say what it says: ids, owners and objects of one origin (FEP-fe34).

Called by receive.pipeline: ids before verification, objects after it. Who may do what to *stored* objects is the
handlers' question: only they know the stored owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.errors import WireRefusal
from federation.receive.origins import same_origin
from federation.vocabulary.reading import first_type, id_of, ids_of, object_of
from federation.vocabulary.terms import ACTIVITY_TYPES, ACTOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from federation.receive.verify import VerifiedActivity


def check_ids(document: Mapping[str, Any], *, own_origin: str) -> None:
    """Raise WireRefusal unless the activity's id and actor share an origin that is not ours (P3).

    Runs before the id can take the idempotency slot of a genuine activity.
    """
    activity_id, actor_id = str(document["id"]), str(id_of(document["actor"]))
    if not same_origin(activity_id, actor_id):
        raise WireRefusal("id-origin", "The activity's id is not of its actor's origin.")
    if same_origin(actor_id, own_origin):
        raise WireRefusal("actor-local", "An actor of this node does not post to its inbox.")


def check_object(activity: VerifiedActivity) -> None:
    """Raise WireRefusal when the activity brings an object that is not its actor's to bring."""
    check = _CHECKS.get(activity.type)
    if check is not None:
        check(activity)


def is_relayed(document: Mapping[str, Any]) -> bool:
    """Whether this is an Announce around a whole activity (FEP-1b12), or an Add around a proven one (FEP-171b)."""
    inner, kind = object_of(document), document.get("type")
    if inner is None or first_type(inner) not in ACTIVITY_TYPES:
        return False
    return kind == "Announce" or (kind == "Add" and "proof" in inner)


def _own_objects(activity: VerifiedActivity) -> None:
    about = activity.document.get("object")
    for element in about if isinstance(about, list) else [about]:
        _own_object(activity, element)


def _own_object(activity: VerifiedActivity, element: object) -> None:
    object_id = id_of(element)
    if object_id is None and activity.type != "Create":
        raise WireRefusal("object-missing", "The activity names no object.")
    if object_id is not None and not same_origin(object_id, activity.actor_id):
        raise WireRefusal("object-origin", "The object is not of the actor's origin.")
    if not isinstance(element, dict):
        return
    owners = [*ids_of(element.get("attributedTo")), *ids_of(element.get("actor"))]
    if any(owner != activity.actor_id for owner in owners):
        raise WireRefusal("object-owner", "The object belongs to another actor.")
    if first_type(element) in ACTOR_TYPES and object_id != activity.actor_id:
        raise WireRefusal("object-owner", "An actor speaks only for itself.")


def _own_activity(activity: VerifiedActivity) -> None:
    inner = object_of(activity.document)
    if inner is not None and id_of(inner.get("actor")) not in {None, activity.actor_id}:
        raise WireRefusal("object-owner", "Only one's own activity can be undone.")


def _nothing_embedded(activity: VerifiedActivity) -> None:
    # A whole activity with a proof was unwrapped before; any other copy of somebody's object proves nothing.
    inner = object_of(activity.document)
    if inner is not None and not inner.keys() <= {"id", "type"}:
        raise WireRefusal("relay-unproven", "An announced object must be an id, or an activity with its own proof.")


_CHECKS: Mapping[str, Callable[[VerifiedActivity], None]] = {
    "Create": _own_objects,
    "Update": _own_objects,
    "Delete": _own_objects,
    "Undo": _own_activity,
    "Announce": _nothing_embedded,
}
