//! The fonts: carried along, so that a chart looks the same on every machine and none needs to be installed.

use super::ChartError;
use super::style::Font;
use ab_glyph::{Font as _, FontRef, GlyphId, Outline};
use std::sync::OnceLock;

/// The family as an SVG names it, with what a viewer without it should take instead.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// The regular face and the bold one.
fn faces() -> Option<&'static [FontRef<'static>; 2]> {
    static FACES: OnceLock<Option<[FontRef<'static>; 2]>> = OnceLock::new();
    let read = || {
        let face = |bytes| FontRef::try_from_slice(bytes).ok();
        Some([face(dejavu::sans::regular())?, face(dejavu::sans::bold())?])
    };
    FACES.get_or_init(read).as_ref()
}

/// Whether the fonts can be read.
pub fn check() -> Result<(), ChartError> {
    faces().map(|_| ()).ok_or(ChartError::Font)
}

/// The glyphs of a text from left to right: where each begins in em from the text's beginning, and where the text ends.
fn set(text: &str, face: &FontRef<'static>) -> (Vec<(f64, GlyphId)>, f64) {
    let em = f64::from(face.units_per_em().unwrap_or(1.0));
    let mut glyphs: Vec<(f64, GlyphId)> = Vec::new();
    let mut at = 0.0;
    for letter in text.chars() {
        let glyph = face.glyph_id(letter);
        if let Some(&(_, before)) = glyphs.last() {
            at += f64::from(face.kern_unscaled(before, glyph)) / em;
        }
        glyphs.push((at, glyph));
        at += f64::from(face.h_advance_unscaled(glyph)) / em;
    }
    (glyphs, at)
}

/// The face of a font. A font that cannot be read is reported before anything is composed.
fn face(font: Font) -> Option<&'static FontRef<'static>> {
    faces().map(|[regular, bold]| if font.bold { bold } else { regular })
}

/// The width of a text.
pub fn width(text: &str, font: Font) -> f64 {
    face(font).map_or(0.0, |face| set(text, face).1 * font.size)
}

/// The outlines of a text's glyphs: where each begins, right of the text's beginning; how many units of the outline make
/// one; and the outline, whose y goes up.
pub fn outlines(text: &str, font: Font) -> Vec<(f64, f64, Outline)> {
    let Some(face) = face(font) else { return Vec::new() };
    let per_unit = font.size / f64::from(face.units_per_em().unwrap_or(1.0));
    let glyphs = set(text, face).0.into_iter();
    glyphs.filter_map(|(at, glyph)| Some((at * font.size, per_unit, face.outline(glyph)?))).collect()
}

/// As much of a text as `room` holds, with an ellipsis for the rest.
pub fn cut(text: &str, font: Font, room: f64) -> String {
    if width(text, font) <= room {
        return text.to_owned();
    }
    // Widths grow with length, so the longest prefix that fits is found by halving.
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let shortened = |end: &usize| format!("{}…", text.get(..*end).unwrap_or("").trim_end());
    let fitting = ends.partition_point(|end| width(&shortened(end), font) <= room);
    ends.get(fitting.saturating_sub(1)).map(shortened).unwrap_or_default()
}

/// A text in at most `room`, cut in the middle: names often differ at the end.
pub fn cut_middle(text: &str, font: Font, room: f64) -> String {
    let letters: Vec<char> = text.chars().collect();
    let most = (0..=letters.len()).rev().find(|&kept| width(&middle_out(&letters, kept), font) <= room);
    middle_out(&letters, most.unwrap_or(0))
}

/// So many letters of a text, from its beginning and its end.
pub fn middle_out(letters: &[char], kept: usize) -> String {
    if kept >= letters.len() {
        return letters.iter().collect();
    }
    let (head, tail) = (kept.div_ceil(2), letters.len() - kept / 2);
    letters[..head].iter().chain(&['…']).chain(&letters[tail..]).collect()
}
