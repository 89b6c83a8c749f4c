# SPDX-License-Identifier: BSD-2-Clause
"""Charts as SVG: horizontal bars with their spread, and lines over a quantity.

Written by hand, since the two kinds that are needed are a hundred lines and the well-known
library a hundred megabytes.  The colours are those of Okabe and Ito, which people who
do not see all colours can tell apart; each series also has its name and its order.
"""
import math
from xml.sax.saxutils import escape

COLOURS = ('#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#000000')
INK, GRID, PAPER = '#222222', '#d8d8d8', '#ffffff'
WIDTH, MARGIN, LABELS = 860, 16, 250
FONT = 13


class Canvas:
    def __init__(self):
        self._parts = []
        self.y = MARGIN

    def text(self, x, y, text, size=FONT, anchor='start', bold=False):
        weight = ' font-weight="bold"' if bold else ''
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}>'
                           f'{escape(text)}</text>')

    def rectangle(self, x, y, width, height, colour):
        self._parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" '
                           f'fill="{colour}"/>')

    def line(self, points, colour=INK, width=1.0):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def dot(self, x, y, colour):
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')

    def svg(self, title):
        height = self.y + MARGIN
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
                f'font-family="DejaVu Sans, Verdana, sans-serif" fill="{INK}">\n<title>{escape(title)}</title>\n'
                f'<rect width="100%" height="100%" fill="{PAPER}"/>\n' + '\n'.join(self._parts) + '\n</svg>\n')


class Scale:
    """From values to places, linear from 0 or logarithmic, with round numbers on the axis."""

    def __init__(self, values, begin, end, logarithmic):
        self._begin, self._end, self._log = begin, end, logarithmic
        top = max(values)
        self._low = 10 ** math.floor(math.log10(min(value for value in values if value > 0))) if logarithmic else 0
        self._top = 10 ** math.ceil(math.log10(top) - 1e-9) if logarithmic else top * 1.05

    def __call__(self, value):
        if self._log:
            part = (math.log(max(value, self._low) / self._low) / math.log(self._top / self._low))
        else:
            part = value / self._top
        return self._begin + (self._end - self._begin) * part

    def marks(self):
        if self._log:
            return [self._low * 10**i for i in range(round(math.log10(self._top / self._low)) + 1)]
        step = 10 ** math.floor(math.log10(self._top))
        while self._top / step < 4:
            step /= 2
        return [i * step for i in range(int(self._top / step) + 1)]


def number(value):
    return f'{value:,.0f}' if value >= 10 else f'{value:.3g}'


def _legend(canvas, names):
    x = LABELS
    for name, colour in zip(names, COLOURS):
        canvas.rectangle(x, canvas.y, 11, 11, colour)
        canvas.text(x + 16, canvas.y + 10, name)
        x += 36 + 8 * len(name)
    canvas.y += 26


def bars(title, series, panels, unit, logarithmic=False, ours='bermig'):
    """`panels`: [(name, [(label, [Spread or None for each series])])]; labels with `ours` are bold."""
    canvas = Canvas()
    canvas.text(MARGIN, canvas.y + 14, title, size=16, bold=True)
    canvas.y += 34
    if len(series) > 1:
        _legend(canvas, series)
    height, right = (11 if len(series) > 1 else 15), WIDTH - MARGIN - 60
    for name, rows in panels:
        values = [value for _, spreads in rows for one in spreads if one for value in (one.low, one.high) if value > 0]
        scale = Scale(values, LABELS, right, logarithmic)
        canvas.text(MARGIN, canvas.y + 10, name, bold=True)
        canvas.y += 18
        top, bottom = canvas.y, canvas.y + len(rows) * (len(series) * height + 7)
        for mark in scale.marks():
            canvas.line([(scale(mark), top), (scale(mark), bottom)], GRID)
            canvas.text(scale(mark), bottom + 14, number(mark), size=11, anchor='middle')
        for label, spreads in rows:
            middle = canvas.y + len(series) * height / 2 + 4
            canvas.text(LABELS - 8, middle, label, anchor='end', bold=ours in label)
            for one, colour in zip(spreads, COLOURS):
                if one:
                    _bar(canvas, scale, one, height, colour)
                canvas.y += height
            canvas.y += 7
        canvas.text((LABELS + right) / 2, bottom + 30, unit, size=12, anchor='middle')
        canvas.y = bottom + 50
    return canvas.svg(title)


def _bar(canvas, scale, one, height, colour):
    begin = scale(scale.marks()[0])
    canvas.rectangle(begin, canvas.y, scale(one.median) - begin, height - 2, colour)
    middle = canvas.y + (height - 2) / 2
    canvas.line([(scale(one.low), middle), (scale(one.high), middle)], INK, 1.2)
    canvas.text(scale(max(one.median, one.high)) + 5, canvas.y + height - 2, number(one.median), size=11)


def _labels(canvas, ends):
    """Beside the ends of lines, and one below the other where these are close together."""
    free = 0
    right = max(x for x, _, _ in ends) + 12
    colours = {label: colour for (_, _, label), colour in zip(ends, COLOURS)}
    for _, y, label in sorted(ends, key=lambda end: end[1]):
        y = max(y, free)
        canvas.dot(right, y, colours[label])
        canvas.text(right + 8, y + 4, label)
        free = y + FONT + 2


def lines(title, panels):
    """`panels`: [(name, x unit, y unit, [(series, [(x, Spread)])])], both axes logarithmic."""
    canvas = Canvas()
    canvas.text(MARGIN, canvas.y + 14, title, size=16, bold=True)
    canvas.y += 34
    left, right, height = 90, WIDTH - 200, 200
    for name, x_unit, y_unit, series in panels:
        canvas.text(MARGIN, canvas.y + 10, name, bold=True)
        canvas.y += 22
        x_scale = Scale([x for _, points in series for x, _ in points], left, right, True)
        y_scale = Scale([value for _, points in series for _, y in points for value in (y.low, y.high)],
                        canvas.y + height, canvas.y, True)
        for mark in x_scale.marks():
            canvas.line([(x_scale(mark), canvas.y), (x_scale(mark), canvas.y + height)], GRID)
            canvas.text(x_scale(mark), canvas.y + height + 15, number(mark), size=11, anchor='middle')
        for mark in y_scale.marks():
            canvas.line([(left, y_scale(mark)), (right, y_scale(mark))], GRID)
            canvas.text(left - 6, y_scale(mark) + 4, number(mark), size=11, anchor='end')
        for (label, points), colour in zip(series, COLOURS):
            canvas.line([(x_scale(x), y_scale(y.median)) for x, y in points], colour, 2)
            for x, y in points:
                canvas.line([(x_scale(x), y_scale(y.low)), (x_scale(x), y_scale(y.high))], colour)
                canvas.dot(x_scale(x), y_scale(y.median), colour)
        _labels(canvas, [(x_scale(points[-1][0]), y_scale(points[-1][1].median), label) for label, points in series])
        canvas.text((left + right) / 2, canvas.y + height + 31, f'{x_unit}; up: {y_unit}', size=12, anchor='middle')
        canvas.y += height + 52
    return canvas.svg(title)
