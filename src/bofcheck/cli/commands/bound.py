"""``bofcheck bound``: what a theorem asserts in one stage, as formula and as number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output, fact_line, json_number
from ..theory_input import parse_settings, theory_input

if TYPE_CHECKING:
    from ...theory import Bound, Stage


@click.command(
    "bound",
    cls=Command,
    examples=[
        "bofcheck bound benign --stage 2",
        "bofcheck bound benign --stage 1 --set p=0.1 --set C1=0.3",
        "bofcheck bound harmful --stage 3 --latex",
    ],
)
@click.argument("regime", **{**options.names("benign", "harmful"), "metavar": "REGIME"})
@click.option("--stage", "number", required=True, type=int, metavar="K", help="1, 2 or 3.")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a symbol; repeat it. With all of them the bound is evaluated.",
)
@click.option("--latex", "as_latex", is_flag=True, help="Print the inequalities as LaTeX.")
@options.output
def command(
    regime: str, number: int, pairs: tuple[str, ...], as_latex: bool, output: Output
) -> int:
    """Print the bounds of one stage.

    REGIME is benign (Theorem 4.2) or harmful (Theorem 4.3). The values given replace their
    symbols; a bound with none left is evaluated, and so is the logarithm of its excess, which
    does not underflow.
    """
    if as_latex and output.as_json:
        raise click.UsageError("--latex and --json exclude each other; give one")
    from ...theory import get_theorem

    values = parse_settings(pairs)
    with theory_input():
        theorem = get_theorem(regime)
        stage = theorem.stage(number)
        _check_clock(stage, values)
        shown = [_described(bound, values) for bound in stage.bounds]
    document = {
        "theorem": theorem.title,
        "regime": theorem.regime,
        "stage": number,
        "name": stage.name,
        "start": str(stage.start),
        "end": str(stage.end),
        "values": values,
        "bounds": shown,
    }
    if as_latex:
        text = "\n".join(one["latex"] for one in shown)
    else:
        head = f"{theorem.title}, stage {number}: {stage.name}\n{stage.start} <= t <= {stage.end}"
        text = "\n\n".join((head, *(_as_text(one) for one in shown)))
    output.show(lambda: document, lambda: click.echo(text))
    return ExitCode.OK


def _check_clock(stage: Stage, values: dict[str, float]) -> None:
    """Refuse a step outside the stage, where the theorem asserts something else or nothing."""
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
    """Everything about a bound, with the values put in; value is None while symbols are left."""
    free = {str(symbol) for symbol in bound.expr.free_symbols}
    left = sorted(free - values.keys())
    evaluated = not left
    given = {name: _exact(values[name]) for name in free & values.keys()}
    formula = bound if evaluated else bound.subs(**given)
    sign = "<=" if bound.kind == "upper" else ">="
    return {
        "name": bound.name,
        "quantity": bound.quantity,
        "kind": bound.kind,
        "formula": f"{bound.quantity} {sign} {formula.expr}",
        "latex": formula.latex(),
        "constants": [str(one) for one in formula.constants],
        "provenance": bound.provenance.value,
        "meaning": bound.provenance.meaning,
        "source": bound.source,
        "rebuilt_from": bound.rebuilt_from or None,
        "symbols_left": left,
        "value": json_number(float(bound.numeric(**values))) if evaluated else None,
        "log_excess": json_number(float(bound.log_excess(**values))) if evaluated else None,
    }


def _exact(value: float) -> float:
    """Whole numbers as integers, so that a formula reads 2 and not 2.0."""
    return int(value) if value.is_integer() and abs(value) <= 1e15 else value


def _as_text(one: dict[str, Any]) -> str:
    facts = {
        "kind": f"{one['kind']} bound on {one['quantity']}",
        "provenance": f"{one['provenance']}: {one['meaning']}",
        "source": one["source"],
        "rebuilt from": one["rebuilt_from"],
        "constants": ", ".join(one["constants"]) or "none",
    }
    if one["value"] is None:
        facts["still open"] = ", ".join(one["symbols_left"])
    else:
        facts |= {"value": one["value"], "log excess": one["log_excess"]}
    lines = [f"{one['name']}: {one['formula']}"]
    lines += [fact_line(name, str(text)) for name, text in facts.items() if text is not None]
    return "\n".join(lines)
