"""Reports: a verification as one checked document, in a results folder and as a web page.

>>> from bofcheck.compare import report
>>> report.write(verification, "results/mine")  # doctest: +SKIP
>>> report.read("results/mine").counts["VIOLATED"]  # doctest: +SKIP
1
"""

from .diff import ReportDiff, diff_reports
from .entries import document
from .files import last_evidence, read, read_comparable
from .folder import Written, write, write_claims
from .models import Report, report_schema

__all__ = [
    "Report",
    "ReportDiff",
    "Written",
    "diff_reports",
    "document",
    "last_evidence",
    "read",
    "read_comparable",
    "report_schema",
    "write",
    "write_claims",
]
