"""The `@operation` mark: one declaration from which a handler is routed, guarded, read, rendered and described.

Called by every noun of node.api; node.api.__init__ turns the marked functions into routes, openapi into a document.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from pydantic import BaseModel

from node.api.door import access, idempotency, reading, rendering
from node.api.door.call import Access, Call
from node.api.problems import problem_response

PREFIX = "/api/v1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Method(StrEnum):
    """The methods this door speaks."""

    GET = "GET"
    POST = "POST"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Operation:
    """One marked function: `path`, `query` and `body` are what its parameters of these names are annotated with."""

    method: Method
    route: str
    summary: str
    allows: Access
    status: int
    tag: str
    work: Callable[..., Awaitable[BaseModel | None]]
    path: type[BaseModel] | None
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: type[BaseModel] | None

    @property
    def name(self) -> str:
        """The stable operationId: the name of the function."""
        return str(getattr(self.work, "__name__", "operation"))

    @property
    def description(self) -> str:
        """What the function's docstring says."""
        return inspect.getdoc(self.work) or self.summary

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Identify the caller, read the arguments, do the work at most once per key, render the answer."""
        call = await access.call_of(request, self.allows)
        arguments = await self._arguments(request)

        async def answered() -> web.Response:
            outcome = await self.work(call, **arguments)
            return rendering.response(call, outcome, status=self.status)

        if self.method is Method.POST and call.member is not None and idempotency.HEADER in request.headers:
            return await idempotency.once(call, answered)
        return await answered()

    async def _arguments(self, request: web.Request) -> dict[str, BaseModel]:
        found: dict[str, BaseModel] = {}
        if self.path is not None:
            found["path"] = reading.path(request, self.path)
        if self.query is not None:
            found["query"] = reading.query(request, self.query)
        if self.body is not None:
            found["body"] = await reading.body(request, self.body)
        return found


def operation(
    method: str, route: str, *, summary: str, allows: Access = Access.MEMBER, status: int = 200
) -> Callable[[Callable[..., Awaitable[BaseModel | None]]], Operation]:
    """The mark itself. `route` is relative to /api/v1; its first segment is the tag in the description."""

    def mark(work: Callable[..., Awaitable[BaseModel | None]]) -> Operation:
        signature = inspect.signature(work, eval_str=True)
        noted = {name: parameter.annotation for name, parameter in signature.parameters.items()}
        return Operation(
            method=Method(method),
            route=route,
            summary=summary,
            allows=allows,
            status=status,
            tag=route.strip("/").split("/", maxsplit=1)[0],
            work=work,
            path=noted.get("path"),
            query=noted.get("query"),
            body=noted.get("body"),
            answer=signature.return_annotation,
        )

    return mark


def handler_of(marked: Operation) -> Handler:
    """A coroutine function, which is what aiohttp's router accepts; no exception leaves it, only problems."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await marked(request)
        except Exception as raised:  # noqa: BLE001  # every refusal becomes a problem; faults are logged there
            return problem_response(request, raised)

    return handle


__all__ = ["PREFIX", "Access", "Call", "Handler", "Operation", "handler_of", "operation"]
