"""What ``bofcheck design --json`` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..compare.shape.design import WANTED
from ..compare.userdata.bound_design import BoundDesign, DesignPower
from .output import json_number


def as_document(design: DesignPower) -> dict[str, Any]:
    """The design, ready for JSON."""
    return {
        "theorem": design.theorem,
        "roles": design.rule,
        "cells": [
            {
                "name": cell.name,
                "role": cell.role.value if cell.role else "its runs in turn",
                "runs": cell.runs,
                "inside": cell.inside if cell.judges else None,
                "decides": cell.judges,
                "values": {name: float(value) for name, value in cell.values.items()},
            }
            for cell in design.cells
        ],
        "bounds": [_bound(bound) for bound in design.bounds],
        "without_open_constants": {name: asdict(runs) for name, runs in design.fixed.items()},
    }


def _bound(bound: BoundDesign) -> dict[str, Any]:
    return {
        "name": bound.name,
        "formula": bound.formula,
        "constants": list(bound.constants),
        "scatter": {
            name: json_number(value) if isinstance(value, float) else value
            for name, value in asdict(bound.scatter).items()
        },
        "time": {
            name: json_number(value) if isinstance(value, float) else value
            for name, value in asdict(bound.schedule).items()
        },
        "numbers": [
            {
                "name": each.name,
                "varied": json_number(each.varied),
                "found_with_80": json_number(each.sizes[0]),
                "found_with_95": json_number(each.sizes[1]),
                "chance_of_half": each.chance(WANTED),
                "chance_of_one": each.chance(1.0),
                "why": each.why,
                "together_with": list(each.together),
                "varied_enough": json_number(each.factor),
                "runs_enough": each.runs,
            }
            for each in bound.numbers
        ],
        "further_cells": [asdict(each) for each in bound.further],
        "runs": asdict(bound.runs),
        "why": bound.why,
    }
