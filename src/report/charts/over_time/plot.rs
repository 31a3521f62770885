//! One band of one panel on the picture: its grid, its areas and lines, and the marks of actions.

use crate::report::charts::bins::Stretch;
use crate::report::draw::axis::Axis;
use crate::report::draw::picture::{Align, Picture, Point, Rect};
use crate::report::draw::scale::Scale;
use crate::report::draw::style::Colour;
use crate::report::draw::theme;

/// The width of a line.
pub const LINE: f64 = 2.0;

/// A height in every bin, and what is drawn of it; what is no number is left out.
pub struct Area {
    pub heights: Vec<f64>,
    /// What it shows of itself: its heights, less what it stands on.
    pub values: Vec<f64>,
    pub colour: Colour,
    pub form: Form,
}

/// What is drawn of heights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A stepped area above zero or below.
    Filled,
    /// A stepped line.
    Steps,
}

impl Area {
    /// A stepped area.
    pub fn filled(heights: Vec<f64>, colour: Colour) -> Self {
        Self { values: heights.clone(), heights, colour, form: Form::Filled }
    }

    /// A stepped line.
    pub fn steps(heights: Vec<f64>, colour: Colour) -> Self {
        Self { form: Form::Steps, ..Self::filled(heights, colour) }
    }

    /// Whether it shows nothing: an area without height, or a line without a point.
    pub fn is_empty(&self) -> bool {
        self.heights.iter().all(|height| height.is_nan() || (self.form == Form::Filled && *height == 0.0))
    }
}

/// A band where it stands in every panel, and its axis.
#[derive(Clone)]
pub struct Track {
    pub title: String,
    /// From and to, below the top of a panel.
    pub range: (f64, f64),
    pub axis: Axis,
}

/// A band of one panel on the picture.
pub struct Plot {
    rect: Rect,
    x: Scale,
    y: Scale,
}

impl Plot {
    pub fn new(cell: &Rect, band: &Track, times: &Axis) -> Self {
        let rect = Rect { top: cell.top + band.range.0, bottom: cell.top + band.range.1, ..*cell };
        let (x, y) = (times.scale((rect.left, rect.right)), band.axis.scale((rect.bottom, rect.top)));
        Self { rect, x, y }
    }

    pub fn grid(&self, picture: &mut Picture, band: &Track, times: &Axis, labelled: bool) {
        for tick in &times.ticks {
            let x = self.x.at(tick.value);
            picture.line((x, self.rect.top), (x, self.rect.bottom), theme::GRID, 1.0);
        }
        for tick in &band.axis.ticks {
            let y = self.y.at(tick.value);
            picture.line((self.rect.left, y), (self.rect.right, y), theme::GRID, 1.0);
            if labelled {
                picture.text((self.rect.left - 7.0, y + 5.0), tick.label.as_str(), theme::TICK, Align::Right);
            }
        }
    }

    pub fn areas(&self, picture: &mut Picture, stretches: &[Stretch], areas: &[Area]) {
        for area in areas {
            let heights = stretches.iter().zip(&area.heights);
            let bins: Vec<(Stretch, f64)> = heights.map(|(&stretch, &height)| (stretch, height)).collect();
            let gap = |&(_, height): &(Stretch, f64)| height.is_nan() || (area.form == Form::Filled && height == 0.0);
            for run in bins.split(gap).filter(|run| !run.is_empty()) {
                match area.form {
                    Form::Filled => picture.area(self.outline(run), area.colour),
                    Form::Steps => picture.path(self.steps(run), area.colour, LINE),
                }
            }
        }
    }

    /// A line that is level over every bin.
    fn steps(&self, run: &[(Stretch, f64)]) -> Vec<Point> {
        let level = |&((start, end), height): &(Stretch, f64)| {
            let y = self.y.at(height);
            [(self.x.at(start), y), (self.x.at(end), y)]
        };
        let mut points: Vec<Point> = run.iter().flat_map(level).collect();
        // A bin by itself is seen, however narrow it is.
        if let ([first, .., last], true) = (points.as_mut_slice(), run.len() == 1) {
            last.0 = last.0.max(first.0 + 2.0).min(self.rect.right);
        }
        points
    }

    /// The outline of neighbouring bins that are all above or all below zero.
    fn outline(&self, run: &[(Stretch, f64)]) -> Vec<Point> {
        let zero = self.y.at(0.0);
        let mut points = Vec::with_capacity(run.len() * 2 + 2);
        for &((start, end), height) in run {
            // What is there is seen: at least a pixel high and, below, two wide.
            let y = self.y.at(height);
            let y = if height > 0.0 { y.min(zero - 1.0) } else { y.max(zero + 1.0) };
            points.extend([(self.x.at(start), y), (self.x.at(end), y)]);
        }
        let first = points.first().map_or(0.0, |point| point.0);
        if let Some(last) = points.last_mut() {
            last.0 = last.0.max(first + 2.0).min(self.rect.right);
            let last = last.0;
            points.extend([(last, zero), (first, zero)]);
        }
        points
    }

    /// Where a remark is set.
    pub fn middle(&self) -> Point {
        ((self.rect.left + self.rect.right) / 2.0, (self.rect.top + self.rect.bottom) / 2.0 + 5.0)
    }

    /// The zero line, and t = 0.
    pub fn axes(&self, picture: &mut Picture) {
        let zero = self.y.at(0.0);
        picture.line((self.rect.left, zero), (self.rect.right, zero), theme::AXIS, 1.0);
        // Just before what happens at t = 0, so as not to hide it.
        let start = self.x.at(0.0) - 1.0;
        picture.line((start, self.rect.top), (start, self.rect.bottom), theme::INK, 1.0);
    }

    /// A mark above the plot for every action, each a little triangle.
    pub fn actions(&self, picture: &mut Picture, actions: &[f64]) {
        for &at in actions {
            if at <= self.x.values.1 {
                let (x, top) = (self.x.at(at), self.rect.top);
                picture.area(vec![(x - 5.0, top - 7.0), (x + 5.0, top - 7.0), (x, top)], theme::INK);
            }
        }
    }
}
