//! The fonts: carried along, so that a chart looks the same on every machine and none needs to be installed.

use super::ChartError;
use super::style::Font;
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::OnceLock;

/// The family as an SVG names it, with what a viewer without it should take instead.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// plotters sizes a font by its line height and takes this much of the em for it.
const LINE_PER_EM: f64 = 1.24;

/// Makes the fonts known to plotters, once.
pub(super) fn register() -> Result<(), ChartError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok()
            && register_font(FAMILY, FontStyle::Bold, dejavu::sans::bold()).is_ok()
    });
    if *done { Ok(()) } else { Err(ChartError::Font) }
}

/// A font as plotters wants it, at `scale` pixels a unit.
pub(super) fn describe(font: Font, scale: f64) -> FontDesc<'static> {
    let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), font.size * LINE_PER_EM * scale, style)
}

/// The width of a text.
pub(super) fn width(text: &str, font: Font) -> f64 {
    // plotters measures in whole pixels, so it measures large letters. A font that cannot be read is reported by
    // whoever paints with it; until then two thirds of the em are a fair guess.
    const ENLARGED: f64 = 16.0;
    match describe(font, ENLARGED).box_size(text) {
        Ok((width, _)) => f64::from(width) / ENLARGED,
        Err(_) => text.chars().count() as f64 * font.size * 2.0 / 3.0,
    }
}

/// As much of a text as `room` holds, with an ellipsis for the rest.
pub(super) fn cut(text: &str, font: Font, room: f64) -> String {
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
pub(super) fn cut_middle(text: &str, font: Font, room: f64) -> String {
    let letters: Vec<char> = text.chars().collect();
    let most = (0..=letters.len()).rev().find(|&kept| width(&middle_out(&letters, kept), font) <= room);
    middle_out(&letters, most.unwrap_or(0))
}

/// So many letters of a text, from its beginning and its end.
pub(super) fn middle_out(letters: &[char], kept: usize) -> String {
    if kept >= letters.len() {
        return letters.iter().collect();
    }
    let (head, tail) = (kept.div_ceil(2), letters.len() - kept / 2);
    letters[..head].iter().chain(&['…']).chain(&letters[tail..]).collect()
}
