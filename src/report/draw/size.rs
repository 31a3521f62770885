//! The size of a chart: by name or in pixels.

use std::fmt;
use std::str::FromStr;

/// The size that charts are designed for, in pixels.
const DESIGNED: (u32, u32) = (1280, 720);
/// The least part of a designed pixel that keeps the smallest letters readable: 10 pixels high.
const LEAST_UNIT: f64 = 0.72;
/// From how many pixels to how many a side may have.
const WIDTHS: (u32, u32) = (640, 4_096);
const HEIGHTS: (u32, u32) = (400, 4_096);

/// A size in pixels that charts can be drawn at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    width: u32,
    height: u32,
}

/// Why a text is no size.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SizeError {
    /// It is neither a name nor two numbers.
    #[error("write {names}, or a width and a height in pixels, such as 1600x900", names = names())]
    Unreadable,
    /// A side is too short for letters to be read, or too long.
    #[error(
        "{0}x{1} pixels: the width may be {w0} to {w1}, the height {h0} to {h1}",
        w0 = WIDTHS.0, w1 = WIDTHS.1, h0 = HEIGHTS.0, h1 = HEIGHTS.1
    )]
    OutOfBounds(u32, u32),
}

/// The names of sizes.
const NAMED: [(&str, Size); 3] = [
    ("slide", Size::SLIDE),
    ("document", Size { width: 960, height: 640 }),
    ("poster", Size { width: 3_840, height: 2_160 }),
];

impl Size {
    /// 16 to 9, for a slide.
    pub const SLIDE: Self = Self { width: DESIGNED.0, height: DESIGNED.1 };

    /// A size in pixels.
    ///
    /// # Errors
    /// [`SizeError::OutOfBounds`].
    pub fn new(width: u32, height: u32) -> Result<Self, SizeError> {
        let within = |side: u32, (least, most): (u32, u32)| (least..=most).contains(&side);
        if within(width, WIDTHS) && within(height, HEIGHTS) {
            Ok(Self { width, height })
        } else {
            Err(SizeError::OutOfBounds(width, height))
        }
    }

    /// The width and the height, in pixels.
    pub const fn pixels(self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Pixels a unit: the shorter of the two proportions decides, so that everything finds its place, but letters stay
    /// readable.
    pub fn unit(self) -> f64 {
        let proportion = |side: u32, designed: u32| f64::from(side) / f64::from(designed);
        proportion(self.width, DESIGNED.0).min(proportion(self.height, DESIGNED.1)).max(LEAST_UNIT)
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        if let Some(&(_, size)) = NAMED.iter().find(|&&(name, _)| name == text) {
            return Ok(size);
        }
        let (width, height) = text.split_once(['x', 'X']).ok_or(SizeError::Unreadable)?;
        let side = |text: &str| text.trim().parse::<u32>().map_err(|_| SizeError::Unreadable);
        Self::new(side(width)?, side(height)?)
    }
}

/// The name, or the pixels as in `1600x900`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED.iter().find(|(_, size)| size == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{}x{}", self.width, self.height),
        }
    }
}

fn names() -> String {
    NAMED.map(|(name, size)| format!("{name} ({}x{})", size.width, size.height)).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_name_or_pixels_within_bounds() {
        assert_eq!("slide".parse(), Ok(Size::SLIDE));
        assert_eq!("1600x900".parse(), Size::new(1_600, 900));
        assert_eq!("1600x900".parse::<Size>().map(|size| size.to_string()), Ok("1600x900".to_owned()));
        assert_eq!("639x720".parse::<Size>(), Err(SizeError::OutOfBounds(639, 720)));
        assert_eq!("1280x9000".parse::<Size>(), Err(SizeError::OutOfBounds(1_280, 9_000)));
        for text in ["", "big", "1280", "1280x", "-1x720", "1280x720x3"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError::Unreadable), "{text}");
        }
        let told = SizeError::OutOfBounds(10, 20).to_string();
        assert_eq!(told, "10x20 pixels: the width may be 640 to 4096, the height 400 to 4096");
    }

    #[test]
    fn letters_stay_readable() {
        assert_eq!(Size::SLIDE.unit(), 1.0);
        for (_, size) in NAMED {
            assert!(size.unit() >= LEAST_UNIT && FromStr::from_str(&size.to_string()) == Ok(size));
        }
        assert_eq!(Size::new(640, 400).map(Size::unit), Ok(LEAST_UNIT));
    }
}
