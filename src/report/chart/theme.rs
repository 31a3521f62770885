//! The one visual language of all charts: colours, text sizes, and what stands for what.
//!
//! Strategies have the colours of Okabe and Ito ("Color universal design", 2008), versions and mismatches those of Paul
//! Tol ("Colour schemes", SRON/EPS/TN/09-002), so that no colour stands for two things. Both sets stay apart for
//! colour-blind eyes, and nothing is told by colour alone.

use super::style::{Colour, Font};

/// The title: what the chart says.
pub(super) const TITLE: Font = Font { size: 27.0, bold: true, colour: INK };
/// The subtitle: what the chart shows.
pub(super) const SUBTITLE: Font = Font { size: 16.0, bold: false, colour: GREY };
/// A strategy's name.
pub(super) const NAME: Font = Font { size: 16.0, bold: true, colour: INK };
/// A figure or word beside what it belongs to.
pub(super) const LABEL: Font = Font { size: 15.0, bold: false, colour: INK };
/// The same, less loud.
pub(super) const NOTE: Font = Font { size: 15.0, bold: false, colour: GREY };
/// A tick's value.
pub(super) const TICK: Font = Font { size: 14.0, bold: false, colour: GREY };
/// The tick at t = 0.
pub(super) const TICK_ZERO: Font = Font { size: 14.0, bold: true, colour: INK };

/// Text, and the line at t = 0.
pub(super) const INK: Colour = Colour(0x22, 0x22, 0x22);
/// Lesser text.
pub(super) const GREY: Colour = Colour(0x5C, 0x5C, 0x5C);
/// Axes.
pub(super) const AXIS: Colour = Colour(0x9A, 0x9A, 0x9A);
/// The grid.
pub(super) const GRID: Colour = Colour(0xE4, 0xE4, 0xE4);
/// The ground.
pub(super) const WHITE: Colour = Colour(0xFF, 0xFF, 0xFF);

/// A newer event that met older code: the pale red of Tol's "medium contrast".
pub(super) const AHEAD: Colour = Colour(0xEE, 0x99, 0xAA);
/// An older event that met newer code: its dark red.
pub(super) const BEHIND: Colour = Colour(0x99, 0x44, 0x55);

/// What the gateway's nodes do, and the ordinary latency: greys differ from every strategy and version.
pub(super) const FAINT: Colour = Colour(0x88, 0x88, 0x88);

/// Versions: the "muted" colours of Tol, the usual old one light and the new one dark.
const VERSIONS: [Colour; 6] = [
    Colour(0xDD, 0xCC, 0x77),
    Colour(0x33, 0x22, 0x88),
    Colour(0x44, 0xAA, 0x99),
    Colour(0xCC, 0x66, 0x77),
    Colour(0x99, 0x99, 0x33),
    Colour(0x88, 0x22, 0x55),
];

/// Strategies: the colours of Okabe and Ito, without the yellow that white swallows.
const STRATEGIES: [Colour; 7] = [
    Colour(0x00, 0x72, 0xB2),
    Colour(0xE6, 0x9F, 0x00),
    Colour(0x00, 0x9E, 0x73),
    Colour(0xD5, 0x5E, 0x00),
    Colour(0xCC, 0x79, 0xA7),
    Colour(0x56, 0xB4, 0xE9),
    INK,
];

/// The colour of the version at a place of the scenario's list.
pub(super) fn version(place: usize) -> Colour {
    pick(&VERSIONS, place)
}

/// The colour of the strategy at a place of the scenario's list; its name always stands beside it.
pub(super) fn strategy(place: usize) -> Colour {
    pick(&STRATEGIES, place)
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
        let mut colours: Vec<Colour> = (0..20).map(strategy).chain((0..6).map(version)).collect();
        // The seventh strategy is black, and black made darker is black.
        colours.retain(|&colour| colour != INK);
        colours.extend([AHEAD, BEHIND, FAINT]);
        for (place, colour) in colours.iter().enumerate() {
            assert!(!colours[..place].contains(colour), "{colour:?} twice");
        }
    }
}
