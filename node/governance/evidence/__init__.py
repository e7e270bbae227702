"""Evidence: the signed bundle from which anybody recomputes a decision at every level, offline (G9).

Called by the services that export a decision, by the command line and by pages that show one.
"""

from node.governance.evidence.bundle import Anchor, assemble, documents_in
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.report import Decided, Failure, Level, Report, render, report_document
from node.governance.evidence.verify import verify_bundle

__all__ = [
    "Anchor",
    "Decided",
    "EvidenceRefusal",
    "Failure",
    "Level",
    "Report",
    "assemble",
    "documents_in",
    "render",
    "report_document",
    "verify_bundle",
]
