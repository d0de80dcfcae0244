//! A bar chart, drawn on the server as SVG: a title, a description, classes that the stylesheet colours. Whoever cannot see
//! it has the table beside it.

use askama::Template;

use crate::words;

/// What is drawn, in the units of the drawing.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 220;
/// Where the bars stand and how high they may become; below is room for two lines of words, above for a number.
const GROUND: u32 = 176;
const TALLEST: u32 = 150;

/// A bar before it is drawn: its words, and its value when there is one.
pub(crate) struct Point {
    pub(crate) label: String,
    pub(crate) value: Option<u64>,
}

/// A bar as it is drawn.
#[derive(Debug, PartialEq, Eq)]
struct Bar {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    /// Its middle, where its words stand.
    middle: u32,
    label: String,
    value: String,
}

/// A chart.
#[derive(Debug, Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    /// What the identifiers in it begin with.
    id: &'static str,
    title: String,
    description: String,
    width: u32,
    height: u32,
    ground: u32,
    bars: Vec<Bar>,
}

impl Chart {
    /// Draws bars, side by side, the tallest as high as there is room.
    pub(crate) fn bars(id: &'static str, title: String, description: String, points: Vec<Point>) -> Self {
        let count = u32::try_from(points.len()).unwrap_or(u32::MAX).max(1);
        let step = WIDTH / count;
        let width = step.saturating_mul(3) / 5;
        let most = points.iter().filter_map(|point| point.value).max().unwrap_or(0);
        let bar = |(place, point): (u32, Point)| {
            let height = height(point.value.unwrap_or(0), most);
            let x = step * place + (step - width) / 2;
            Bar {
                x,
                y: GROUND - height,
                width,
                height,
                middle: x + width / 2,
                label: point.label,
                value: point.value.map_or_else(|| "–".to_owned(), words::number),
            }
        };
        let bars = (0..count).zip(points).map(bar).collect();
        Self { id, title, description, width: WIDTH, height: HEIGHT, ground: GROUND, bars }
    }
}

/// How high a value is drawn: nothing for nothing, at least a line for something.
fn height(value: u64, most: u64) -> u32 {
    if value == 0 || most == 0 {
        return 0;
    }
    let share = u128::from(value) * u128::from(TALLEST) / u128::from(most);
    u32::try_from(share).unwrap_or(TALLEST).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::NASTY;

    fn chart(values: &[Option<u64>]) -> Chart {
        let point =
            |(place, value): (usize, &Option<u64>)| Point { label: format!("s{place}"), value: *value };
        let points = values.iter().enumerate().map(point).collect();
        Chart::bars("essai", "Titre".to_owned(), "Description".to_owned(), points)
    }

    fn heights(values: &[Option<u64>]) -> Vec<u32> {
        chart(values).bars.iter().map(|bar| bar.height).collect()
    }

    #[test]
    fn the_tallest_fills_the_room_and_something_is_never_nothing() {
        assert_eq!(heights(&[Some(10), Some(5), Some(0), None]), [150, 75, 0, 0]);
        assert_eq!(heights(&[Some(1), Some(100_000)]), [1, 150]);
        assert_eq!(heights(&[Some(u64::MAX), Some(u64::MAX)]), [150, 150]);
    }

    #[test]
    fn zero_one_value_and_none_are_drawn() {
        assert_eq!(heights(&[Some(0), Some(0)]), [0, 0]);
        assert_eq!(heights(&[Some(7)]), [150]);
        assert_eq!(heights(&[]), [0; 0]);
        let html = chart(&[None, Some(0)]).render().unwrap();
        assert!(html.contains(">–<") && html.contains(">0<"), "{html}");
        assert!(!html.contains("<rect"), "nothing is drawn for nothing: {html}");
    }

    #[test]
    fn every_bar_stays_within_the_drawing_and_beside_the_others() {
        for count in 1..40 {
            let bars = chart(&vec![Some(3); count]).bars;
            assert!(bars.iter().all(|bar| bar.x + bar.width <= WIDTH && bar.y + bar.height == GROUND));
            assert!(bars.windows(2).all(|pair| pair[0].x + pair[0].width <= pair[1].x), "{count}");
        }
    }

    #[test]
    fn words_come_out_as_words_and_nothing_needs_a_style() {
        let point = Point { label: NASTY.to_owned(), value: Some(1_234) };
        let html = Chart::bars("essai", NASTY.to_owned(), NASTY.to_owned(), vec![point]).render().unwrap();
        assert!(!html.contains("<script>") && html.contains("alert(1)"), "{html}");
        assert!(!html.contains("style"), "the policy of the pages lets none in");
        assert!(html.contains("1\u{202f}234"));
        assert!(html.contains(r#"aria-labelledby="essai-titre essai-description""#));
    }
}
