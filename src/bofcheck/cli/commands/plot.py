"""``bofcheck plot``: redraw figures from the tables kept beside them."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..figure_style import chosen_style, style_option, width_option
from ..output import Output
from ..outputs import check_figures


@click.command(
    "plot",
    cls=Command,
    examples=[
        "bofcheck plot results/paper-quick --figure fig3 --width one --format pdf",
        "bofcheck plot results/verify-benign-quick --style grey --out print",
    ],
)
@click.argument("folder", metavar="DIR", type=options.PATH)
@click.option(
    "--figure", "figures", metavar="NAME", multiple=True,
    help="Which figure; repeatable.  [default: all that DIR has tables of]",
)  # fmt: skip
@width_option
@click.option(
    "--format", "form", default="png", show_default=True,
    type=click.Choice(["png", "pdf", "svg"]), help="Form of the files.",
)  # fmt: skip
@click.option(
    "--dpi", default=300, show_default=True, type=click.IntRange(50, 1200),
    help="Dots per inch of rasterised parts.",
)  # fmt: skip
@style_option
@click.option(
    "--out",
    metavar="FOLDER",
    type=options.PATH,
    help="Where the files go.  [default: DIR/figures, replacing files there]",
)
@options.output
def command(
    folder: Path,
    figures: tuple[str, ...],
    width: str,
    form: str,
    dpi: int,
    style: str | None,
    out: Path | None,
    output: Output,
) -> int:
    """Redraw figures in another style.

    DIR is a results folder of verify, claims or reproduce. Each figure is drawn from
    DIR/tables/NAME.csv alone: nothing is trained or computed again. Where DIR has a report on your
    own theorem, only the figures of that report are drawn.
    """
    from ...compare.figures import picture
    from ...compare.figures.table import Table
    from ...compare.report.folder import tables
    from ...simulate.store.atomic import write_atomically
    from ...simulate.store.settings import check_writable

    known = tables(folder)
    if not known:
        raise click.BadParameter(
            f"{folder} holds no tables; give a results folder of bofcheck verify, claims or "
            "reproduce.",
            param_hint="DIR",
        )
    for name in figures:
        if name not in known:
            raise click.BadParameter(
                f"{folder} has no table of {name!r}; choose from {', '.join(known)}.",
                param_hint="--figure",
            )
    if out is None:
        check_figures(folder)
    target = out or folder / "figures"
    if target.exists() and not target.is_dir():
        raise click.BadParameter(f"{target} is a file; give a folder.", param_hint="--out")
    check_writable(target)
    figure_style = chosen_style(width, style)
    files: dict[Path, bytes] = {}
    for name in dict.fromkeys(figures or known):
        source = folder / "tables" / f"{name}.csv"
        try:
            table = Table.from_csv(source.read_text(encoding="utf-8"))
            files[target / f"{name}.{form}"] = picture(table, form, name, figure_style, dpi)
        except (ValueError, LookupError, TypeError):
            raise click.ClickException(
                f"{source}: is not a table of {name}; rerun the command that wrote it"
            ) from None
    target.mkdir(parents=True, exist_ok=True)
    for path, payload in files.items():
        write_atomically(path, [payload])
    written = [str(path) for path in files]
    output.show(lambda: {"files": written}, lambda: click.echo("\n".join(written)))
    return ExitCode.OK
