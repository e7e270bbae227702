"""`rochdale verify`: recompute a decision from its evidence bundle, or check a proof of equivocation, offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.speaking import NO, USAGE, Stop

if TYPE_CHECKING:
    from federation.assembly.equivocation import Equivocation
    from node.governance.evidence import Report

LARGEST_PROOF_BYTES = 16 * 1024 * 1024
MANIFEST_BEGINS = b'{"decision":'
"""How the canonical form of a bundle begins, so that not all of it is read to find out what it is."""


@click.command("verify")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust", metavar="KEY", help="The deciding assembly's key (z6Mk…): refuse a bundle that rests on another."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="HTML",
    help="Write the page that checks bundles in a browser to this file; FILE may then be left out.",
)
def verify(file: Path | None, trust: str | None, page: Path | None, *, as_json: bool) -> None:
    """Recompute every level of the decision in FILE from its signed documents, offline.

    Prints VALID and exits 0, or INVALID with the first failing check and exits 1. A valid bundle proves what the
    holder of the key it rests on decided; compare that key with the one you know, or name it with --trust.

    FILE may also be a proof of equivocation: then VALID means that one key signed both of its documents.
    """
    if file is None and page is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if page is not None:
        _write_page(page)
    if file is not None:
        _check(file, trust, as_json=as_json)


def _check(file: Path, trust: str | None, *, as_json: bool) -> None:
    from node.governance.evidence import render, report_document

    try:
        proof = _equivocation(file)
        if proof is not None:
            _say_equivocation(proof, trust, as_json=as_json)
            return
        report = _verified(file, trust)
    except OSError as unreadable:
        raise Stop(
            f"{file} cannot be read: {unreadable.strerror}.", "Check the file and its rights.", USAGE
        ) from unreadable
    click.echo(json.dumps(report_document(report), indent=2) if as_json else render(report), nl=as_json)
    if not report.valid:
        raise click.exceptions.Exit(NO)


def _write_page(page: Path) -> None:
    from node.web.verifier.page import verifier_page

    try:
        page.write_text(verifier_page(), encoding="utf-8")
    except OSError as unwritable:
        raise Stop(f"{page} cannot be written: {unwritable.strerror}.", "Choose another place.", USAGE) from unwritable
    click.echo(f"Open {page} in a browser; it needs no network.", err=True)


def _verified(file: Path, trust: str | None) -> Report:
    from node.cli.papers.bundle_files import WORTH_PROCESSES_BYTES, FileLines, spread
    from node.governance.evidence import verify_bundle

    with file.open("rb") as stream:
        if file.stat().st_size < WORTH_PROCESSES_BYTES:
            return verify_bundle(FileLines(stream), trusted_key=trust)
        return verify_bundle(FileLines(stream), trusted_key=trust, scans=spread)


def _equivocation(file: Path) -> dict[str, Any] | None:
    """The proof of equivocation in a file; None for everything else."""
    with file.open("rb") as stream:
        if stream.read(len(MANIFEST_BEGINS)) == MANIFEST_BEGINS:
            return None
        stream.seek(0)
        content = stream.read(LARGEST_PROOF_BYTES + 1)
    if len(content) > LARGEST_PROOF_BYTES or b'"equivocation"' not in content:
        return None
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    governance = document.get("governance") if isinstance(document, dict) else None
    return document if isinstance(governance, dict) and governance.get("kind") == "equivocation" else None


def _say_equivocation(document: dict[str, Any], trust: str | None, *, as_json: bool) -> None:
    from federation.assembly.equivocation import check_equivocation
    from federation.assembly.refusals import EquivocationRefusal

    try:
        proven = check_equivocation(document)
        if trust is not None and proven.key != trust:
            raise EquivocationRefusal("equivocation-other-key", proven.key)  # noqa: TRY301 - said like the others
    except EquivocationRefusal as refusal:
        failure = {"code": refusal.code, "text": refusal.public}
        said = json.dumps({"valid": False, "failure": failure}, indent=2)
        click.echo(said if as_json else f"INVALID\n  first failing check: {refusal.code}\n  {refusal.public}")
        raise click.exceptions.Exit(NO) from refusal
    click.echo(json.dumps(_proven(proven), indent=2) if as_json else _proven_text(proven))


def _proven(proven: Equivocation) -> dict[str, Any]:
    place = proven.place
    return {
        "valid": True,
        "what": place.what,
        "signer": place.signer,
        "key": proven.key,
        "place": place.members,
        "digests": list(proven.digests),
    }


def _proven_text(proven: Equivocation) -> str:
    place = proven.place
    lines = (
        "VALID",
        f"  {place.signer} signed two different documents of kind {place.what} for one place:",
        *(f"  {digest}" for digest in proven.digests),
        f"  both with the key {proven.key}",
    )
    return "\n".join(lines)


COMMANDS = (verify,)
