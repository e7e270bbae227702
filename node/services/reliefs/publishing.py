"""The log of a relief as a file that anybody can check: the assembly's keys first, then every document.

Called by the doors; `rochdale relief check` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.relief.log_file import Header, document_line, header_line
from node.services.reliefs.log import whole
from node.services.reliefs.receiving import trusted_keys
from storage.governance import reliefs

if TYPE_CHECKING:
    from storage.engine import Tx


async def written(tx: Tx, relief_id: str) -> bytes | None:
    """The log as it stands here; None for a relief that is not."""
    record = await reliefs.find(tx, relief_id)
    if record is None:
        return None
    log, taken = await whole(tx, record)
    relief, keys = log.state.relief, await trusted_keys(tx, record)
    head = header_line(Header(relief.ref, relief.actor, relief.body, tuple(keys)))
    return head + b"".join(document_line(document, at) for document, at in ((record.document, None), *taken))
