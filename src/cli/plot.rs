//! Line plots in the terminal.

use super::table::visible;
use super::time::show;
use crate::engine::{Matrix, MatrixSeries, Point};
use crate::model::number::format_g_precision;
use crate::result::series_text;
use rgb::RGB8;
use std::io::{self, Write};
use textplots::{Chart, ColorPlot, LabelBuilder, LabelFormat, Plot, Shape};

/// Colours that stay apart on light and dark ground, for people who see few colours too.
const COLOURS: [RGB8; 8] = [
    RGB8::new(0, 114, 178),
    RGB8::new(230, 159, 0),
    RGB8::new(0, 158, 115),
    RGB8::new(213, 94, 0),
    RGB8::new(204, 121, 167),
    RGB8::new(86, 180, 233),
    RGB8::new(148, 130, 24),
    RGB8::new(120, 120, 120),
];
/// Series that are drawn; more lines than colours tell nothing.
const MOST: usize = COLOURS.len();

/// Where and how a plot is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canvas {
    /// Characters in a line.
    pub(crate) columns: usize,
    /// Whether lines are told apart by colour; otherwise every series has a plot of its own.
    pub(crate) colour: bool,
}

/// Draws the floats of the first series; histograms have no line.
pub(crate) fn write(matrix: &Matrix, canvas: Canvas, out: &mut dyn Write) -> io::Result<()> {
    let drawn: Vec<&MatrixSeries> = matrix.series.iter().take(MOST).collect();
    let rest = matrix.series.len() - drawn.len();
    if canvas.colour {
        chart(&drawn, canvas, out)?;
        for (s, c) in drawn.iter().zip(COLOURS) {
            writeln!(out, "\u{1b}[38;2;{};{};{}m━━\u{1b}[0m {}", c.r, c.g, c.b, visible(&series_text(&s.labels)))?;
        }
    } else {
        for s in &drawn {
            writeln!(out, "{}", visible(&series_text(&s.labels)))?;
            chart(&[s], canvas, out)?;
        }
    }
    if rest > 0 {
        writeln!(out, "… and {rest} more series")?;
    }
    Ok(())
}

fn chart(series: &[&MatrixSeries], canvas: Canvas, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<Vec<(i64, f64)>> = series.iter().map(|s| floats(s)).collect();
    let points = || lines.iter().flatten();
    let (Some(first), Some(last)) = (points().map(|p| p.0).min(), points().map(|p| p.0).max()) else {
        return writeln!(out, "(no finite numbers to draw)");
    };
    let low = points().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let high = points().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    // a flat line is drawn in the middle
    let (low, high) = if low < high { (low, high) } else { (low - low.abs().max(1.0) / 2.0, high + high.abs().max(1.0) / 2.0) };
    // the plotter computes in f32, which has neither the digits of times nor the reach of values
    let length = (last.saturating_sub(first)).max(1) as f64;
    let scaled = |(t, v): &(i64, f64)| {
        ((t.saturating_sub(first) as f64 / length) as f32, (v / 2.0 - low / 2.0) as f32 / (high / 2.0 - low / 2.0) as f32)
    };
    let scaled_lines: Vec<Vec<Vec<(f32, f32)>>> =
        lines.iter().map(|l| segments(l).into_iter().map(|s| s.iter().map(scaled).collect()).collect()).collect();
    let shapes: Vec<(usize, Shape)> = scaled_lines
        .iter()
        .enumerate()
        .flat_map(|(i, l)| l.iter().map(move |s| (i, if s.len() == 1 { Shape::Points(s) } else { Shape::Lines(s) })))
        .collect();
    let columns = canvas.columns.saturating_sub(12).clamp(40, 160) as u32;
    let mut chart = Chart::new_with_y_range(columns * 2, 60, 0.0, 1.0, 0.0, 1.0);
    let mut drawn = chart
        .x_label_format(LabelFormat::Custom(Box::new(move |x| show(if x < 0.5 { first } else { last }))))
        .y_label_format(LabelFormat::Custom(Box::new(move |y| format_g_precision(if y < 0.5 { low } else { high }, 4))));
    for (i, shape) in &shapes {
        drawn = if canvas.colour { drawn.linecolorplot(shape, COLOURS[i % MOST]) } else { drawn.lineplot(shape) };
    }
    drawn.axis();
    drawn.figures();
    write!(out, "{drawn}")
}

fn floats(series: &MatrixSeries) -> Vec<(i64, f64)> {
    let float = |(time, value)| match value {
        Point::Float(v) if f64::is_finite(v) => Some((time, v)),
        _ => None,
    };
    series.points().filter_map(float).collect()
}

/// Cuts a line where steps are missing.
fn segments(line: &[(i64, f64)]) -> Vec<&[(i64, f64)]> {
    let step = line.windows(2).map(|w| w[1].0.saturating_sub(w[0].0)).min().unwrap_or(0);
    line.chunk_by(|a, b| b.0.saturating_sub(a.0) <= step.saturating_add(step / 2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LabelSet;
    use crate::model::histogram::HistogramPoints;

    fn matrix(values: Vec<f64>) -> Matrix {
        let times = (0..values.len() as i64).map(|i| i * 60_000).collect();
        let labels = LabelSet::from_pairs([("job", "a")]);
        Matrix {
            series: vec![MatrixSeries {
                labels,
                times,
                floats: vec![u64::MAX; values.len().div_ceil(64)].into(),
                values: values.into(),
                histograms: HistogramPoints::default(),
            }],
        }
    }

    fn text(m: &Matrix, colour: bool) -> String {
        let mut out = Vec::new();
        write(m, Canvas { columns: 60, colour }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rise_goes_from_the_lower_left_to_the_upper_right() {
        let plot = text(&matrix((0..50).map(f64::from).collect()), false);
        let lines: Vec<&str> = plot.lines().collect();
        assert!(lines[1].ends_with(" 49"), "{plot}");
        assert!(plot.contains("1970-01-01T00:00:00Z") && plot.contains("1970-01-01T00:49:00Z"));
        let ink = |line: &str| line.chars().rposition_of_ink();
        assert!(ink(lines[2]) > ink(lines[10]), "{plot}");
    }

    trait Ink {
        fn rposition_of_ink(self) -> Option<usize>;
    }
    impl<I: Iterator<Item = char>> Ink for I {
        fn rposition_of_ink(self) -> Option<usize> {
            self.enumerate().filter(|(_, c)| ('\u{2801}'..='\u{28ff}').contains(c)).map(|(i, _)| i).last()
        }
    }

    #[test]
    fn odd_numbers_do_not_harm() {
        for values in [
            vec![],
            vec![f64::NAN],
            vec![1.0],
            vec![f64::MAX, f64::MIN, f64::INFINITY],
            vec![5e-324, 0.0],
            vec![1e300, 1e300],
            vec![-0.0; 200],
        ] {
            for colour in [false, true] {
                assert!(text(&matrix(values.clone()), colour).contains("job"), "{values:?}");
            }
        }
    }

    #[test]
    fn lines_break_at_gaps() {
        let line: Vec<(i64, f64)> = [0, 1, 2, 5, 6, 9].map(|t| (t, 0.0)).to_vec();
        assert_eq!(segments(&line).iter().map(|s| s.len()).collect::<Vec<_>>(), [3, 2, 1]);
    }
}
