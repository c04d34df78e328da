"""``bofcheck bound``: the bounds of a theorem, stage by stage, as formulas and as numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output, fact_line, json_number
from ..theory_input import find_source, parse_settings, theorem_names, theory_input

if TYPE_CHECKING:
    from ...theory import Bound, Condition, Stage, Theorem


@click.command(
    "bound",
    cls=Command,
    examples=[
        "bofcheck bound benign",
        "bofcheck bound benign --stage 2",
        "bofcheck bound benign --stage 1 --set p=0.1 --set C1=0.3",
        "bofcheck bound harmful --stage 3 --latex",
        "bofcheck bound jiang2024 --stage 2",
    ],
)
@click.argument("regime", **options.completed(theorem_names, "THEOREM"))
@click.option(
    "--stage", "number", type=int, metavar="K", help="Which stage, from 1.  [default: all]"
)
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a symbol; repeatable. With all symbols given, the bound is evaluated.",
)
@click.option("--latex", "as_latex", is_flag=True, help="Print the inequalities as LaTeX.")
@options.output
def command(
    regime: str, number: int | None, pairs: tuple[str, ...], as_latex: bool, output: Output
) -> int:
    """Print the bounds of one stage, or of all.

    THEOREM is benign (Theorem 4.2), harmful (Theorem 4.3), a neighbouring paper's such as
    jiang2024, or your own file (.toml; .py is executed). The given values replace their symbols;
    a bound with no symbols left is evaluated, and so is the logarithm of its excess, which does
    not underflow.
    """
    if as_latex and output.as_json:
        raise click.UsageError("--latex and --json exclude each other; give one")
    with theory_input():
        theorem = find_source(regime).theorem
        stages = theorem.stages if number is None else (theorem.stage(number),)
        free = {symbol for bound in theorem.bounds for symbol in bound.expr.free_symbols}
        own = {str(symbol): symbol for symbol in free}
        values = parse_settings(pairs, own)
        if number is None and "t" in values and len(stages) > 1:
            raise click.UsageError("a step is in one stage; give --stage beside --set t=")
        documents = [_document(theorem, stage, values) for stage in stages]
    if as_latex:
        text = "\n".join(entry["latex"] for each in documents for entry in each["bounds"])
    else:
        text = "\n\n\n".join(_stage_text(theorem, each) for each in documents)
    document = documents[0] if number is not None else {"stages": documents}
    output.show(lambda: document, lambda: click.echo(text))
    return ExitCode.OK


def _document(theorem: Theorem, stage: Stage, values: dict[str, float]) -> dict[str, Any]:
    """A stage with its bounds, ready for JSON."""
    _check_clock(stage, values)
    return {
        "theorem": theorem.title,
        "regime": theorem.regime,
        "stage": stage.number,
        "name": stage.name,
        "start": str(stage.start),
        "end": str(stage.end),
        "values": values,
        "bounds": [_described(bound, values) for bound in stage.bounds],
    }


def _stage_text(theorem: Theorem, shown: dict[str, Any]) -> str:
    end = "" if shown["end"] == "oo" else f" <= {shown['end']}"
    head = f"{theorem.title}, stage {shown['stage']}: {shown['name']}\n{shown['start']} <= t{end}"
    if theorem.model:
        head += f"\nabout {theorem.model}, not the transformer bofcheck trains"
    return "\n\n".join((head, *(_as_text(entry) for entry in shown["bounds"])))


def _check_clock(stage: Stage, values: dict[str, float]) -> None:
    """Refuse a step outside the stage, where these bounds are not asserted."""
    step = values.get("t")
    start = 0.0 if stage.start == 0 else values.get(str(stage.start))
    end = values.get(str(stage.end))
    early = step is not None and start is not None and step < start
    late = step is not None and end is not None and step > end
    reversed_stage = start is not None and end is not None and start > end
    if early or late or reversed_stage:
        wanted = f"{stage.start} <= t <= {stage.end}"
        raise click.BadParameter(
            f"stage {stage.number} is {wanted}; give steps in this order.", param_hint="--set"
        )


def _described(bound: Bound, values: dict[str, float]) -> dict[str, Any]:
    """A bound with the values put in, ready for JSON; its value is None while symbols are left."""
    free = {str(symbol) for symbol in bound.expr.free_symbols}
    left = sorted(free - values.keys())
    evaluated = not left
    given = {name: _exact(values[name]) for name in free & values.keys()}
    formula = bound if evaluated else bound.subs(**given)
    value, log_excess = _evaluated(bound, values) if evaluated else (None, None)
    sign = "<=" if bound.kind == "upper" else ">="
    return {
        "name": bound.name,
        "quantity": bound.quantity,
        "kind": bound.kind,
        "reading": bound.reading,
        "quantile": bound.quantile,
        "formula": f"{bound.quantity} {sign} {formula.expr}",
        "latex": formula.latex(),
        "constants": [str(constant) for constant in formula.constants],
        "provenance": bound.provenance.value,
        "tag": bound.provenance.tag(bound.seen),
        "seen": bound.seen,
        "meaning": bound.provenance.meaning,
        "source": bound.source,
        "rebuilt_from": bound.rebuilt_from or None,
        "applies": _as_inequality(bound.condition) if bound.condition else None,
        "symbols_left": left,
        "value": value,
        "log_excess": log_excess,
    }


def _evaluated(bound: Bound, values: dict[str, float]) -> tuple[float | str | None, ...]:
    """The bound and the logarithm of its excess; refused where it is not a real number.

    An infinite value with a finite logarithm is just large, and does not come from a zero divisor.
    """
    value, log_excess = float(bound.numeric(**values)), float(bound.log_excess(**values))
    if math.isnan(value) or (math.isinf(value) and not math.isfinite(log_excess)):
        raise click.BadParameter(
            f"{bound.name}: {bound.expr} is not a real number at these values; give others.",
            param_hint="--set",
        )
    return json_number(value), json_number(log_excess)


def _as_inequality(condition: Condition) -> str:
    return f"{condition.left} {condition.relation} {condition.right}"


def _exact(value: float) -> float:
    """Whole numbers as integers, so that a formula reads 2 and not 2.0."""
    return int(value) if value.is_integer() and abs(value) <= 1e15 else value


def _as_text(entry: dict[str, Any]) -> str:
    mean = "the mean over runs of " if entry["reading"] == "mean" else ""
    fails = entry["quantile"]
    odds = "" if fails is None else f", which may fail with probability {fails:g}"
    facts = {
        "kind": f"{entry['kind']} bound on {mean}{entry['quantity']}{odds}",
        "provenance": f"{entry['tag']}: {entry['meaning']}",
        "source": entry["source"],
        "rebuilt from": entry["rebuilt_from"],
        "applies where": entry["applies"],
        "constants": ", ".join(entry["constants"]) or "none",
    }
    if entry["value"] is None:
        facts["still open"] = ", ".join(entry["symbols_left"])
    else:
        facts |= {"value": entry["value"], "log excess": entry["log_excess"]}
    lines = [f"{entry['name']}: {entry['formula']}"]
    lines += [fact_line(name, str(text)) for name, text in facts.items() if text is not None]
    return "\n".join(lines)
