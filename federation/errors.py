"""Everything the wire refuses or fails at, as one tree with stable codes and two texts.

Called by every room of this floor; only `federation.http.problems` turns a code into a status.

WireError
├── WireRefusal        a peer asked for what the rules do not allow (4xx for the peer)
│   ├── MalformedJson      bytes are not one strict JSON object (P4)
│   └── Throttled          not now: carries `retry_after_seconds`
├── FetchFailure       a document of a peer could not be had
│   └── FetchForbidden     the address, redirect or budget is not allowed (P11, P12)
└── NotYet             what an activity builds on is still on its way (P15)
    └── NoAnswerYet        a peer that has to be asked does not answer (P12)
"""

# ruff: noqa: N818  a refusal is not a fault of ours
from __future__ import annotations

_SERVER_ERROR = 500


class WireError(Exception):
    """`code` is stable, `public` may be shown to anybody, `advice` (also str) is for the operator's log."""

    def __init__(self, code: str, public: str, advice: str = "") -> None:
        super().__init__(advice or public)
        self.code = code
        self.public = public
        self.advice = advice or public


class WireRefusal(WireError):
    """A request or activity the rules do not allow; asking again unchanged is answered the same."""


class MalformedJson(WireRefusal):
    """The body is not one strict JSON object: see `vocabulary.strict_json`."""

    def __init__(self, why: str) -> None:
        super().__init__("json-malformed", "The body is not acceptable JSON.", why)


class Throttled(WireRefusal):
    """Too much now; the same request may succeed after `retry_after_seconds`."""

    def __init__(self, code: str, public: str, *, retry_after_seconds: int) -> None:
        super().__init__(code, public)
        self.retry_after_seconds = retry_after_seconds


class FetchFailure(WireError):
    """A peer's document could not be had. `status` is the peer's answer, None when there was none."""

    def __init__(self, code: str, advice: str, *, status: int | None = None) -> None:
        super().__init__(code, "A document of the sender could not be fetched.", advice)
        self.status = status

    @property
    def is_passing(self) -> bool:
        """Whether nobody answered at all, or a server that could not: it may do so at another time."""
        return self.code in {"fetch-unreachable", "fetch-timeout"} or (self.status or 0) >= _SERVER_ERROR


class FetchForbidden(FetchFailure):
    """We did not ask: address, port, redirect or budget is not allowed."""


class NotYet(WireError):
    """A handler's word that something earlier has not arrived: call it again soon. Say in `advice` what is missing."""

    def __init__(self, advice: str) -> None:
        super().__init__("not-yet", "Something this builds on has not arrived.", advice)


class NoAnswerYet(NotYet):
    """A handler's word that a peer it has to ask does not answer: call it again, ever later. Say whom in `advice`."""
