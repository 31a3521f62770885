//! The one visual language of all charts: colours, text sizes, and what stands for what.
//!
//! Strategies have the colours of `palette`, versions those of Paul Tol ("Colour schemes", SRON/EPS/TN/09-002), and what
//! goes wrong is red, the darker the worse. No colour stands for two things, and nothing is told by colour alone.

use super::style::{Colour, Font};

/// The title: what the chart says.
pub const TITLE: Font = Font { size: 27.0, bold: true, colour: INK };
/// The subtitle: what the chart shows.
pub const SUBTITLE: Font = Font { size: 16.0, bold: false, colour: GREY };
/// A strategy's name.
pub const NAME: Font = Font { size: 16.0, bold: true, colour: INK };
/// A figure or word beside what it belongs to.
pub const LABEL: Font = Font { size: 15.0, bold: false, colour: INK };
/// The same, less loud.
pub const NOTE: Font = Font { size: 15.0, bold: false, colour: GREY };
/// A tick's value.
pub const TICK: Font = Font { size: 14.0, bold: false, colour: GREY };
/// The tick at t = 0.
pub const TICK_ZERO: Font = Font { size: 14.0, bold: true, colour: INK };

/// Text, and the line at t = 0.
pub const INK: Colour = Colour(0x22, 0x22, 0x22);
/// Lesser text.
pub const GREY: Colour = Colour(0x5C, 0x5C, 0x5C);
/// Axes.
pub const AXIS: Colour = Colour(0x9A, 0x9A, 0x9A);
/// The grid.
pub const GRID: Colour = Colour(0xE4, 0xE4, 0xE4);
/// The ground.
pub const WHITE: Colour = Colour(0xFF, 0xFF, 0xFF);

/// A request that failed.
pub const FAILED: Colour = Colour(0xB2, 0x18, 0x2B);
/// A request that was turned away.
pub const THROTTLED: Colour = Colour(0xEF, 0x8A, 0x62);
/// A request that was given up.
pub const EXPIRED: Colour = Colour(0x5A, 0x00, 0x14);
/// What did not belong together and did no harm.
pub const HARMLESS: Colour = Colour(0xF6, 0xC5, 0xC0);

/// Causes of mismatches, in their order: the "light" colours of Tol, and one more.
pub const CAUSES: [Colour; 10] = [
    Colour(0x77, 0xAA, 0xDD),
    Colour(0x99, 0xDD, 0xFF),
    Colour(0x44, 0xBB, 0x99),
    Colour(0xBB, 0xCC, 0x33),
    Colour(0xAA, 0xAA, 0x00),
    Colour(0xEE, 0xDD, 0x88),
    Colour(0xFF, 0xAA, 0xBB),
    Colour(0xEE, 0x88, 0x66),
    Colour(0x44, 0x77, 0xAA),
    Colour(0xDD, 0xDD, 0xDD),
];

/// What is ordinary or lies in the background.
pub const FAINT: Colour = Colour(0x88, 0x88, 0x88);

/// Versions: the "muted" colours of Tol, the usual old one light and the new one dark.
const VERSIONS: [Colour; 6] = [
    Colour(0xDD, 0xCC, 0x77),
    Colour(0x33, 0x22, 0x88),
    Colour(0x44, 0xAA, 0x99),
    Colour(0xCC, 0x66, 0x77),
    Colour(0x99, 0x99, 0x33),
    Colour(0x88, 0x22, 0x55),
];

/// The colour of the version at a place of the scenario's list.
pub fn version(place: usize) -> Colour {
    pick(&VERSIONS, place)
}

/// The colours in turn, every round darker than the one before.
fn pick(colours: &[Colour], place: usize) -> Colour {
    let colour = colours.get(place % colours.len()).copied().unwrap_or(INK);
    let round = (place / colours.len()) as f64;
    colour.mixed(INK, 1.0 - 1.0 / (1.0 + 0.45 * round))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_stands_for_one_thing() {
        let mut colours: Vec<Colour> = (0..12).map(version).collect();
        colours.extend([FAILED, THROTTLED, EXPIRED, HARMLESS, FAINT]);
        colours.extend(CAUSES);
        for (place, colour) in colours.iter().enumerate() {
            assert!(!colours[..place].contains(colour), "{colour:?} twice");
        }
    }
}
