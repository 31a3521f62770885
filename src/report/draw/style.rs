//! Colours and fonts: how a mark looks.

/// Red, green, blue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// As in `#B2182B`.
    pub fn hex(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }

    /// Mixed with another colour, of which `share` is taken.
    pub fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// How a text is set; the size is that of the em.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Font {
    pub size: f64,
    pub bold: bool,
    pub colour: Colour,
}
