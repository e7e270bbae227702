"""What can go wrong with the memory of a node: one tree, each with advice for the operator and a safe public text.

Raised by every module of this floor and read by the doors and the worker.

    StorageError
    ├── StoreUrlError     the database URL names an engine or a form we do not run on
    ├── NaiveTimeError    a time without zone was about to be stored
    ├── StoreBusyError    a write waited too long for its turn
    ├── StoreAwayError    the database takes nothing now
    ├── RowMissingError   a change named a row that is not there
    └── EphemeralError    Redis did not answer
"""


class StorageError(Exception):
    """A failure of this floor; `str()` is advice for the operator's log."""

    code = "storage-fault"
    public = "The node could not reach its memory. Please try again."


class StoreUrlError(StorageError):
    """The database URL is neither a SQLite file nor PostgreSQL."""

    code = "store-url-refused"


class NaiveTimeError(StorageError, ValueError):
    """A datetime without time zone; times are stored in UTC and only aware ones have a UTC."""

    code = "naive-time-refused"


class StoreBusyError(StorageError, TimeoutError):
    """Writers before this one did not finish in time."""

    code = "store-busy"


class StoreAwayError(StorageError):
    """The database did not answer, or has no room; doors say so where `away.is_away` says that it is so."""

    code = "database-away"


class RowMissingError(StorageError, LookupError):
    """An update addressed a row that does not exist."""

    code = "row-missing"


class EphemeralError(StorageError):
    """Redis refused or timed out; nothing durable is lost."""

    code = "ephemeral-unavailable"
