//! What surrounds every chart: the finding as its title, what is shown, the legend, and the names of strategies.

use super::palette;
use crate::report::draw::fonts;
use crate::report::draw::picture::{Align, Picture, Rect};
use crate::report::draw::style::{Colour, Font};
use crate::report::draw::theme::{self, LABEL, NOTE, SUBTITLE, TITLE};
use crate::report::judge;
use crate::report::number::many;
use crate::results::{ScenarioResults, Standing, StrategyResults};

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

/// What is said around a chart.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Frame {
    /// The finding.
    pub title: String,
    pub legend: Vec<Key>,
    /// What became of the runs.
    pub runs: Runs,
    /// Whether this is the chart that decides.
    pub decides: bool,
    /// Whether it is drawn bin by bin.
    pub binned: bool,
}

/// Draws the frame; the answer is the room left inside.
pub(super) fn draw(picture: &mut Picture, scenario: &ScenarioResults, frame: &Frame) -> Rect {
    let (left, right) = (MARGIN, picture.width - MARGIN);
    let room = right - left;
    picture.title.clone_from(&frame.title);
    let keys = frame.legend.iter().map(|key| key.label.as_str());
    picture.description =
        keys.fold(format!("{}: {}.", scenario.name, scenario.title), |text, key| text + " " + key + ".");
    picture.fitted((left, 46.0), &frame.title, fitting(&frame.title, room), Align::Left, room);
    subtitle(picture, scenario, frame, left, right);
    let below = legend(picture, &frame.legend, left, right);
    Rect { left, top: below + 20.0, right, bottom: picture.height - MARGIN }
}

/// The title's font, smaller for a long finding: better small than cut.
pub(super) fn fitting(title: &str, room: f64) -> Font {
    const SMALLEST: f64 = 17.0;
    let size = TITLE.size * room / fonts::width(title, TITLE).max(1.0);
    Font { size: size.clamp(SMALLEST, TITLE.size), ..TITLE }
}

/// What is shown: whether it decides, the scenario, and of how many runs and bins this is what. Only the prose is ever
/// cut.
fn subtitle(picture: &mut Picture, scenario: &ScenarioResults, frame: &Frame, left: f64, right: f64) {
    const BASELINE: f64 = 72.0;
    let left = if frame.decides { tag(picture, "decides", (left, BASELINE), theme::INK) + 10.0 } else { left };
    let mut runs = match (scenario.replications, frame.runs) {
        (1, _) => " · one run".to_owned(),
        (n, Runs::Mean) => format!(" · mean of {}", many(n, "run")),
        (n, Runs::Together) => format!(" · {} together", many(n, "run")),
    };
    if frame.binned {
        runs += &format!(" · bins of {}", scenario.bin);
    }
    let prose = format!("{}: {}", scenario.name, scenario.title);
    let about = fonts::cut(&prose, SUBTITLE, right - left - fonts::width(&runs, SUBTITLE));
    picture.text((left, BASELINE), about + &runs, SUBTITLE, Align::Left);
}

const TAG: Font = Font { size: 13.0, bold: true, colour: theme::WHITE };
/// Within a tag, beside its word.
const PADDING: f64 = 6.0;

/// White words upon a colour; the answer is where it ends.
fn tag(picture: &mut Picture, word: &str, (left, baseline): (f64, f64), colour: Colour) -> f64 {
    let right = left + fonts::width(word, TAG) + 2.0 * PADDING;
    picture.fill(Rect { left, top: baseline - 14.0, right, bottom: baseline + 4.0 }, colour);
    picture.text((left + PADDING, baseline - 0.5), word, TAG, Align::Left);
    right
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

/// A strategy as charts name it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Named<'a> {
    pub name: &'a str,
    pub colour: Colour,
    pub standing: Standing,
}

/// From a dot's left edge to the name behind it, and from the name to the tag.
const DOT: f64 = 17.0;
const BEFORE_TAG: f64 = 8.0;

impl<'a> Named<'a> {
    /// A scenario's strategies, in its order.
    pub(super) fn all(scenario: &'a ScenarioResults) -> Vec<Self> {
        let colours = palette::of(scenario).into_iter().enumerate();
        let alone = scenario.strategies.len() == 1;
        let named = |((place, colour), strategy): ((usize, Colour), &'a StrategyResults)| {
            // Alone, a strategy stands beside nobody.
            let standing = if alone { Standing::Open } else { judge::standing(scenario, place) };
            Self { name: &strategy.name, colour, standing }
        };
        colours.zip(&scenario.strategies).map(named).collect()
    }

    /// The word that marks it, and its colour.
    pub(super) fn mark(&self) -> Option<(&'static str, Colour)> {
        let colour = match self.standing {
            Standing::Recommended => theme::INK,
            Standing::Alike | Standing::Behind | Standing::Stopped => theme::GREY,
            Standing::Refused => theme::FAILED,
            Standing::Open | Standing::Baseline => return None,
        };
        Some((self.standing.word(), colour))
    }

    /// The colour of a frame about what belongs to it, if it is favoured.
    pub(super) fn frame(&self) -> Option<Colour> {
        matches!(self.standing, Standing::Recommended | Standing::Alike)
            .then(|| self.mark())
            .flatten()
            .map(|(_, colour)| colour)
    }

    /// How wide its name and its mark would like to be.
    pub(super) fn width(&self) -> f64 {
        let tag = self.mark().map_or(0.0, |(word, _)| BEFORE_TAG + fonts::width(word, TAG) + 2.0 * PADDING);
        DOT + fonts::width(self.name, theme::NAME) + tag
    }

    /// Draws its colour, its name cut to `room`, and its mark; the baseline starts at (`left`, `baseline`).
    pub(super) fn draw(&self, picture: &mut Picture, (left, baseline): (f64, f64), room: f64) {
        picture.dot((left + 5.0, baseline - 5.5), 5.0, self.colour);
        let tag_room = self.width() - DOT - fonts::width(self.name, theme::NAME);
        let name = fonts::cut_middle(self.name, theme::NAME, room - DOT - tag_room);
        picture.text((left + DOT, baseline), name.as_str(), theme::NAME, Align::Left);
        if let Some((word, colour)) = self.mark() {
            tag(picture, word, (left + DOT + fonts::width(&name, theme::NAME) + BEFORE_TAG, baseline), colour);
        }
    }
}
