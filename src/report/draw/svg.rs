//! A picture as SVG, drawn by plotters; and in words what it shows, for whoever cannot see it.

use super::picture::{Align, Mark, Picture, Point};
use super::style::{Colour, Font};
use super::{ChartError, fonts, theme};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::prelude::{DrawingArea, IntoDrawingArea, RGBColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, ShapeStyle, TextStyle};

/// Plotters counts in whole pixels: it is given a canvas this many times as large, which the view box makes small again.
const FINER: u32 = 10;
/// The backend anchors a text's top so far above its baseline, in em.
const ASCENT: f64 = 0.76;

/// The picture as SVG of a size in pixels.
pub fn svg(picture: &Picture, (width, height): (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut drawn = String::new();
    let (large, scale) = ((width * FINER, height * FINER), f64::from(width * FINER) / picture.width);
    let area = SVGBackend::with_string(&mut drawn, large).into_drawing_area();
    Painter { area, scale }.paint(picture)?;
    // What plotters drew, below a head that also says what it is.
    let body = drawn.split_once('>').map_or("", |(_, body)| body);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         aria-labelledby=\"title desc\" stroke-linejoin=\"round\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>",
        large.0,
        large.1,
        escaped(&picture.title),
        escaped(&picture.description)
    );
    Ok((head + body).into_bytes())
}

/// A page needs no finer lines.
const FINE: u32 = 2;

/// The picture as a part of a page, which says beside it what it shows.
pub fn fragment(picture: &Picture, class: &str, stretches: bool) -> Result<String, ChartError> {
    let (width, height) = (picture.width.ceil() as u32, picture.height.ceil() as u32);
    let mut drawn = String::new();
    let area = SVGBackend::with_string(&mut drawn, (width * FINE, height * FINE)).into_drawing_area();
    Painter { area, scale: f64::from(FINE) }.marks(picture)?;
    let body = drawn.split_once('>').map_or("", |(_, body)| body);
    let stretched = if stretches { " preserveAspectRatio=\"none\"" } else { "" };
    let head = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {} {}\"{stretched} aria-hidden=\"true\">",
        width * FINE,
        height * FINE
    );
    // What is opaque anyway need not say so.
    Ok((head + body).replace(" opacity=\"1\"", "").replace("\n", ""))
}

/// Paints marks.
struct Painter<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    /// Pixels a unit.
    scale: f64,
}

impl Painter<'_> {
    fn paint(&self, picture: &Picture) -> Result<(), ChartError> {
        self.area.fill(&rgb(theme::WHITE)).map_err(failed)?;
        self.marks(picture)
    }

    fn marks(&self, picture: &Picture) -> Result<(), ChartError> {
        for mark in &picture.marks {
            match mark {
                Mark::Area { points, colour } => {
                    self.area.draw(&Polygon::new(self.pixels(points), rgb(*colour).filled())).map_err(failed)?;
                }
                Mark::Line { points, colour, width } => {
                    let stroke: ShapeStyle = rgb(*colour).stroke_width(self.length(*width));
                    self.area.draw(&PathElement::new(self.pixels(points), stroke)).map_err(failed)?;
                }
                Mark::Dot { at, radius, colour } => {
                    let disc = Circle::new(self.pixel(*at), self.length(*radius), rgb(*colour).filled());
                    self.area.draw(&disc).map_err(failed)?;
                }
                Mark::Text { at, text, font, align } => self.text(*at, text, *font, *align)?,
            }
        }
        self.area.present().map_err(failed)
    }

    fn text(&self, at: Point, text: &str, font: Font, align: Align) -> Result<(), ChartError> {
        let rise = ASCENT * font.size;
        let (top, anchor, turn) = match align {
            Align::Left => ((at.0, at.1 - rise), HPos::Left, FontTransform::None),
            Align::Centre => ((at.0, at.1 - rise), HPos::Center, FontTransform::None),
            Align::Right => ((at.0, at.1 - rise), HPos::Right, FontTransform::None),
            Align::Upwards => ((at.0 - rise, at.1), HPos::Center, FontTransform::Rotate270),
        };
        let weight = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let described = FontDesc::new(FontFamily::Name(fonts::FAMILY), font.size * self.scale, weight);
        let colour = rgb(font.colour);
        let style = TextStyle::from(described.transform(turn)).color(&colour).pos(Pos::new(anchor, VPos::Top));
        self.area.draw_text(&printable(text), &style, self.pixel(top)).map_err(failed)
    }

    /// A length in whole pixels, at least one.
    fn length(&self, units: f64) -> u32 {
        (units * self.scale).round().max(1.0) as u32
    }

    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    /// The points in pixels, each once where several fall together.
    fn pixels(&self, points: &[Point]) -> Vec<(i32, i32)> {
        let mut pixels: Vec<_> = points.iter().map(|&point| self.pixel(point)).collect();
        pixels.dedup();
        pixels
    }
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn failed(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}

/// With entities for what XML gives a meaning.
fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Without the characters that XML 1.0 forbids; plotters escapes the rest.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }).collect()
}
