//! The one visual language of all charts: colours, text sizes, and what stands for what.
//!
//! Colours are those of Okabe and Ito, which stay apart for colour-blind eyes; they also differ in lightness, and
//! nothing is told by colour alone.

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

/// A newer event that met older code.
pub(super) const AHEAD: Colour = Colour(0xCC, 0x79, 0xA7);
/// An older event that met newer code.
pub(super) const BEHIND: Colour = Colour(0xD5, 0x5E, 0x00);

const ORANGE: Colour = Colour(0xE6, 0x9F, 0x00);
const BLUE: Colour = Colour(0x00, 0x72, 0xB2);
const GREEN: Colour = Colour(0x00, 0x9E, 0x73);
const SKY: Colour = Colour(0x56, 0xB4, 0xE9);
const YELLOW: Colour = Colour(0xF0, 0xE4, 0x42);

/// The colour of the version at a place of the scenario's list: the usual old one is light, the new one dark.
pub(super) fn version(place: usize) -> Colour {
    pick(&[ORANGE, BLUE, GREEN, SKY, YELLOW], place)
}

/// The colour of the strategy at a place of the scenario's list; its name always stands beside it.
pub(super) fn strategy(place: usize) -> Colour {
    pick(&[BLUE, ORANGE, GREEN, BEHIND, AHEAD, SKY, INK], place)
}

fn pick(colours: &[Colour], place: usize) -> Colour {
    colours.get(place % colours.len()).copied().unwrap_or(INK)
}
