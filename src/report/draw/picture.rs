//! A picture as a list of marks: charts compose it, and it is painted in any format afterwards.
//!
//! Its units are pixels of a chart of 1280 x 720; other sizes scale as a whole.

use super::style::{Colour, Font};
use super::{fonts, theme};

/// Where a text stands relative to its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Centre,
    Right,
    /// Centred on the point and turned to read upwards.
    Upwards,
}

/// A point, x to the right and y down.
pub type Point = (f64, f64);

/// A rectangle by its edges.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    /// From left to right.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// From top to bottom.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// One thing painted.
#[derive(Clone, PartialEq, Debug)]
pub enum Mark {
    /// A closed shape, filled.
    Area { points: Vec<Point>, colour: Colour },
    /// An open line.
    Line { points: Vec<Point>, colour: Colour, width: f64 },
    /// A disc.
    Dot { at: Point, radius: f64, colour: Colour },
    /// A text whose baseline is at the point.
    Text { at: Point, text: String, font: Font, align: Align },
}

#[cfg(test)]
impl Mark {
    /// From where to where it reaches, left to right.
    pub fn reach(&self) -> (f64, f64) {
        let around = |points: &[Point], out: f64| {
            let xs = points.iter().map(|point| point.0);
            (xs.clone().fold(f64::INFINITY, f64::min) - out, xs.fold(f64::NEG_INFINITY, f64::max) + out)
        };
        match self {
            Self::Area { points, .. } => around(points, 0.0),
            Self::Line { points, width, .. } => around(points, width / 2.0),
            Self::Dot { at, radius, .. } => around(&[*at], *radius),
            Self::Text { at, text, font, align } => {
                let width = fonts::width(text, *font);
                match align {
                    Align::Left => (at.0, at.0 + width),
                    Align::Right => (at.0 - width, at.0),
                    Align::Centre => (at.0 - width / 2.0, at.0 + width / 2.0),
                    Align::Upwards => (at.0 - font.size, at.0),
                }
            }
        }
    }
}

/// Marks, painted in their order.
#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    pub width: f64,
    pub height: f64,
    /// What it says, in words.
    pub title: String,
    /// What it shows, for whoever cannot see it.
    pub description: String,
    pub marks: Vec<Mark>,
}

impl Picture {
    /// An empty picture.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, title: String::new(), description: String::new(), marks: Vec::new() }
    }

    /// Fills a shape.
    pub fn area(&mut self, points: Vec<Point>, colour: Colour) {
        self.marks.push(Mark::Area { points, colour });
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, rect: Rect, colour: Colour) {
        let Rect { left, top, right, bottom } = rect;
        self.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], colour);
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: Point, to: Point, colour: Colour, width: f64) {
        self.marks.push(Mark::Line { points: vec![from, to], colour, width });
    }

    /// Draws an open line through points.
    pub fn path(&mut self, points: Vec<Point>, colour: Colour, width: f64) {
        self.marks.push(Mark::Line { points, colour, width });
    }

    /// Draws a disc.
    pub fn dot(&mut self, at: Point, radius: f64, colour: Colour) {
        self.marks.push(Mark::Dot { at, radius, colour });
    }

    /// Sets a text with its baseline at a point.
    pub fn text(&mut self, at: Point, text: impl Into<String>, font: Font, align: Align) {
        self.marks.push(Mark::Text { at, text: text.into(), font, align });
    }

    /// Sets a text upon a white ground, so that no line strikes it through.
    pub fn grounded(&mut self, at: Point, text: &str, font: Font, align: Align) {
        let width = fonts::width(text, font) + 4.0;
        let left = match align {
            Align::Left => at.0 - 2.0,
            Align::Right => at.0 + 2.0 - width,
            Align::Centre | Align::Upwards => at.0 - width / 2.0,
        };
        let ground = Rect { left, top: at.1 - font.size, right: left + width, bottom: at.1 + font.size * 0.3 };
        self.fill(ground, theme::WHITE);
        self.text(at, text, font, align);
    }

    /// Sets a text in at most `room`, cut with an ellipsis if need be.
    pub fn fitted(&mut self, at: Point, text: &str, font: Font, align: Align, room: f64) {
        self.text(at, fonts::cut(text, font, room), font, align);
    }
}
