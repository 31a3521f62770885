//! What surrounds every chart: the finding as its title, what is shown, and the legend.

use super::fonts;
use super::picture::{Align, Picture, Rect};
use super::style::{Colour, Font};
use super::theme::{self, LABEL, NOTE, SUBTITLE, TITLE};
use crate::experiment::results::ScenarioResults;
use crate::report::number::grouped;

/// The white margin on every side.
const MARGIN: f64 = 28.0;

/// An entry of the legend; one without colours is a remark.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Key {
    pub label: String,
    pub colours: Vec<Colour>,
}

impl Key {
    /// An entry with one colour.
    pub(super) fn new(label: impl Into<String>, colour: Colour) -> Self {
        Self { label: label.into(), colours: vec![colour] }
    }

    /// Words alone.
    pub(super) fn remark(label: impl Into<String>) -> Self {
        Self { label: label.into(), colours: Vec::new() }
    }
}

/// What became of the runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Runs {
    /// The mean is shown.
    Mean,
    /// All are counted together.
    Together,
}

/// Draws the frame; the answer is the room left inside.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, title: &str, legend: &[Key], runs: Runs) -> Rect {
    let (left, right) = (MARGIN, picture.width - MARGIN);
    let room = right - left;
    picture.fitted((left, 46.0), title, fitting(title, room), Align::Left, room);
    subtitle(picture, scenario, runs, left, room);
    let below = self::legend(picture, legend, left, right);
    Rect { left, top: below + 20.0, right, bottom: picture.height - MARGIN }
}

/// The title's font, smaller for a long finding: better small than cut.
fn fitting(title: &str, room: f64) -> Font {
    const SMALLEST: f64 = 18.0;
    let size = TITLE.size * room / fonts::width(title, TITLE).max(1.0);
    Font { size: size.clamp(SMALLEST, TITLE.size), ..TITLE }
}

/// What is shown: the scenario, and of how many runs this is the mean. Only the prose is ever cut.
fn subtitle(picture: &mut Picture, scenario: &ScenarioResults, runs: Runs, left: f64, room: f64) {
    let runs = match (scenario.replications, runs) {
        (1, _) => " · one run".to_owned(),
        (many, Runs::Mean) => format!(" · mean of {} runs", grouped(f64::from(many), 0)),
        (many, Runs::Together) => format!(" · {} runs together", grouped(f64::from(many), 0)),
    };
    let prose = format!("{}: {}", scenario.name, scenario.title);
    let about = fonts::cut(&prose, SUBTITLE, room - fonts::width(&runs, SUBTITLE));
    picture.text((left, 72.0), about + &runs, SUBTITLE, Align::Left);
}

/// Draws the legend in as many rows as it takes; the answer is where it ends.
fn legend(picture: &mut Picture, keys: &[Key], left: f64, right: f64) -> f64 {
    const SWATCH: f64 = 16.0;
    const ROW: f64 = 24.0;
    let (mut x, mut baseline) = (left, 102.0);
    for key in keys {
        let swatches = key.colours.len() as f64 * SWATCH;
        let gap = if key.colours.is_empty() { 0.0 } else { 7.0 };
        let font = if key.colours.is_empty() { NOTE } else { LABEL };
        let width = swatches + gap + fonts::width(&key.label, font);
        if x > left && x + width > right {
            (x, baseline) = (left, baseline + ROW);
        }
        for (place, &colour) in key.colours.iter().enumerate() {
            let edge = x + place as f64 * SWATCH;
            picture
                .fill(Rect { left: edge, top: baseline - 12.0, right: edge + SWATCH, bottom: baseline + 1.0 }, colour);
        }
        picture.fitted((x + swatches + gap, baseline), &key.label, font, Align::Left, right - x - swatches - gap);
        x += width + 26.0;
    }
    baseline
}

/// Draws the name of a strategy with its colour, cut to `room`; the baseline starts at (`left`, `baseline`).
pub(super) fn strategy(picture: &mut Picture, name: &str, place: usize, (left, baseline): (f64, f64), room: f64) {
    picture.dot((left + 5.0, baseline - 5.5), 5.0, theme::strategy(place));
    picture.text((left + 17.0, baseline), fonts::cut_middle(name, theme::NAME, room - 17.0), theme::NAME, Align::Left);
}

/// How wide the name of a strategy would like to be.
pub(super) fn strategy_width(name: &str) -> f64 {
    17.0 + fonts::width(name, theme::NAME)
}
