"""``bofcheck bound``: what a theorem asserts in one stage, as formula and as number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ..codes import ExitCode
from ..theory_input import json_number, parse_settings, theory_input

if TYPE_CHECKING:
    from ...theory import Bound, Stage


@click.command("bound")
@click.argument("regime", metavar="REGIME")
@click.option("--stage", "number", required=True, type=int, metavar="K", help="1, 2 or 3.")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a symbol; repeat it. With all of them the bound is evaluated.",
)
@click.option("--latex", "as_latex", is_flag=True, help="Print the inequalities as LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(regime: str, number: int, pairs: tuple[str, ...], as_latex: bool, as_json: bool) -> int:
    """Print the bounds of one stage.

    REGIME is benign (Theorem 4.2) or harmful (Theorem 4.3). The values given replace their
    symbols; a bound with none left is evaluated, and so is the logarithm of its excess, which
    does not underflow.
    """
    if as_latex and as_json:
        raise click.UsageError("--latex and --json exclude each other; give one")
    from ...theory import get_theorem

    values = parse_settings(pairs)
    with theory_input():
        theorem = get_theorem(regime)
        stage = theorem.stage(number)
        _check_clock(stage, values)
        shown = [_described(bound, values) for bound in stage.bounds]
    if as_latex:
        click.echo("\n".join(one["latex"] for one in shown))
    elif as_json:
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
        click.echo(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        click.echo(f"{theorem.title}, stage {number}: {stage.name}")
        click.echo(f"{stage.start} <= t <= {stage.end}")
        for one in shown:
            click.echo("\n" + _as_text(one))
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
    lines = [
        f"{one['name']}: {one['formula']}",
        f"  kind          {one['kind']} bound on {one['quantity']}",
        f"  provenance    {one['provenance']}: {one['meaning']}",
        f"  source        {one['source']}",
    ]
    if one["rebuilt_from"]:
        lines.append(f"  rebuilt from  {one['rebuilt_from']}")
    lines.append(f"  constants     {', '.join(one['constants']) or 'none'}")
    if one["value"] is None:
        lines.append(f"  still open    {', '.join(one['symbols_left'])}")
    else:
        lines.append(f"  value         {one['value']}")
        lines.append(f"  log excess    {one['log_excess']}")
    return "\n".join(lines)
