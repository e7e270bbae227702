"""Every knob of a node with its unit, default and reason; read once from the environment and rochdale.toml.

Called by the command line and by tests; everything else receives the frozen object.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

SETTINGS_FILE = "rochdale.toml"


class Settings(BaseSettings):
    """What an operator may set: environment `ROCHDALE_…`, else `rochdale.toml` in the data folder, else the default."""

    model_config = SettingsConfigDict(env_prefix="ROCHDALE_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("data"), description="Folder with the database, the secret and the settings file.")
    origin: str = Field(
        "http://127.0.0.1:8100", description="Public address of this node, scheme and host; part of every id for ever."
    )
    listen_host: str = Field(
        "127.0.0.1", description="Address the web process binds; a proxy usually stands before it."
    )
    listen_port: int = Field(8100, ge=0, le=65535, description="Port the web process binds.")
    allow_shared_port: bool = Field(
        False,
        description="Let several `rochdale serve` listen on this port, one for each core; needs redis_url. Each has an "
        "inbox queue of its own.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="Proxies before this node: X-Forwarded-For is believed that far from its right; 0 for none.",
    )
    database_url: str = Field("", description="Empty: SQLite in the data folder. Otherwise postgresql://…")
    database_pool_size: int = Field(5, ge=1, le=100, description="Connections kept to PostgreSQL by each process.")
    redis_url: str = Field("", description="Empty: memory of this process. Otherwise redis://… (needed by Celery).")
    worker: Literal["in-process", "celery"] = Field(
        "in-process", description="Who runs the job rows: this process, or Celery workers through Redis."
    )
    worker_concurrency: int = Field(
        8,
        ge=1,
        le=200,
        description="Job rows of one lane that run at the same time; dispatch and delivery have places of their own.",
    )
    sweep_seconds: float = Field(60.0, gt=0, description="How often a worker looks for rows nobody was woken for.")
    lease_seconds: float = Field(
        120.0, gt=0, description="How long a claimed row is left to its worker before another may."
    )
    secret: SecretStr = Field(
        SecretStr(""), description="Seals keys at rest, 64 hex digits. Empty: secret.key in the data folder, made once."
    )
    allow_loopback_peers: bool = Field(
        False, description="Development only: speak plain http with peers on this machine (the demo sets it)."
    )
    shortest_window_seconds: int = Field(
        86_400, ge=1, description="Least time a proposal takes ballots; shorten it only for trials."
    )
    session_days: int = Field(30, ge=1, le=365, description="A member's sign-in lasts this long.")
    sign_in_per_minute: int = Field(5, ge=1, description="Sign-in attempts allowed from one address.")
    inbox_per_minute: int = Field(3000, ge=1, description="Activities one peer host may post.")
    inbox_backlog: int = Field(10_000, ge=1, description="Undispatched activities above which peers are asked to wait.")
    strangers_keep_days: int = Field(
        14,
        ge=8,
        description="Days until what came from outside and left nothing here is thrown away, with actors that have "
        "nothing to do with us; more than a week, which what comes too early waits for the rest.",
    )
    stranger_host_mib: int = Field(
        16, ge=3, description="MiB that one host without ties to this body may leave here in a day."
    )
    strangers_mib: int = Field(
        256, ge=3, description="MiB that all of them may leave here in a day: times the days above, room for the disk."
    )
    challenge_seconds: int = Field(
        0, ge=0, le=3600, description="How long a nonce given with a 401 of the inbox is good; 0 gives none (RFC 9421)."
    )
    passphrase_rounds: int = Field(3, ge=1, le=10, description="Argon2id time cost.")
    passphrase_memory_kib: int = Field(65_536, ge=8, description="Argon2id memory cost in KiB.")
    retry_base_seconds: float = Field(30.0, gt=0, description="First wait before a failed delivery is tried again.")
    retry_cap_seconds: float = Field(43_200.0, gt=0, description="Longest wait between two tries of a delivery.")
    delivery_hold_days: int = Field(
        30, ge=1, description="A governance activity is tried this long, then shown as failed."
    )
    catch_up_seconds: float = Field(
        3600.0, gt=0, description="How often the outbox of each body we follow is read for what did not reach us."
    )
    opinion_update_seconds: float = Field(
        180.0, gt=0, description="Answers of the fediverse to a poll are published together, at most this often."
    )
    remind_percents: str = Field(
        "50, 90",
        pattern=r"^( *[1-9]\d? *(, *[1-9]\d? *)*)?$",
        description="An assembly reminds of missing positions when so much of the time has passed; empty: never.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least weight of a log line.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for collectors.")

    @field_validator("origin")
    @classmethod
    def _origin_is_bare(cls, origin: str) -> str:
        parts = urlsplit(origin)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.netloc
            or parts.path.strip("/")
            or parts.query
            or "@" in origin
        ):
            raise ValueError("origin must be like https://coop.example, with nothing after the host")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @model_validator(mode="after")
    def _grown_mode_is_whole(self) -> Settings:
        if self.worker == "celery" and not self.redis_url:
            raise ValueError("worker = celery needs redis_url")
        if self.allow_shared_port and not self.redis_url:
            raise ValueError("allow_shared_port needs redis_url: processes must know each other's replays and rates")
        if self.origin.startswith("http://") and not self.allow_loopback_peers and not self.is_loopback:
            raise ValueError("a public origin must be https; plain http is for loopback only")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether the origin is on this machine."""
        return urlsplit(self.origin).hostname in {"127.0.0.1", "localhost", "::1"}

    @property
    def reminder_percents(self) -> tuple[int, ...]:
        """The percents of a proposal's time at which missing positions are reminded of."""
        return tuple(int(percent) for percent in self.remind_percents.split(",") if percent.strip())

    @property
    def store_url(self) -> str:
        """The database address in use: the one set, else SQLite in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'node.db').absolute()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the settings file of the data folder."""
        found: dict[str, Any] = {**env_settings(), **init_settings()}
        folder = Path(found.get("data_dir", cls.model_fields["data_dir"].default))
        file = TomlConfigSettingsSource(settings_cls, folder / SETTINGS_FILE)
        return InitSettingsSource(settings_cls, init_kwargs=found), file
