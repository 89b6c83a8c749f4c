#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Charts are SVG in which all labels and figures stand, and bars are as long as their values; ratios are taken round by round."""
import os
import sys
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'bench'))

import chart  # noqa: E402
from figures import Report, Spread, Target, markdown, parsed, ratios, spread, tables  # noqa: E402

SVG = '{http://www.w3.org/2000/svg}'


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f'{SVG}text')]


def bar_lengths(svg, colour):
    return [float(element.get('width')) for element in ElementTree.fromstring(svg).iter(f'{SVG}rect')
            if element.get('fill') == colour]


class Charts(unittest.TestCase):
    def test_bars_have_their_labels_and_lengths(self):
        rows = [('bermig <&>', [Spread(2, 1, 3)]), ('other', [Spread(4, 4, 4)]), ('absent', [None])]
        svg = chart.bars('Title', ['only'], [('panel', rows)], 'ns')
        for label in ('Title', 'panel', 'bermig <&>', 'other', 'absent', 'ns'):
            self.assertIn(label, texts(svg))
        short, long = bar_lengths(svg, chart.COLOURS[0])
        self.assertAlmostEqual(long / short, 2, delta=0.02)

    def test_a_logarithmic_scale_has_powers_of_ten(self):
        scale = chart.Scale([3, 4000], 0, 100, logarithmic=True)
        self.assertEqual([round(mark) for mark in scale.marks()], [1, 10, 100, 1000, 10000])
        self.assertAlmostEqual(scale(100), 50)

    def test_lines_have_their_series(self):
        points = [(1, Spread(1, 1, 1)), (10, Spread(10, 9, 11))]
        svg = chart.lines('Title', [('panel', 'GiB', 's', [('first', points), ('second', points)])])
        self.assertTrue({'panel', 'first', 'second'} <= set(texts(svg)))


class Figures(unittest.TestCase):
    def test_ratios_are_of_one_round(self):
        # The second round was disturbed; no ratio is.
        self.assertEqual(ratios([2, 20, 4], [1, 10, 2]), Spread(2, 2, 2))

    def test_a_spread_has_median_least_and_most(self):
        self.assertEqual(f'{spread([3, 1, 2]):.1f}', '2.0 (1.0-3.0)')

    def test_targets_are_met_or_not(self):
        self.assertTrue(Target('a', 2, spread([2])).is_met())
        self.assertFalse(Target('a', 2, spread([1.9])).is_met())
        self.assertTrue(Target('a', 2, spread([1.9]), at_least=False).is_met())
        self.assertFalse(Target('a', 2, spread([2.1]), at_least=False).is_met())

    def test_tables_that_a_program_prints_are_read_back(self):
        text = '\n\n'.join(['## first', markdown(['', 'a'], [['x', '1.5 (1-2)'], ['y', '']]), '## second',
                            markdown(['', 'b'], [['z', 3]])])
        self.assertEqual(tables(text), [('first', [['x', '1.5 (1-2)'], ['y', '']]), ('second', [['z', '3']])])
        self.assertEqual(parsed('1.5 (1-2)'), Spread(1.5, 1, 2))
        self.assertEqual(parsed('3'), Spread(3, 3, 3))
        self.assertIsNone(parsed(''))

    def test_reports_are_markdown(self):
        report = Report('Things')
        report.table(['', 's'], [['one', 1], ['two', 2]])
        report.targets.append(Target('a', 2, spread([1])))
        report.skipped.append('three: not installed')
        text = report.markdown('Once.')
        self.assertTrue(text.startswith('# Things\n'))
        self.assertIn(markdown(['', 's'], [['one', 1], ['two', 2]]), text)
        self.assertIn('**no**', text)
        self.assertIn('Left out: three: not installed.', text)


if __name__ == '__main__':
    unittest.main()
