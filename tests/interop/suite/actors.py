"""The suite's actors for a node of ours: one that lives on it, and others elsewhere; imported in the suite's process.

What the suite would post to a local actor's outbox, members do by the JSON door; what follows from it goes over the
wire and is read there.
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from activitypub_testsuite.ap import PUBLIC_VALUES, RECIPIENT_FIELDS, get_id
from activitypub_testsuite.http.client import HttpxLocalActor, HttpxRemoteActor, HttpxServerTestSupport, httpx_get_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.02
SECONDS = 60.0
UNHANDLED = frozenset({"recorded", "queued"})
SECOND_HOST = "localhost"
"""Where the second remote actor lives: the same server under another name, so that a block of the first spares it."""


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` returns once it is something; AssertionError when it is nothing for thirty seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < deadline, "the node did not do it in time"
        time.sleep(PAUSE_SECONDS)
    return seen


class Support(HttpxServerTestSupport):
    """A node that begins anew, its operator signed in, and the suite's own server for actors elsewhere."""

    def __init__(self, told: Mapping[str, str], request: Any) -> None:
        super().__init__(told["node"], told["elsewhere"], request)
        self.bench = httpx.Client(base_url=told["bench"], timeout=SECONDS)
        self.bench.post("/anew").raise_for_status()
        self.door = httpx.Client(base_url=f"{told['node']}/api/v1/", timeout=SECONDS)
        who = {"name": told["member"], "passphrase": told["passphrase"], "label": "suite"}
        self.door.headers["Authorization"] = f"Bearer {self.asked('POST', 'session', who)['token']}"
        self.actors: dict[str, Any] = {}

    def asked(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.door.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def received(self) -> list[dict[str, Any]]:
        """What came to the node's inbox, newest first."""
        return list(self.bench.get("/received").json())

    def posted(self, kind: str) -> list[Any]:
        """What the node posted to actors elsewhere, of that type."""
        said = [one.json for one in self.httpd.requests if one.method == "post"]
        return [one for one in said if one["type"] == kind]

    def get_local_actor(self, actor_name: str = "local_actor") -> Any:
        assert actor_name == "local_actor", "one body speaks on a node"
        return self._once(actor_name, lambda: LocalActor(self, actor_name))

    def get_remote_actor(self, actor_name: str = "remote_actor") -> Any:
        here = self
        if actor_name != "remote_actor":
            here = copy.copy(self)
            here.remote_base_url = f"http://{SECOND_HOST}:{urlsplit(self.remote_base_url).port}"
        return self._once(actor_name, lambda: RemoteActor(here, actor_name))

    def get_unauthenticated_actor(self, actor_name: str = "unauthenticated_actor") -> Any:
        return self._once(actor_name, lambda: RemoteActor(self, actor_name, authenticated=False))

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        return self.actors.get(name) or self.actors.setdefault(name, make())


class RemoteActor(HttpxRemoteActor):
    """An actor on the suite's server; what it posts has been handled, not only taken, when `post` returns."""

    def post(self, url: str, data: Any, exception: bool = True, media_type: str | None = None) -> Any:
        answer = super().post(url, data, exception, media_type)
        if answer.is_success:
            eventually(lambda: UNHANDLED.isdisjoint(one["state"] for one in self.server.received()))
        return answer

    def follow(self, followed: LocalActor) -> str:
        """The id of the Accept."""
        self.post(followed.inbox, self.setup_activity({"type": "Follow", "object": followed.id}))
        accept = eventually(lambda: self.server.posted("Accept"))[0]
        self.httpd.requests.clear()
        return str(accept["id"])


class LocalActor(HttpxLocalActor):
    """The body of the node."""

    def get_profile(self, server: Support, _: str) -> Any:
        """Without `alsoKnownAs`: the suite would look up the list as if it were one name, and not the handle."""
        profile = httpx_get_json(f"{server.local_base_url}/body")
        return {name: value for name, value in profile.items() if name != "alsoKnownAs"}

    def get_collection_item_uris(self, collection_uri: str) -> list[str]:
        if collection_uri == self.inbox:
            return [one["id"] for one in self.server.received()]
        return list(super().get_collection_item_uris(collection_uri))

    def setup_object(self, properties: Any = None, **_: Any) -> Any:
        """An offer, which is public; where the test asks for nobody to see it, an Accept, which only a follower may."""
        asked = dict(properties or {})
        if asked.keys() & {*RECIPIENT_FIELDS, "attributedTo"}:
            return self.get_json(self._offered(asked)["id"])
        follower = self.server.get_remote_actor()
        return follower.get_json(follower.follow(self))

    def post(self, url: str, data: Any, **_: Any) -> Any:
        """What the activity asks for, done by our doors; the answer names the activity that came of it."""
        assert url == self.outbox, "the body posts to its own outbox"
        done = {"Accept": self._accept, "Block": self._block, "Create": self._create, "Delete": self._delete}
        activity_id = done[data["type"]](data)
        return httpx.Response(201, headers={"Location": activity_id} if activity_id else {})

    def _create(self, activity: Mapping[str, Any]) -> str:
        """An offer; whoever the test names follows before, and has got it when this returns."""
        named = {one for field in RECIPIENT_FIELDS for one in _listed(activity.get(field))} - PUBLIC_VALUES
        followers = [one for one in self.server.actors.values() if one.id in named]
        for follower in followers:
            follower.follow(self)
        offer = self._offered(activity["object"])
        eventually(lambda: len(self.server.posted("Create")) >= len(followers))
        return str(self._said("Create", offer["id"])["id"])

    def _offered(self, asked: Mapping[str, Any]) -> Any:
        words = {"title": asked.get("name") or "A bread oven", "summary": asked.get("content") or "Two decks, works."}
        return self.server.asked("POST", "offers", {"purpose": "offer", **words})

    def _delete(self, activity: Mapping[str, Any]) -> str:
        offer_id = get_id(activity["object"])
        self.server.asked("DELETE", f"offers/{offer_id.rpartition('/')[2]}")
        return str(self._said("Delete", offer_id)["id"])

    def _block(self, activity: Mapping[str, Any]) -> None:
        """The host of the actor: a node hears all actors of a host alike."""
        self.server.asked("POST", "peer-policies", {"host": urlsplit(activity["object"]).netloc, "policy": "block"})

    def _accept(self, activity: Mapping[str, Any]) -> None:
        """A follow is accepted when it comes, so what is left is to wait until the follower heard of it."""
        follow_id = get_id(activity["object"])
        eventually(lambda: follow_id in [get_id(said["object"]) for said in self.server.posted("Accept")])

    def _said(self, kind: str, object_id: str) -> Any:
        log = self.server.asked("GET", "activities?limit=20")["items"]
        return next(one for one in log if (one["direction"], one["type"], one["object"]) == ("out", kind, object_id))


def _listed(value: Any) -> list[str]:
    return [] if value is None else value if isinstance(value, list) else [value]
