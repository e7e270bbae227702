"""Constants of the vocabularies we speak, each with its source.

Called by builders, readers, receive and http.
"""

from __future__ import annotations

from typing import Any, Final

AS2 = "https://www.w3.org/ns/activitystreams"  # ActivityStreams 2.0
SECURITY_V1 = "https://w3id.org/security/v1"  # publicKey, as every server reads it
CID_V1 = "https://www.w3.org/ns/cid/v1"  # Controlled Identifiers 1.0: Multikey, assertionMethod
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"  # proof
DATA_INTEGRITY_V1 = "https://w3id.org/security/data-integrity/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
DID_V1 = "https://www.w3.org/ns/did/v1"
ROCHDALE = "https://w3id.org/rochdale/v1#"
ROCHDALE_CONTEXT = "https://w3id.org/rochdale/v1"

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_NAMES: Final = frozenset({PUBLIC, "as:Public", "Public"})  # ActivityPub §5.6 allows the compact forms

_GOVERNANCE_TERMS: Final[dict[str, Any]] = {
    "rochdale": ROCHDALE,
    "governance": {"@id": "rochdale:governance", "@type": "@json"},
}
GOVERNANCE_CONTEXT: Final[list[Any]] = [AS2, DATA_INTEGRITY_V2, _GOVERNANCE_TERMS]
ACTOR_CONTEXT: Final[list[Any]] = [
    AS2,
    SECURITY_V1,
    CID_V1,
    {
        **_GOVERNANCE_TERMS,
        "toot": "http://joinmastodon.org/ns#",
        "discoverable": "toot:discoverable",
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    },
]
POLL_CONTEXT: Final[list[Any]] = [
    AS2,
    DATA_INTEGRITY_V2,
    {
        **_GOVERNANCE_TERMS,
        "toot": "http://joinmastodon.org/ns#",
        "votersCount": "toot:votersCount",
        "contextHistory": {"@id": "https://w3id.org/fep/171b/contextHistory", "@type": "@id"},
    },
]
MARKET_CONTEXT: Final[list[Any]] = [  # FEP-0837 §Proposals
    AS2,
    DATA_INTEGRITY_V2,
    {
        **_GOVERNANCE_TERMS,
        "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
        "vf": "https://w3id.org/valueflows/ont/vf#",
        "Proposal": "vf:Proposal",
        "Intent": "vf:Intent",
        "action": "vf:action",
        "purpose": "vf:purpose",
        "unitBased": "vf:unitBased",
        "publishes": "vf:publishes",
        "reciprocal": "vf:reciprocal",
        "resourceConformsTo": "vf:resourceConformsTo",
        "resourceQuantity": "vf:resourceQuantity",
        "hasUnit": "om2:hasUnit",
        "hasNumericalValue": "om2:hasNumericalValue",
    },
]

ACTIVITY_JSON = "application/activity+json"
LD_JSON = f'application/ld+json; profile="{AS2}"'
JRD_JSON = "application/jrd+json"
DID_JSON = "application/did+json"

ACTIVITY_TYPES: Final = frozenset(  # ActivityStreams vocabulary §3.1
    {
        "Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Invite", "Join", "Leave", "Like",
        "Move", "Offer", "Reject", "Remove", "TentativeAccept", "Undo", "Update",
    }
)  # fmt: skip
ACTOR_TYPES: Final = frozenset({"Application", "Group", "Organization", "Person", "Service"})

ANSWER = "rochdale:Answer"
APPEAL = "rochdale:Appeal"
BALLOT = "rochdale:Ballot"
DELIVERY = "rochdale:Delivery"
ENDORSEMENT = "rochdale:Endorsement"
EQUIVOCATION = "rochdale:Equivocation"
OUTCOME = "rochdale:Outcome"
PLAN = "rochdale:Plan"
POSITION = "rochdale:Position"
RECEIPT = "rochdale:Receipt"
RELIEF = "rochdale:Relief"
REMINDER = "rochdale:Reminder"
ROLL = "rochdale:Roll"
STATUTE = "rochdale:Statute"
STOCK = "rochdale:Stock"
VETO = "rochdale:Veto"
ROSTERED: Final = frozenset({"appeal", "delivery", "endorsement", "position", "stock", "veto"})
"""Kinds of documents that the key of a roster proves, whatever key their body has now."""
