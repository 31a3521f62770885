//! A picture as PNG.
//!
//! Lines are joined round: a sharp join of a dense line would stick out of the data by many times the line's width.

use super::picture::{Align, Mark, Picture, Point};
use super::style::{Colour, Font};
use super::{ChartError, fonts, theme};
use ab_glyph::OutlineCurve;
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// The picture as PNG of a size in pixels.
pub fn png(picture: &Picture, size: (u32, u32)) -> Result<Vec<u8>, ChartError> {
    let map = paint(picture, size)?;
    // Nothing is transparent, so premultiplied colours are the colours.
    let pixels: Vec<u8> = map.data().chunks_exact(4).flat_map(|pixel| pixel.iter().take(3).copied()).collect();
    encode(&pixels, size)
}

/// The picture in pixels.
fn paint(picture: &Picture, (width, height): (u32, u32)) -> Result<Pixmap, ChartError> {
    let missing = || ChartError::Drawing(format!("no room for {width}x{height} pixels"));
    let mut map = Pixmap::new(width, height).ok_or_else(missing)?;
    let Colour(red, green, blue) = theme::WHITE;
    map.fill(Color::from_rgba8(red, green, blue, 0xFF));
    let mut painter = Painter { map, scale: f64::from(width) / picture.width };
    for mark in &picture.marks {
        painter.mark(mark);
    }
    Ok(painter.map)
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

/// Paints marks; what has no extent is not painted.
struct Painter {
    map: Pixmap,
    /// Pixels a unit.
    scale: f64,
}

impl Painter {
    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Area { points, colour } => {
                if let Some(path) = self.path(points, true) {
                    self.fill(&path, *colour);
                }
            }
            Mark::Line { points, colour, width } => self.line(points, *colour, *width),
            Mark::Dot { at, radius, colour } => {
                let (x, y) = self.pixel(*at);
                if let Some(disc) = PathBuilder::from_circle(x, y, (radius * self.scale) as f32) {
                    self.fill(&disc, *colour);
                }
            }
            Mark::Text { at, text, font, align } => self.text(*at, text, *font, *align),
        }
    }

    fn pixel(&self, (x, y): Point) -> (f32, f32) {
        ((x * self.scale) as f32, (y * self.scale) as f32)
    }

    fn path(&self, points: &[Point], closed: bool) -> Option<Path> {
        let mut path = PathBuilder::new();
        for (place, &point) in points.iter().enumerate() {
            let (x, y) = self.pixel(point);
            if place == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if closed {
            path.close();
        }
        path.finish()
    }

    fn line(&mut self, points: &[Point], colour: Colour, width: f64) {
        let width = (width * self.scale).max(1.0) as f32;
        // Rules are sharp: they fill whole pixels.
        if let [from, to] = points
            && (from.0 == to.0 || from.1 == to.1)
        {
            return self.rule(self.pixel(*from), self.pixel(*to), colour, width.round());
        }
        let Some(path) = self.path(points, false) else { return };
        let stroke = Stroke { width, line_join: LineJoin::Round, line_cap: LineCap::Butt, ..Stroke::default() };
        self.map.stroke_path(&path, &paint_of(colour), &stroke, Transform::identity(), None);
    }

    /// A horizontal or vertical line.
    fn rule(&mut self, from: (f32, f32), to: (f32, f32), colour: Colour, width: f32) {
        let edge = |middle: f32| (middle - width / 2.0).round();
        let (left, top) = (from.0.min(to.0), from.1.min(to.1));
        let (right, bottom) = (from.0.max(to.0), from.1.max(to.1));
        let rect = if left == right {
            Rect::from_ltrb(edge(left), top.round(), edge(left) + width, bottom.round())
        } else {
            Rect::from_ltrb(left.round(), edge(top), right.round(), edge(top) + width)
        };
        if let Some(rect) = rect {
            self.map.fill_rect(rect, &paint_of(colour), Transform::identity(), None);
        }
    }

    fn fill(&mut self, path: &Path, colour: Colour) {
        self.map.fill_path(path, &paint_of(colour), FillRule::Winding, Transform::identity(), None);
    }

    fn text(&mut self, at: Point, text: &str, font: Font, align: Align) {
        let shift = match align {
            Align::Left => 0.0,
            Align::Right => 1.0,
            Align::Centre | Align::Upwards => 0.5,
        } * fonts::width(text, font);
        let mut path = PathBuilder::new();
        for (begins, per_unit, outline) in fonts::outlines(text, font) {
            // From the outline's units, whose y goes up, to pixels.
            let place = |point: ab_glyph::Point| {
                let (x, y) = (begins - shift + f64::from(point.x) * per_unit, f64::from(point.y) * per_unit);
                self.pixel(match align {
                    Align::Upwards => (at.0 - y, at.1 - x),
                    _ => (at.0 + x, at.1 - y),
                })
            };
            trace(&mut path, &outline.curves, place);
        }
        if let Some(path) = path.finish() {
            self.fill(&path, font.colour);
        }
    }
}

/// Adds a glyph's curves to a path; a contour ends where the next curve begins elsewhere.
fn trace(path: &mut PathBuilder, curves: &[OutlineCurve], place: impl Fn(ab_glyph::Point) -> (f32, f32)) {
    let mut pen = None;
    for curve in curves {
        let (OutlineCurve::Line(from, to) | OutlineCurve::Quad(from, _, to) | OutlineCurve::Cubic(from, _, _, to)) =
            *curve;
        if pen != Some(from) {
            let (x, y) = place(from);
            path.move_to(x, y);
        }
        let (x, y) = place(to);
        match *curve {
            OutlineCurve::Line(..) => path.line_to(x, y),
            OutlineCurve::Quad(_, control, _) => {
                let (a, b) = place(control);
                path.quad_to(a, b, x, y);
            }
            OutlineCurve::Cubic(_, first, second, _) => {
                let ((a, b), (c, d)) = (place(first), place(second));
                path.cubic_to(a, b, c, d, x, y);
            }
        }
        pen = Some(to);
    }
}

fn paint_of(Colour(red, green, blue): Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 0xFF);
    paint
}
