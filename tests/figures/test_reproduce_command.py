"""`bofcheck reproduce` and `bofcheck plot` at the command line."""

import copy
import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bofcheck.compare.papers.zhang2025.experiments import (
    default_folder,
    get_experiment,
    settings_of,
    verdicts_in,
)
from bofcheck.compare.report import Report, last_evidence, read
from bofcheck.compare.report.merge import merged_report

Command = Callable[..., tuple[int, str, str]]


def test_everything_is_written(folder: Path):
    for name in ("fig5", "excess"):
        for form in ("png", "pdf", "md"):
            assert (folder / "figures" / f"{name}.{form}").stat().st_size > 500
        document = json.loads((folder / "tables" / f"{name}.json").read_bytes())
        assert document["format"] == "bofcheck figure"
        assert document["seeds"] == [0, 1]
        assert document["runs"] == 2 * len(document["cells"])
        assert document["diverged"] == 0
        assert set(document["claims"]) == set(get_experiment(name).claims)
        assert all((folder / place).is_file() for place in document["files"])


def test_the_caption_says_settings_seeds_diverged_runs_and_claims(folder: Path):
    text = (folder / "figures" / "fig5.md").read_text(encoding="utf-8")
    assert "§6.4, Fig. 5; preset `quick`" in text
    assert "10% to 90%" in text
    assert "seeds 0 to 1" in text
    assert "0 of 40 runs diverged" in text
    assert "Bears on E9" in text
    for row in settings_of(get_experiment("fig5"), "quick", 2):
        assert f"| {row.what} | {row.value} | {row.origin} |" in text


def test_settings_are_printed_and_nothing_is_trained_twice(bofcheck: Command, folder: Path):
    shards = sorted(folder.glob("trajectories/*/*.npz"))
    before = [path.stat().st_mtime_ns for path in shards]
    code, out, err = bofcheck("reproduce", "fig5", "--seeds", 2, "--out", folder)
    assert code == 0
    assert "every run is already there" in err
    assert [path.stat().st_mtime_ns for path in shards] == before
    for row in settings_of(get_experiment("fig5"), "quick", 2):
        assert any(
            line.split() == f"{row.origin} {row.what}: {row.value}".split()
            for line in out.splitlines()
        ), row
    assert "20 cells, 40 runs, 0 diverged" in out
    assert "bears on E9" in out


def test_json_holds_the_manifests_and_nothing_else(bofcheck: Command, folder: Path):
    code, out, _ = bofcheck("reproduce", "fig5", "--seeds", 2, "--out", folder, "--json")
    document = json.loads(out)
    assert code == 0
    assert [one["name"] for one in document["figures"]] == ["fig5"]
    assert document["figures"][0] == json.loads((folder / "tables" / "fig5.json").read_bytes())


def test_claims_that_rest_on_the_figures_are_decided_and_shown_beside_them(folder: Path):
    report = read(folder)
    assert [claim.id for claim in report.claims] == ["E9"]
    assert sum(report.counts.values()) == 1
    assert report.provenance.settings["command"] == "reproduce"
    figures = {figure.name: figure for figure in report.figures}
    assert set(figures) == {"excess", "fig5"}
    fig5 = figures["fig5"]
    assert fig5.files == ("tables/fig5.csv", "figures/fig5.png", "figures/fig5.pdf")
    assert "E9" in fig5.claims
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png") == 2
    assert last_evidence(folder, "E9")[0]["verdict"] == report.claims[0].verdict


def test_a_newer_decision_takes_the_place_of_an_older_one(folder: Path):
    new = read(folder).as_dict()
    claim = new["claims"][0]
    old = copy.deepcopy(new)
    old["claims"] = [{**claim, "verdict": "ERROR"}, {**claim, "id": "B2", "verdict": "HOLDS"}]
    old["figures"] = [{**new["figures"][0], "name": "older"}]
    old["cells"] = [{**new["cells"][0], "name": "other"}, {**new["cells"][0], "note": "old"}]
    joined = merged_report(*map(Report.model_validate, (old, new))).as_dict()
    assert [(one["id"], one["verdict"]) for one in joined["claims"]] == [
        ("E9", claim["verdict"]), ("B2", "HOLDS"),
    ]  # fmt: skip
    assert sum(joined["counts"].values()) == 2
    assert joined["counts"]["ERROR"] == 0
    assert {one["name"] for one in joined["figures"]} == {"older", "excess", "fig5"}
    assert len(joined["cells"]) == 1 + len(new["cells"])
    assert "old" not in {one["note"] for one in joined["cells"]}
    old["provenance"]["settings"]["claims"] = ["B2"]
    merged = merged_report(*map(Report.model_validate, (old, new)))
    made = merged.provenance.settings
    assert (made["command"], made["claims"]) == ("reproduce", ["B2", "E9"])


def test_repeats_are_those_that_were_run(bofcheck: Command, folder: Path):
    assert "| repeats | 2 | chosen here |" in (folder / "figures" / "fig5.md").read_text()
    _, out, _ = bofcheck("reproduce", "fig5", "--seeds", 2, "--out", folder)
    assert "repeats: 2\n" in out
    assert "repeats: 8" not in out


