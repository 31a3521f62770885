//! Drawing: a picture of marks, and how it is painted. Of what charts show it knows nothing.
//!
//! A chart is composed as a [`Picture`] and painted from there as SVG or PNG, so that both show the same.

pub mod axis;
pub mod clock;
pub mod fonts;
pub mod labels;
pub mod picture;
pub mod raster;
pub mod scale;
pub mod size;
pub mod style;
mod svg;
pub mod theme;

use picture::Picture;
pub use size::{Size, SizeError};

/// How a chart is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Svg, Self::Png];

    /// The ending of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// Why a chart could not be drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChartError {
    /// A font that the program carries cannot be read.
    #[error("the fonts of the charts cannot be read")]
    Font,
    /// The picture could not be painted or encoded.
    #[error("drawing failed: {0}")]
    Drawing(String),
}

/// An empty picture of this size.
///
/// # Errors
/// If the fonts cannot be read.
pub fn empty(size: Size) -> Result<Picture, ChartError> {
    fonts::check()?;
    let unit = size.unit();
    let (width, height) = size.pixels();
    Ok(Picture::new(f64::from(width) / unit, f64::from(height) / unit))
}

/// A picture as the content of a file.
///
/// # Errors
/// If painting fails.
pub fn paint(picture: &Picture, format: Format, size: Size) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Svg => svg::svg(picture, size.pixels()),
        Format::Png => raster::png(picture, size.pixels()),
    }
}

/// A picture as an `<svg>` for a page, with this class; where `stretches`, it takes the width that it is given.
///
/// # Errors
/// If painting fails.
pub fn fragment(picture: &Picture, class: &str, stretches: bool) -> Result<String, ChartError> {
    svg::fragment(picture, class, stretches)
}
