//! A picture as SVG: a mark an element, and in words what it shows, for whoever cannot see it.

use super::picture::{Align, Mark, Picture, Point};
use super::style::{Colour, Font};
use super::{fonts, theme};
use std::fmt::Write;

/// The picture as SVG of a size in pixels.
pub(super) fn svg(picture: &Picture, (width, height): (u32, u32)) -> Vec<u8> {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
         role=\"img\" aria-labelledby=\"title desc\" font-family=\"{}\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        number(picture.width),
        number(picture.height),
        fonts::FAMILY,
        escaped(&picture.title),
        escaped(&picture.description),
        colour(theme::WHITE)
    );
    for mark in &picture.marks {
        text.push_str(&element(mark));
        text.push('\n');
    }
    text.push_str("</svg>\n");
    text.into_bytes()
}

fn element(mark: &Mark) -> String {
    match mark {
        Mark::Area { points: corners, colour: fill } => {
            format!("<polygon fill=\"{}\" points=\"{}\"/>", colour(*fill), points(corners))
        }
        Mark::Line { points: through, colour: stroke, width } => format!(
            "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" points=\"{}\"/>",
            colour(*stroke),
            number(*width),
            points(through)
        ),
        Mark::Dot { at, radius, colour: fill } => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>",
            number(at.0),
            number(at.1),
            number(*radius),
            colour(*fill)
        ),
        Mark::Text { at, text, font, align } => words(*at, text, *font, *align),
    }
}

fn words((x, y): Point, text: &str, font: Font, align: Align) -> String {
    let (x, y) = (number(x), number(y));
    let anchor = match align {
        Align::Left => "start",
        Align::Right => "end",
        Align::Centre | Align::Upwards => "middle",
    };
    let turn = if align == Align::Upwards { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
    let weight = if font.bold { " font-weight=\"bold\"" } else { "" };
    format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"{weight} text-anchor=\"{anchor}\" fill=\"{}\"{turn}>{}</text>",
        number(font.size),
        colour(font.colour),
        escaped(text)
    )
}

fn points(points: &[Point]) -> String {
    let mut text = String::new();
    for (place, &(x, y)) in points.iter().enumerate() {
        let gap = if place == 0 { "" } else { " " };
        // Writing to a string never fails.
        let _ = write!(text, "{gap}{},{}", number(x), number(y));
    }
    text
}

/// A hundredth of a unit is finer than anybody sees.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn colour(Colour(red, green, blue): Colour) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// With entities for what XML gives a meaning, and without the characters that XML 1.0 forbids.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}