@pytest.mark.parametrize(
    ("wound", "said"),
    [(("mean", "moan"), "not a table of fig5"), ((",20.0,", ",twenty,"), "not a table of fig5")],
)
def test_a_table_that_lost_its_numbers_is_not_drawn(
    bofcheck: Command, folder: Path, tmp_path: Path, wound: tuple[str, str], said: str
):
    (tmp_path / "t" / "tables").mkdir(parents=True)
    text = (folder / "tables" / "fig5.csv").read_text()
    assert wound[0] in text
    (tmp_path / "t" / "tables" / "fig5.csv").write_text(text.replace(*wound))
    code, out, err = bofcheck("plot", "t", "--figure", "fig5")
    assert (code, out) == (2, "")
    assert said in err


def test_a_verdict_that_is_known_is_told(tmp_path: Path):
    assert verdicts_in(tmp_path) == {}
    (tmp_path / "report.json").write_text(
        json.dumps({"claims": [{"id": "E9", "verdict": "HOLDS"}]})
    )
    assert verdicts_in(tmp_path) == {"E9": "HOLDS"}
    (tmp_path / "report.json").write_text("[]")
    assert verdicts_in(tmp_path) == {}


def test_one_folder_a_preset():
    assert default_folder("paper").as_posix() == "results/paper-paper"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["reproduce"], "Name a figure: fig1, fig2"),
        (["reproduce", "fig8"], "'fig8' is unknown; choose from fig1"),
        (
            ["reproduce", "fig5", "--preset", "jiang"],
            "'fig5' has no preset jiang; choose from fig2",
        ),
        (["reproduce", "fig5", "--preset", "big"], "'big' is unknown; choose one of quick, paper"),
        (["reproduce", "fig5", "--seeds", "0"], "0 is not in the range"),
        (["reproduce", "fig5", "--width", "three"], "'three' is not one of 'own', 'one', 'two'"),
        (["plot", "nowhere"], "nowhere holds no tables"),
        (["plot", "nowhere", "--format", "gif"], "'gif' is not one of 'png', 'pdf', 'svg'"),
        (["plot", "nowhere", "--dpi", "5"], "5 is not in the range"),
    ],
)
def test_bad_input_is_one_line(bofcheck: Command, args: list[str], said: str):
    code, out, err = bofcheck(*args)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert not Path("results").exists()


def test_a_folder_of_other_seeds_or_with_foreign_files_is_refused(
    bofcheck: Command, folder: Path, tmp_path: Path
):
    code, _, err = bofcheck("reproduce", "fig5", "--seeds", 3, "--out", folder)
    assert code == 2
    assert "seeds: stored 2, asked 3" in err
    busy = tmp_path / "busy"
    busy.mkdir()
    (busy / "thesis.tex").write_text("")
    assert bofcheck("reproduce", "fig5", "--out", busy)[0] == 2
    assert [path.name for path in busy.iterdir()] == ["thesis.tex"]


def test_plot_draws_again_from_the_tables_alone(bofcheck: Command, tmp_path: Path, folder: Path):
    copy = tmp_path / "copy"
    (copy / "tables").mkdir(parents=True)
    (copy / "tables" / "fig5.csv").write_bytes((folder / "tables" / "fig5.csv").read_bytes())
    code, out, _ = bofcheck("plot", copy)
    assert code == 0
    assert (copy / "figures" / "fig5.png").read_bytes() == (
        folder / "figures" / "fig5.png"
    ).read_bytes()
    options = ("--width", "one", "--style", "serif", "--format", "svg", "--out", tmp_path / "new")
    code, out, _ = bofcheck("plot", copy, "--figure", "fig5", *options)
    assert (code, out.strip()) == (0, str(tmp_path / "new" / "fig5.svg"))
    assert "<svg" in (tmp_path / "new" / "fig5.svg").read_text(encoding="utf-8")
    small = bofcheck("plot", copy, "--dpi", 50, "--out", tmp_path / "small")
    assert small[0] == 0
    sizes = [
        (place / "fig5.png").stat().st_size for place in (tmp_path / "small", copy / "figures")
    ]
    assert sizes[0] < sizes[1] / 3


def test_plot_refuses_what_it_cannot_draw_and_leaves_what_is_there(
    bofcheck: Command, tmp_path: Path, folder: Path
):
    code, _, err = bofcheck("plot", folder, "--figure", "fig1")
    assert code == 2
    assert "has no table of 'fig1'; choose from excess, fig5" in err
    broken = tmp_path / "broken"
    (broken / "tables").mkdir(parents=True)
    for text in ("", "a,b\n1,2\n", "panel,step\na\n"):
        (broken / "tables" / "fig5.csv").write_text(text)
        code, _, err = bofcheck("plot", broken)
        assert code == 2, text
        assert "is not a table of fig5; rerun the command that wrote it" in err
        assert not (broken / "figures").exists()
    (broken / "figures").write_text("")
    code, _, err = bofcheck("plot", broken)
    assert code == 2
    assert "is a file where figures would go" in err


def test_ctrl_c_keeps_what_is_finished(
    bofcheck: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    module = importlib.import_module("bofcheck.compare.verify")
    real, calls = module.train, []

    def train(problem, **rest):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(problem)
        return real(problem, **rest)

    monkeypatch.setattr(module, "train", train)
    out = tmp_path / "out"
    code, _, err = bofcheck("reproduce", "excess", "--seeds", 1, "--out", out)
    assert code == 130
    assert "2 finished cells kept" in err
    monkeypatch.undo()
    assert len(list((out / "trajectories").iterdir())) == len(calls)
