"""SHA-256 hashes packed one after another, for bundles of millions of lines; called by `bundle`.

A list of them, or a dictionary, takes three to five times the memory.
"""

from array import array
from collections.abc import Iterator
from typing import Final

SIZE: Final = 32
SMALLEST_TABLE: Final = 1024
BUCKETS: Final = 256


class Hashes:
    """Hashes by place, 32 bytes each."""

    def __init__(self) -> None:
        self._packed = bytearray()

    def __len__(self) -> int:
        return len(self._packed) // SIZE

    def __getitem__(self, place: int) -> bytes:
        return bytes(self._packed[place * SIZE : (place + 1) * SIZE])

    def append(self, one: bytes) -> None:
        """One more, at the end."""
        self._packed += one

    def in_order(self) -> Iterator[bytes]:
        """All of them, sorted; only those with the same first byte are taken out at a time."""
        buckets = [array("I") for _ in range(BUCKETS)]
        for place in range(len(self)):
            buckets[self._packed[place * SIZE]].append(place)
        for bucket in buckets:
            yield from sorted(self[place] for place in bucket)


class Digests(Hashes):
    """Different hashes, each found by itself: open addressing, at most half full.

    Python's own hash of bytes is keyed anew in each process, so nobody can choose documents that fall together.
    """

    def __init__(self) -> None:
        super().__init__()
        self._table = array("I", bytes(SMALLEST_TABLE * array("I").itemsize))

    def add(self, digest: bytes) -> bool:
        """Whether it was not there before, and now is."""
        slot = self._slot(digest)
        if self._table[slot]:
            return False
        self.append(digest)
        self._table[slot] = len(self)
        if 2 * len(self) > len(self._table):
            self._grow()
        return True

    def find(self, digest: bytes) -> int | None:
        """Its place; None if it is not there."""
        found = self._table[self._slot(digest)]
        return found - 1 if found else None

    def _slot(self, digest: bytes) -> int:
        """Where the table holds its place plus one, or where it would."""
        mask = len(self._table) - 1
        slot = hash(digest) & mask
        while self._table[slot] and self[self._table[slot] - 1] != digest:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        self._table = array("I", bytes(2 * len(self._table) * self._table.itemsize))
        for place in range(len(self)):
            self._table[self._slot(self[place])] = place + 1
