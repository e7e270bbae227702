"""Offers and requests: publishing, searching by rings, withdrawing; called by the member door's routes."""

from node.api.door.ids import id_of, key_of
from node.api.door.operation import Call, operation
from node.api.door.paging import Page, page
from node.api.shapes.facts import KeyPath
from node.api.shapes.offers import OfferIn, OffersAsked, OfferView, offer_view
from node.services import offers
from storage.records import OfferRecord


@operation("GET", "/offers", summary="Search open offers and requests")
async def search_offers(call: Call, query: OffersAsked) -> Page[OfferView]:
    """Own co-op first, then the federation, then beyond; newest first within a ring."""
    rings = (query.ring,) if query.ring else offers.RINGS
    found = await offers.search(
        call.node, text=query.text, rings=rings, purpose=query.purpose, limit=query.limit + 1, offset=query.offset
    )
    return page(found, query, lambda record: _view(call, record))


@operation("POST", "/offers", summary="Publish an offer or a request", status=201)
async def publish_offer(call: Call, body: OfferIn) -> OfferView:
    """Listed here and sent to every body that follows."""
    written = offers.Published(
        purpose=body.purpose,
        title=body.title,
        summary=body.summary,
        place=body.place,
        reciprocal=body.reciprocal,
    )
    shown = _view(call, await offers.publish(call.node, member=call.caller, written=written))
    call.headers["Location"] = f"{call.request.path}/{shown.key}"
    return shown


@operation("DELETE", "/offers/{key}", summary="Withdraw an offer")
async def withdraw_offer(call: Call, path: KeyPath) -> None:
    """By its author or an operator, here and at every peer that lists it."""
    offer_id = id_of(call.node.url("offers"), path.key)
    await offers.withdraw(call.node, member=call.caller, offer_id=offer_id)


def _view(call: Call, record: OfferRecord) -> OfferView:
    return offer_view(record, key=key_of(call.node.url("offers"), record.id), caller_id=call.caller.id)


OPERATIONS = (search_offers, publish_offer, withdraw_offer)
