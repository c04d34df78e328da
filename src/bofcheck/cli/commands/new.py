"""``bofcheck new``: write a commented file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..codes import ExitCode
from ..command import Command
from ..output import Output

#: What may be begun -> its template, whose ending the file must have, and what to do next.
KINDS = {
    "theorem": ("theorem.toml", "bofcheck bound {file}"),
    "model": ("model.py", "python {file}"),
    "problem": ("problem.toml", "bofcheck simulate {file} --out results/{stem}"),
    "data": ("data.py", "python {file}"),
}


@click.command(
    "new",
    cls=Command,
    examples=[
        "bofcheck new theorem mine.toml",
        "bofcheck new data curves.py",
        "bofcheck new problem problem.toml",
        "bofcheck new model mine.py",
    ],
)
@click.argument("kind", **options.completed(lambda: KINDS, "|".join(KINDS)))
@click.argument("file", metavar="FILE", type=options.PATH)
@options.output
def command(kind: str, file: Path, output: Output) -> int:
    """Write a commented file to begin with; it runs as it is.

    theorem: stages, bounds and events (.toml). data: a training loop that records curves for
    verify --data (.py). problem: what simulate trains (.toml). model: a model that the engine for
    any dimension trains, with a check of it (.py). A file that is there is never replaced.
    """
    from importlib.resources import files
    from shlex import quote

    options.check_name("KIND", kind, tuple(KINDS))
    template, first = KINDS[kind]
    ending = Path(template).suffix
    if file.suffix != ending:
        raise click.BadParameter(
            f"{file}: a {kind} is a {ending} file; give {file.with_suffix(ending)}.",
            param_hint="FILE",
        )
    content = files("bofcheck.templates").joinpath(template).read_text(encoding="utf-8")
    name = quote(str(file))
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(content.replace("FILE", name) if ending == ".toml" else content)
    except FileExistsError:
        raise click.BadParameter(
            f"{file} is there already and is not replaced; give another name.", param_hint="FILE"
        ) from None
    except OSError as error:
        raise click.BadParameter(
            f"{file} cannot be written: {error.strerror}; give another path.", param_hint="FILE"
        ) from None
    then = first.format(file=name, stem=quote(file.stem))
    output.show(
        lambda: {"file": str(file), "next": then}, lambda: click.echo(f"{file}; next: {then}")
    )
    return ExitCode.OK
