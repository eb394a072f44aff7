"""The picture of `burgh theory --png`: bid functions, and revenue beside its closed form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from burgh.scenarios.theory.estimate import Figure
from burgh.scenarios.theory.formats import CURVES, bid_function
from burgh.scenarios.theory.simulate import UNIT
from burgh.sim.types import BurghError

INK = ("#2e5e7e", "#c0603a", "#5c7f3a", "#8a5a94")


def draw(path: Path, found: Sequence[Figure], ns: Sequence[int]) -> None:
    """Writes the picture. Raises BurghError where the file cannot be written or is no png."""
    if path.suffix.lower() != ".png":
        raise BurghError(f"--png: {path} does not end in .png")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Page

    page = Page(figsize=(11, 4.6), dpi=130, layout="constrained")
    left, right = page.subplots(1, 2, width_ratios=(1, 1.15))
    _bids(left, found, ns)
    _revenues(right, found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        FigureCanvasAgg(page).print_png(path)
    except OSError as error:
        raise BurghError(f"--png: {path}: {error.strerror}") from None


def _bids(axes: object, found: Sequence[Figure], ns: Sequence[int]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    values = np.linspace(0, 1, 201)
    drawn = [name for name in CURVES if any(figure.format == name for figure in found)] or list(CURVES)
    counts = [n for n in ns if n >= 2][:3] or [2]
    for colour, name in zip(INK, CURVES, strict=True):
        for style, n in zip(("-", "--", ":"), counts, strict=False):
            if name not in drawn or (name == "third-price" and n < 3):
                continue
            if name == "second-price" and n != counts[0]:
                continue  # the truth, however many bid
            label = name if name == "second-price" else f"{name}, n = {n}"
            bids = bid_function(name, n)(values * UNIT) / UNIT
            axes.plot(values, bids, style, color=colour, label=label, linewidth=1.6)
    axes.set(xlabel="value", ylabel="bid", title="Equilibrium bids, values uniform on [0, 1]", xlim=(0, 1))
    axes.set_ylim(0, 2.05 if "third-price" in drawn else 1.02)
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, loc="upper left", frameon=False)


def _revenues(axes: object, found: Sequence[Figure]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    shown = [figure for figure in found if figure.errors_off is not None and figure.error > 0]
    shown = [figure for figure in shown if "revenue" in figure.measure] or shown
    rows = np.arange(len(shown))[::-1]
    off = [figure.errors_off or 0.0 for figure in shown]
    axes.axvspan(-4, 4, color="#5c7f3a", alpha=0.12, linewidth=0)
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.plot(off, rows, "o", color=INK[0], markersize=4)
    names = [f"{f.format}, n = {f.n}" + ("" if f.measure == "revenue" else f": {f.measure}") for f in shown]
    axes.set_yticks(rows, names, fontsize=6 if len(shown) > 20 else 8)
    widest = max([4.5, *(abs(one) + 0.5 for one in off)])
    axes.set(xlim=(-widest, widest), xlabel="standard errors from the closed form")
    axes.set_title("Simulated against theory")
    axes.grid(axis="x", alpha=0.25)
