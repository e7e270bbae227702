"""The image and the compose file are what the how-to promises, as far as that can be read from them."""

from __future__ import annotations

import re
from typing import Any

import yaml  # type: ignore[import-untyped]  # it ships no types

from node.reference.commands import commands
from node.settings import Settings
from tests.architecture.repository import ROOT, text_of

DOCKERFILE = text_of("Dockerfile") or ""
COMPOSE: dict[str, Any] = yaml.safe_load(text_of("docker-compose.yml") or "")
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "dev")


def final_stage() -> str:
    return DOCKERFILE.split("\nFROM ")[-1]


def test_the_image_is_slim_debian_in_two_stages() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.12-slim-\w+", base) for base in bases)


def test_the_image_installs_only_what_its_hashes_allow() -> None:
    installs = [line for line in DOCKERFILE.splitlines() if "pip install" in line or "pip wheel" in line]

    assert len(installs) == 4
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []


def test_the_builder_takes_its_tools_from_the_lock() -> None:
    names = re.search(r"\^\(([a-z|-]+)\)==", DOCKERFILE)
    lock = text_of("requirements-dev.lock") or ""

    assert names
    assert [name for name in names[1].split("|") if f"\n{name}==" not in f"\n{lock}"] == []


def test_the_final_image_runs_as_nobody_in_particular_and_reports_its_health() -> None:
    stage = final_stage()

    assert re.search(r"^USER (?!root)\w+$", stage, re.MULTILINE)
    assert "HEALTHCHECK" in stage
    assert "/healthz" in stage
    assert not re.search(r"apt-get|gcc|build-essential|pip install|git ", stage)


def test_everything_the_image_copies_exists_and_is_let_through() -> None:
    ignored = (text_of(".dockerignore") or "").splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]

    assert "*" in ignored
    assert [source for source in copied if not (ROOT / source).exists() or f"!{source}" not in ignored] == []


def test_compose_has_the_whole_grown_node() -> None:
    assert {"web", "worker", "beat", "postgres", "redis", "proxy", "dev"} <= SERVICES.keys()
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["dev"]


def test_compose_runs_commands_that_exist() -> None:
    run = {name: SERVICES[name]["command"] for name in OURS}

    assert {command[0] for command in run.values()} == {"rochdale"}
    assert [name for name, command in run.items() if command[1] not in commands()] == []


def test_compose_sets_settings_that_exist() -> None:
    told = {name for service in OURS for name in SERVICES[service]["environment"] if name.startswith("ROCHDALE_")}

    assert told - {f"ROCHDALE_{name.upper()}" for name in Settings.model_fields} == set()


def test_only_the_proxy_listens_to_the_world() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published.keys() == {"proxy", "dev"}
    assert all(port.startswith("127.0.0.1:") for port in published["dev"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "edge" not in {*SERVICES["postgres"]["networks"], *SERVICES["redis"]["networks"]}


def test_a_full_redis_forgets_what_has_an_end_and_keeps_what_wakes_workers() -> None:
    command = SERVICES["redis"]["command"]

    assert "--maxmemory" in command
    assert command[command.index("--maxmemory-policy") + 1] == "volatile-lru"


def test_no_secret_stands_in_the_compose_file() -> None:
    secret = re.compile(r"(PASSWORD|SECRET|:)\S*: (?!\$\{)\S")
    environment = [f"{key}: {value}" for one in SERVICES.values() for key, value in one.get("environment", {}).items()]

    assert [line for line in environment if re.match(r"\w*(PASSWORD|SECRET)", line) and secret.search(line)] == []


def test_services_wait_for_what_they_need_and_keep_their_state() -> None:
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert {one: waits[one]["condition"] for one in waits} == dict.fromkeys(
            ("postgres", "redis"), "service_healthy"
        )
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert volumes - {"."} == COMPOSE["volumes"].keys()
    assert all("healthcheck" in SERVICES[name] for name in ("postgres", "redis", "proxy"))


def test_the_proxy_gets_its_certificate_for_the_origin() -> None:
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"]

    assert caddyfile.startswith("${ROCHDALE_ORIGIN} {")
    assert "reverse_proxy web:8100" in caddyfile


def test_development_reloads_when_a_package_changes() -> None:
    watched = {entry["path"]: entry["action"] for entry in SERVICES["dev"]["develop"]["watch"]}

    assert {path for path, action in watched.items() if action == "restart"} == {
        "./node", "./federation", "./identity", "./storage"
    }  # fmt: skip
