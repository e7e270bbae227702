"""`rochdale settings`: every setting with its value, where the value comes from, and what it is for."""

from __future__ import annotations

import json
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any

import click

from node.cli.opening import data_option, settings_at

if TYPE_CHECKING:
    from pathlib import Path

    from node.settings import Settings

PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@:]*):([^/@]*)@")
PREFIX = "ROCHDALE_"


@click.command("settings")
@data_option
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def settings(data: Path | None, *, as_json: bool) -> None:
    """Show every setting with its value, its source and its reason; secrets are masked.

    Set one by environment (ROCHDALE_LISTEN_PORT=8200) or in rochdale.toml in the data folder (listen_port = 8200).
    The environment wins over the file, the file over the default.
    """
    current = settings_at(data)
    described = _described(current, is_data_given=data is not None)
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    for one in described:
        click.echo(click.style(f"{one['name']} = {one['value']}", bold=True) + f"  ({one['source']})")
        click.echo(f"    {one['reason']}")


def _described(current: Settings, *, is_data_given: bool) -> list[dict[str, Any]]:
    from node.settings import SETTINGS_FILE

    file = current.data_dir / SETTINGS_FILE
    in_file = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    in_environment = {name.upper() for name in os.environ}
    found = []
    for name, field in type(current).model_fields.items():
        is_set = (PREFIX + name).upper() in in_environment
        source = "environment" if is_set else SETTINGS_FILE if name in in_file else "default"
        source = "option" if name == "data_dir" and is_data_given else source
        value = masked(str(getattr(current, name)))
        found.append({"name": name, "value": value, "source": source, "reason": field.description})
    return found


def masked(value: str) -> str:
    """A value that may be shown: secrets show as stars already, passwords inside addresses do from here on."""
    return PASSWORD_IN_URL.sub(r"\1:***@", value)


COMMANDS = (settings,)
