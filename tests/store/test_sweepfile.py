"""Sweep files: read as they are meant, and every fault named in one line."""

from pathlib import Path

import pytest

from bofcheck.simulate import Problem, ProblemError, SweepError
from bofcheck.simulate.grids import get_grid, grid_names, read_sweep
from bofcheck.simulate.sweep import Sweep

HEAD = "seeds = 2\nsteps = 10\n"
GRID = "[grid]\nn_samples = [4, 8]\n"

FAULTS = {
    "": "[grid] is missing",
    HEAD: "[grid] is missing",
    HEAD + "[grid]\n": "[grid] is missing",
    "seeds = 2\n" + GRID: "steps is missing",
    "steps = 2\n" + GRID: "seeds is missing",
    "seeds = 0\nsteps = 2\n" + GRID: "seeds = 0",
    "seeds = true\nsteps = 2\n" + GRID: "seeds = True",
    "seeds = 1e9\nsteps = 2\n" + GRID: "seeds = 1000000000",
    "seeds = 2\nsteps = 1.5\n" + GRID: "steps = 1.5",
    'seeds = "2"\nsteps = 2\n' + GRID: "seeds = '2'",
    "seeds = 2\nsteps = 1e13\n" + GRID: "steps = 10000000000000",
    HEAD + 'log = "often"\n' + GRID: "'often'",
    HEAD + "log = 3\n" + GRID: "log = 3",
    HEAD + "sed = 3\n" + GRID: "sed: unknown key",
    HEAD + "n_samples = [4]\n": "n_samples: unknown key",
    HEAD + "problem = 3\n" + GRID: "problem = 3",
    HEAD + "grid = 3\n": "grid = 3",
    HEAD + "[grid]\nsamples = [4]\n": "grid.samples",
    HEAD + "[grid]\nn_samples = 4\n": "grid.n_samples = 4",
    HEAD + "[grid]\nn_samples = []\n": "n_samples = []",
    HEAD + "[grid]\nn_samples = [4, 8, 4]\n": "4 twice",
    HEAD + "[grid]\nn_samples = [4, 4.0]\n": "4 twice",
    HEAD + "[grid]\nn_samples = [4, 0]\n": "n_samples=0",
    HEAD + "[grid]\nn_samples = [[4]]\n": "n_samples",
    HEAD + '[grid]\ndim = ["large"]\n': "dim=large",
    HEAD + "[problem]\nn_samples = 4\n" + GRID: "in [problem] and in [grid]",
    HEAD + "[problem]\nflip = 0.1\n" + GRID: "flip: unknown key",
    HEAD + "[problem]\nflip_prob = 0.7\n" + GRID: "flip_prob = 0.7",
    HEAD + '[grid]\ninit = ["gaussian", "torch-default"]\n': "init=torch-default",
    "seeds = = 2\n": "not valid TOML",
    "x = " + "[" * 5000: "not valid TOML",
    HEAD + "[grid]\n" + "".join(
        f"{key} = {list(range(1, 60))}\n" for key in ("n_samples", "dim", "key_dim")
    ): "205,379 cells",
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS, ids=lambda text: repr(text[:40]))
def test_a_fault_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(SweepError) as caught:
        read_sweep(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert FAULTS[text] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SweepError, match=r"bad\.toml: cannot be read"):
        read_sweep(path)


def test_endless_digits_and_a_byte_order_mark(tmp_path: Path) -> None:
    endless = tmp_path / "endless.toml"
    endless.write_text("seeds = 1\nsteps = 1\n[problem]\ndim = " + "9" * 5000 + "\n")
    with pytest.raises(SweepError, match=r"endless\.toml: not valid TOML"):
        read_sweep(endless)
    with pytest.raises(ProblemError, match="not valid TOML"):
        Problem.from_toml("dim = " + "9" * 5000)
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbfseeds = 2\nsteps = 3\n[grid]\nflip_prob = [0, 0.1]\n")
    assert read_sweep(marked).seeds == 2


def test_whole_floats_overrides_and_defaults(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text("seeds = 2e1\nsteps = 1e3\n[grid]\ndim = [1e9, 400]\nflip_prob = [0, 0.1]\n")
    sweep = read_sweep(path)
    assert (sweep.name, sweep.seeds, sweep.steps, sweep.log_at) == (
        "good", 20, 1000, "geometric:64",
    )  # fmt: skip
    assert list(sweep.problems.values()) == [
        Problem(dim=dim, flip_prob=p) for dim in (10**9, 400) for p in (0.0, 0.1)
    ]
    other = read_sweep(path, seeds=3, steps=7)
    assert (other.seeds, other.steps, other.problems) == (3, 7, sweep.problems)
    path.write_text(GRID)
    assert read_sweep(path, seeds=3, steps=7).runs == 6


def test_names_too_long_to_spell_out_are_numbers(tmp_path: Path) -> None:
    keys = ["n_samples", "dim", "key_dim", "value_dim", "signal_norm", "noise_std", "flip_prob",
            "learning_rate", "init_std_qk", "init_std_v"]  # fmt: skip
    path = tmp_path / "long.toml"
    rows = [f"{key} = [{0.25 if key == 'flip_prob' else 4}]\n" for key in keys]
    path.write_text(HEAD + "[grid]\n" + "".join(rows) + "test_tokens = [4, 5]\n")
    assert list(read_sweep(path).problems) == ["cell-000000", "cell-000001"]


def test_a_sweep_without_cells_or_runs_is_refused() -> None:
    with pytest.raises(SweepError, match="0 cells"):
        Sweep("empty", {}, 1, 1)
    with pytest.raises(SweepError, match="seeds = 0"):
        Sweep("none", {"a": Problem()}, 0, 1)


@pytest.mark.parametrize("name", grid_names())
def test_named_grids_have_both_sizes_and_distinct_cells(name: str) -> None:
    grid = get_grid(name)
    assert grid.name == name
    for preset in ("quick", "paper"):
        problems = list(grid.sweep(preset).problems.values())
        assert len(set(problems)) == len(problems)
    with pytest.raises(SweepError, match="quick, paper"):
        grid.sweep("huge")


def test_the_heat_map_has_the_papers_numbers() -> None:
    sweep = get_grid("heatmap").sweep("paper")
    problems = list(sweep.problems.values())
    assert (len(problems), sweep.seeds, sweep.steps) == (1000, 20, 2000)
    assert sorted({one.n_samples for one in problems}) == list(range(2, 21, 2))
    assert sorted({one.signal_norm for one in problems}) == list(range(1, 101))
    for one in problems:
        assert one.dim == one.key_dim == one.value_dim == 512
        assert (one.init, one.noise_std, one.train_output) == ("torch-default", 2.0, True)


def test_the_boundary_varies_nothing_but_its_axes() -> None:
    for problem in get_grid("boundary").sweep("paper").problems.values():
        longest = max(problem.signal_norm, problem.noise_std * problem.dim**0.5)
        assert longest == pytest.approx(1.0, rel=1e-6, abs=0.0)
        assert problem.start == "sampled"
    fixed = ("key_dim", "learning_rate", "init_std_qk", "init_std_v", "flip_prob", "output_norm")
    cells = get_grid("boundary").sweep("paper").problems.values()
    assert all(len({getattr(one, field) for one in cells}) == 1 for field in fixed)
