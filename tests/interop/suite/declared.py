"""What a node of ours declares to activitypub-testsuite, and why it does not declare the rest; as data.

Whatever stands here under a name of the suite must exist in the suite, or the test fails. Called by judging and test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

C2S = "part of client to server, which FEDERATION.md says the node does not speak: members have doors of their own"
NO_FOLLOW_DOOR = (
    "no door lets a member make the body follow somebody: it follows by joining an assembly (FEDERATION.md)"
)
NO_LIKES = "no likes: objects have no `likes` and actors no `liked`, which ActivityPub §5.5 and §5.7 leave open"
NO_INBOX_GET = "inboxes take POST only: what came stands in the members' log, and reading it is part of C2S"
ONE_BODY = "one body speaks on a node, so nothing is delivered from one local actor to another"
ADDRESSED = "members do not address what they publish: it is to the public with followers in `cc`"
CONTAINED = "no collections that others add to (ActivityPub §6.6 and §7.8 are about those); `Add` is for discussions"

CAPABILITIES: Mapping[str, str] = {
    "webfinger": "",
    "nodeinfo": "",
    "x-nodeinfo2": "not served: NodeInfo 2.0 and 2.1 are",
    "host-meta": "not served: WebFinger is found without it",
    "robots_txt": "not served: what search engines may do is a matter of the proxy before a node",
    "portable_contacts": "not served: members have no public address books",
    "dereferencing": "",
    "audience.authorization": ADDRESSED,
    "recipient_merging": ADDRESSED,
    "iri_mapping": "",
    "collections.followers": "",
    "collections.following": "",
    "collections.shares": "no `shares`, which ActivityPub §5.8 leaves open",
    "collections.custom": CONTAINED,
    "s2s.inbox.get": NO_INBOX_GET,
    "s2s.inbox.post": "",
    "s2s.inbox.post.Create": "",
    "s2s.inbox.post.Like": NO_LIKES,
    "s2s.inbox.post.Undo": "",
    "s2s.inbox.post.Undo.Follow": "",
    "s2s.inbox.post.Accept.Follow": "",
    "s2s.inbox.post.Reject.Follow": NO_FOLLOW_DOOR,
    "s2s.outbox-post": C2S,
    "s2s.outbox.post": C2S,
    "s2s.outbox.post.Delete": "",
    "c2s.outbox.get": "",
    "c2s.outbox.post": "",
    "c2s.outbox.post.Block": "",
    "c2s.outbox.post.Undo.Follow": NO_FOLLOW_DOOR,
    "c2s.outbox.post.Update.partial": C2S,
    "c2s.audience.delivery": ADDRESSED,
    "c2s.activity.Create": "",
}
"""Every capability that tests of the suite ask for: "" where it is declared, else why not.

Posting to the outbox is declared although nobody can: the driver does by our own doors what a test wants done, and what
the node then says is tested. What is about that POST itself stands in the next table.
"""

NOT_DECLARED: Mapping[str, str] = {
    "test_empty_array_is_omitted_or_null": NO_INBOX_GET,
    "test_inbox_reverse_chrono": NO_INBOX_GET,
    "test_inbox_accept_local_follow_add_actor_to_following": NO_FOLLOW_DOOR,
    "test_missing_context_is_added": C2S,
    "test_outbox_post": C2S,
    "test_outbox_post_bad_media_type": C2S,
    "test_outbox_authentication": C2S,
    "test_outbox_ignore_activity_id": C2S,
    "test_outbox_requires_object_for_certain_activities": C2S,
    "test_outbox_requires_target_for_add": C2S,
    "test_outbox_requires_target_for_remove": C2S,
    "test_nonowner_outbox_post_disallowed": C2S,
    "test_outbox_delivery_local": ONE_BODY,
    "test_multityped_activity_is_delivered_to_inbox": ONE_BODY,
    "test_multityped_object_is_delivered_to_inbox": ONE_BODY,
    "test_outbox_delivery_remote": ADDRESSED,
    "test_get_public_object_allowed": ADDRESSED,
}
"""Tests that no capability of the suite names apart, and why the node does not declare what they ask for."""

DECLARED_OF_THESE = (
    "test_outbox_delivery_remote[cc]",
    "test_get_public_object_allowed[to-https://www.w3.org/ns/activitystreams_Public-list]",
)
"""Cases of those tests that are as a node of ours publishes."""

LEFT_OUT_BY_THE_SUITE: Mapping[str, str] = {
    "test_inbox_delete": "How can internal state of local server be tested for this?",
    "test_inbox_replace": "Requires access to internal local copies of remote objects",
    "test_inbox_undo_announce": "This requirement is not well-defined",
    "test_map_iris": "TODO Requirement is unclear",
    "test_remote_dereference": "FIXME Can't validate cached remote objects",
}
"""Tests that the suite itself always leaves out, with its words."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why we do not do what a test asks for, and what its failure says."""

    reason: str
    says: str


OBJECTIONS: Mapping[str, Objection] = {
    "test_nodeinfo": Objection(
        "takes every link at /.well-known/nodeinfo for a schema of NodeInfo; that is a JRD (RFC 7033 §4.4.4), where "
        "other relations may stand, and FEP-2677 puts the instance actor there; both schemas before it were good",
        "'activitystreams#Application'",
    ),
    "test_get_nonpublic_object_forbidden": Objection(
        "wants 401 or 403; ActivityPub §3.2 allows 404 where an object's existence is private, and P24 demands it",
        "assert 404 in [401, 403]",
    ),
    "test_dont_map_iris_for_ids": Objection(
        "has an actor create an object at Wiktionary's address; such is refused (ActivityPub §B.1, FEP-fe34, P3)",
        '"code": "object-origin"',
    ),
    "test_activity_with_multiple_actors": Objection(
        "adds an actor that did not sign: what is said is said by the one whose key proves it (ActivityPub §B.1, P2)",
        '"code": "activity-malformed"',
    ),
    **dict.fromkeys(
        (
            "test_get_object_allowed_media_types[application/activity+json]",
            'test_get_object_allowed_media_types[application/ld+json; profile="https://www.w3.org/ns/activitystreams"]',
        ),
        Objection(
            "wants the words as they were handed in; `content` is HTML (ActivityStreams Vocabulary §4), and members "
            "write Markdown, which stands in `source` (ActivityPub §3.3); media types are asked for in tests/doors",
            "assert '<p>Just a test...</p>",
        ),
    ),
}
"""Tests that fail for a reason that is theirs; one that passes, or fails otherwise, makes ours fail."""
