"""From a DataFrame to sentences, a figure, LaTeX and a report, through the one pipeline."""

import numpy as np
import pandas as pd
import pytest

import bofcheck
from bofcheck.compare import CompareError, report, verify
from bofcheck.compare.userdata import CellNumbers, curves_plan, read_curves

ETAS = (0.1, 0.2, 0.4, 0.8)


def curves(power=-1.0):
    rng = np.random.default_rng(1)
    rows = [
        (eta, seed, t, start * (eta * t) ** power)
        for eta in ETAS
        for seed, start in enumerate(rng.lognormal(0, 0.05, 40))
        for t in np.geomspace(10, 1000, 12).round()
    ]
    return pd.DataFrame(rows, columns=["eta", "seed", "step", "train_loss"])


MINE = bofcheck.theorem("mine", title="50% faster & simple", model="mine").stage("decay")
MINE = MINE.upper("train_loss", "C/(eta*t)")


@pytest.fixture(scope="module")
def result():
    return bofcheck.check(MINE, curves())


def test_the_sentence_has_the_verdict_the_room_the_power_and_the_wrong_powers(result):
    (sentence,) = result.sentences
    assert sentence.startswith("decay, D1 (train_loss <= C/(eta*t)): holds, at least ")
    assert "decays as t^-1.00±" in sentence
    assert "claimed t^-1" in sentence
    rejected, tried = result.verdicts[0].discrimination.counts
    assert sentence.endswith(f"rejects {rejected} of {tried} wrong powers")
    assert sentence in str(result)
    assert "cells by eta" in str(result)


def test_the_verdicts_are_those_of_the_pipeline(result):
    names = {"cell": "eta"}
    data = curves()
    read = read_curves(data, ["train_loss"], names)
    numbers = CellNumbers({}, {f"{eta:g}": {"eta": eta} for eta in ETAS}).named_as(read)
    (slow,) = verify(curves_plan(MINE.build(), read, numbers)).verdicts
    (fast,) = result.verdicts
    assert fast.status is slow.status
    assert fast.discrimination.counts == slow.discrimination.counts
    assert fast.discrimination.tightest == slow.discrimination.tightest
    again = bofcheck.check(MINE, data, numbers, names)
    assert again.verdicts == (slow,)
    by_cell = {f"{eta:g}": {"eta": eta} for eta in ETAS}
    assert bofcheck.check(MINE, data, by_cell, names).holds


def test_a_wrong_power_of_time_is_told(result):
    wrong = bofcheck.check(MINE, curves(power=-0.7))
    assert not wrong.holds
    row = wrong.frame().iloc[0]
    assert row.verdict != "HOLDS"
    assert result.frame().iloc[0].verdict == "HOLDS"
    if np.isfinite(row.power):
        assert row.power == pytest.approx(-0.7, abs=0.05)


def test_the_result_as_html_latex_figure_and_folder(result, tmp_path):
    page = result._repr_html_()
    assert "50% faster &amp; simple" in page
    assert "<b>HOLDS" in page
    text = result.to_latex()
    assert r"\begin{theorem}[50\% faster \& simple]" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert r"train\_loss" not in text.split(r"\end{theorem}")[0].replace(r"\mathrm", "")
    assert "held-out runs" in text
    (ax,) = result.figure().axes
    assert ax.get_xlabel() == "bound"
    page = result.save(tmp_path)
    assert page.is_file()
    assert report.read(tmp_path) == report.read(page.parent)
    saved = report.read(tmp_path)
    assert saved.claim("D1").word == result.verdicts[0].word
    assert saved.frame().verdict.tolist() == [result.verdicts[0].word]
    with pytest.raises(CompareError, match="claim Z9: is not in this report; it has D1"):
        saved.claim("Z9")


def test_a_toml_file_states_the_same_theorem_as_the_builder(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\ntitle = "T"\nsource = "s"\nprovenance = "STATED"\nmodel = "mine"\n'
        '[constants]\nC = "c"\n[[stages]]\nname = "decay"\n[[stages.bounds]]\nname = "D1"\n'
        'quantity = "train_loss"\nexcess = "C/(eta*t)"\n'
    )
    built = bofcheck.check(MINE, curves()).verdicts[0]
    read = bofcheck.check(path, curves()).verdicts[0]
    assert (read.status, read.statistic, read.tightness) == (
        built.status, built.statistic, built.tightness
    )  # fmt: skip


def test_a_stage_may_end_with_an_inequality():
    theorem = bofcheck.theorem("two").stage(until="train_loss <= 0.5").upper("train_loss", "C")
    built = theorem.stage().upper("train_loss", "C1/(gamma*(t - T1))").time("T1", "c1/gamma")
    made = built.build()
    assert [str(stage.end) for stage in made.stages] == ["T1", "oo"]
    assert dict(made.symbols) == {"gamma": "gamma"}
    assert made.times[0].reading == "scaling"


def test_what_cannot_be_checked_is_refused_in_one_line():
    with pytest.raises(CompareError, match="problems: a int cannot be read"):
        bofcheck.check(MINE, curves(), 3)
    with pytest.raises(CompareError, match="no number for eta"):
        bofcheck.check(MINE, curves().drop(columns="eta").drop_duplicates(["seed", "step"]))


def test_what_grows_is_not_said_to_decay():
    frame = curves(power=0.5)
    grown = bofcheck.theorem("grown", symbols={}).upper("train_loss", "C*(eta*t)**(1/2)")
    (sentence,) = bofcheck.check(grown, frame).sentences
    assert "grows as t^0.50±" in sentence
    assert "grows as eta^0.50±" in sentence
    assert "decays" not in sentence


def test_numbers_are_read_from_names_that_all_cells_have(tmp_path):
    wide = curves().pivot(index="step", columns=["eta", "seed"], values="train_loss")
    wide.columns = [f"lr{eta:g}_seed{seed} - train/loss" for eta, seed in wide.columns]
    path = tmp_path / "wandb.csv"
    wide.rename_axis("Step").reset_index().to_csv(path, index=False)
    result = bofcheck.check(MINE, path)
    assert result.holds
    assert "eta is read from the names of cells" in result.notes
    assert result.frame().power.tolist() == bofcheck.check(MINE, curves()).frame().power.tolist()


def test_the_page_cites_the_theorem_s_source_and_not_the_paper(result, tmp_path):
    page = result.save(tmp_path).read_text(encoding="utf-8")
    assert "2502.12508" not in page
    assert "what states the theorem: stated in Python." in page


def test_labels_and_title_of_the_figure_are_settable_and_shown_without_pyplot(result):
    figure = result.figure(xlabel="theory", ylabel="loss", title="Mine")
    (ax,) = figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel(), figure.get_suptitle()) == ("theory", "loss", "Mine")
    assert figure._repr_png_()[1:4] == b"PNG"


def test_a_claim_and_a_verification_are_short_in_a_prompt(result):
    claim = result.report().claim("D1")
    assert repr(claim) == f"D1 {claim.word}: {claim.reason}"
    assert repr(result.verification) == f"Verification(D1 {claim.word})"
    assert repr(result.study) == "Study(Theorem(mine: D1), 4 cells)"
