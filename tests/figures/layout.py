"""What any figure in print must obey."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def check_layout(figure):
    """Nothing is cut off, nothing hides a text, nothing is too small to read."""
    FigureCanvasAgg(figure).draw()
    assert figure.get_figwidth() in (3.4, 7.0)
    renderer = figure.canvas.get_renderer()
    texts = [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= 7
    boxes = {text: text.get_window_extent(renderer) for text in texts}
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            shown = []
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                for label in (tick.label1, tick.label2):
                    box = boxes.pop(label, None)
                    if box is not None and low <= tick.get_loc() <= high:
                        shown.append(box)
            for first, second in itertools.combinations(shown, 2):
                assert not first.overlaps(second), (ax.get_xlabel(), ax.get_ylabel())
    page = figure.bbox.padded(1)
    for text, box in boxes.items():
        assert page.contains(box.x0, box.y0), text
        assert page.contains(box.x1, box.y1), text
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        assert not first.padded(-1).overlaps(second.padded(-1)), (one, other)
    (legend,) = figure.legends
    for ax in figure.axes:
        assert ax.get_legend() is None
        assert not legend.get_window_extent().overlaps(ax.get_window_extent())
