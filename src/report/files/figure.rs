//! The one formatter of floating-point numbers in files: the shortest decimal that reads back as the same number,
//! never with an exponent; nothing for what is not a number.

use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};

/// A real number as text, always with a point, so that no reader takes a column of them for whole numbers; empty for an
/// absent value or one that is not finite.
#[must_use]
pub fn figure(value: Option<f64>) -> String {
    let mut text = whole(value);
    if !text.is_empty() && !text.contains('.') {
        text.push_str(".0");
    }
    text
}

/// A whole number as text, without a point.
#[must_use]
pub fn whole(value: Option<f64>) -> String {
    match value {
        // Adding zero turns -0 into 0.
        Some(value) if value.is_finite() => (value + 0.0).to_string(),
        _ => String::new(),
    }
}

/// JSON with two spaces of indentation and numbers by [`figure`].
pub struct Figures(PrettyFormatter<'static>);

impl Default for Figures {
    fn default() -> Self {
        Self(PrettyFormatter::with_indent(b"  "))
    }
}

impl Formatter for Figures {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        // serde_json writes null for what is not finite before it comes here.
        writer.write_all(figure(Some(value)).as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_plain_and_read_back() {
        for (value, text) in
            [(0.1, "0.1"), (-0.0, "0.0"), (3.0, "3.0"), (1e-7, "0.0000001"), (1e21, "1000000000000000000000.0")]
        {
            assert_eq!(figure(Some(value)), text);
            assert_eq!(whole(Some(value)), text.trim_end_matches(".0"));
            assert_eq!(text.parse::<f64>().unwrap(), value);
        }
        assert_eq!(figure(None), "");
        assert_eq!(figure(Some(f64::NAN)), "");
    }
}
