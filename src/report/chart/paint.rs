//! Painting a picture as SVG or PNG, with one painter for both.

use super::picture::{Align, Mark, Picture, Point};
use super::style::{Colour, Font};
use super::{ChartError, fonts, theme};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::prelude::{BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, RGBColor, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, ShapeStyle, TextStyle};

/// A PNG is painted this many times as large and then averaged, for smooth letters and edges.
const OVERSAMPLING: u32 = 2;

/// The picture as SVG of a size in pixels.
pub(super) fn svg(picture: &Picture, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, size);
    // The backend anchors a text's top 0.76 em above its baseline.
    Painter { area: backend.into_drawing_area(), scale: scale(picture, size), ascent: 0.76 }.paint(picture)?;
    Ok(text.into_bytes())
}

/// The picture as PNG of a size in pixels.
pub(super) fn png(picture: &Picture, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let large = (size.0 * OVERSAMPLING, size.1 * OVERSAMPLING);
    let mut pixels = vec![0; large.0 as usize * large.1 as usize * 3];
    let backend = BitMapBackend::with_buffer(&mut pixels, large);
    // The backend anchors a text's top half a line, 0.62 em, above its baseline.
    Painter { area: backend.into_drawing_area(), scale: scale(picture, large), ascent: 0.62 }.paint(picture)?;
    encode(&averaged(&pixels, size), size)
}

/// Pixels a unit.
fn scale(picture: &Picture, size: (u32, u32)) -> f64 {
    f64::from(size.0) / picture.width
}

/// Every square of oversampled pixels made one.
fn averaged(pixels: &[u8], size: (u32, u32)) -> Vec<u8> {
    let step = OVERSAMPLING as usize;
    let row = size.0 as usize * step * 3;
    let mut small = Vec::with_capacity(size.0 as usize * size.1 as usize * 3);
    for rows in pixels.chunks_exact(row * step) {
        for x in 0..size.0 as usize {
            for channel in 0..3 {
                let square = (0..step * step).map(|i| (i / step) * row + (x * step + i % step) * 3 + channel);
                let sum: usize = square.filter_map(|at| rows.get(at)).map(|&value| usize::from(value)).sum();
                small.push((sum / (step * step)) as u8);
            }
        }
    }
    small
}

fn encode(pixels: &[u8], size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let failed = |error: png::EncodingError| ChartError::Drawing(error.to_string());
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// Paints marks on a backend.
struct Painter<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    scale: f64,
    /// How far below a text's anchored top the backend puts its baseline, in em.
    ascent: f64,
}

impl<DB: DrawingBackend> Painter<DB> {
    fn paint(&self, picture: &Picture) -> Result<(), ChartError> {
        self.area.fill(&rgb(theme::WHITE)).map_err(failed)?;
        for mark in &picture.marks {
            match mark {
                Mark::Area { points, colour } => {
                    self.area.draw(&Polygon::new(self.pixels(points), rgb(*colour).filled())).map_err(failed)?;
                }
                Mark::Line { points, colour, width } => {
                    let stroke = self.stroke(*colour, *width);
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
        let rise = self.ascent * font.size;
        let (top, anchor, turn) = match align {
            Align::Left => ((at.0, at.1 - rise), HPos::Left, FontTransform::None),
            Align::Centre => ((at.0, at.1 - rise), HPos::Center, FontTransform::None),
            Align::Right => ((at.0, at.1 - rise), HPos::Right, FontTransform::None),
            Align::Upwards => ((at.0 - rise, at.1), HPos::Center, FontTransform::Rotate270),
        };
        let colour = rgb(font.colour);
        let style = TextStyle::from(fonts::describe(font, self.scale).transform(turn))
            .color(&colour)
            .pos(Pos::new(anchor, VPos::Top));
        self.area.draw_text(&printable(text), &style, self.pixel(top)).map_err(failed)
    }

    fn stroke(&self, colour: Colour, width: f64) -> ShapeStyle {
        rgb(colour).stroke_width(self.length(width))
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

/// Without the characters that XML 1.0 forbids; plotters escapes the rest.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }).collect()
}
