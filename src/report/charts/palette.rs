//! The colours of strategies: one a name, in every scenario.
//!
//! The names that everybody uses have the colours of Okabe and Ito ("Color universal design", 2008), which stay apart for
//! colour-blind eyes. Any other name has a dark or a pale one of them: that of the well-known name that it contains
//! (`canary-slow`), else one chosen by its hash. Where two names of a scenario would share one, the later in the alphabet
//! takes the next that is free. A strategy's name always stands beside its colour.

use crate::report::draw::style::Colour;
use crate::report::draw::theme::{INK, WHITE};
use crate::results::ScenarioResults;

/// The well-known names; the last is that of doing nothing.
const KNOWN: [(&str, Colour); 7] = [
    ("gateway-first", Colour(0x56, 0xB4, 0xE9)),
    ("latest", Colour(0x00, 0x72, 0xB2)),
    ("pinned", Colour(0xE6, 0x9F, 0x00)),
    ("alias", Colour(0x00, 0x9E, 0x73)),
    ("canary", Colour(0xD5, 0x5E, 0x00)),
    ("linear", Colour(0xCC, 0x79, 0xA7)),
    ("none", INK),
];
/// Those of them that have hues.
const HUES: usize = KNOWN.len() - 1;
/// Dark and pale: with what each hue is mixed, and how much.
const SHADES: [(Colour, f64); 2] = [(INK, 0.5), (WHITE, 0.42)];

/// The colours of a scenario's strategies, in their order.
pub(super) fn of(scenario: &ScenarioResults) -> Vec<Colour> {
    assign(&scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect::<Vec<_>>())
}

/// The colours of names, which are all different.
fn assign(names: &[&str]) -> Vec<Colour> {
    let mut colours = vec![None; names.len()];
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&place| (known(names[place]).is_none(), names[place]));
    for place in order {
        let wanted = known(names[place]).map_or_else(|| candidates(names[place]), |colour| vec![colour]);
        let free = wanted.iter().find(|colour| !colours.contains(&Some(**colour)));
        colours[place] = free.or(wanted.first()).copied();
    }
    colours.into_iter().map(|colour| colour.unwrap_or(INK)).collect()
}

fn known(name: &str) -> Option<Colour> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|&(_, colour)| colour)
}

/// The colours that a name would like to have, the dearest first: the shades of its hue, the other shades, and at last
/// the well-known hues themselves, and shades between.
fn candidates(name: &str) -> Vec<Colour> {
    let hash = blake3::hash(name.as_bytes());
    let drawn = usize::from(hash.as_bytes()[0]) % (HUES * SHADES.len());
    let own = KNOWN[..HUES].iter().position(|(known, _)| name.contains(known));
    let first = own.unwrap_or(drawn % HUES);
    let hue = |turn: usize| KNOWN[(first + turn) % HUES].1;
    let mut candidates = Vec::new();
    for turn in 0..HUES {
        for shade in 0..SHADES.len() {
            let (with, share) = SHADES[(shade + drawn / HUES) % SHADES.len()];
            candidates.push(hue(turn).mixed(with, share));
        }
    }
    candidates.extend((0..HUES).map(hue));
    for darker in 1..=4 {
        candidates.extend((0..HUES).map(|turn| hue(turn).mixed(INK, 0.15 * f64::from(darker))));
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_colour_whatever_stands_beside_it_and_in_whatever_order() {
        let alone = |name| assign(&[name])[0];
        for names in [["latest", "pinned", "slow-road"], ["slow-road", "alias", "latest"], ["none", "slow-road", "x"]] {
            assert_eq!(assign(&names), names.map(alone));
        }
        assert_eq!(alone("canary-slow"), alone("my-canary"), "alone, both are a kind of canary");
        let [a, b] = assign(&["canary-slow", "my-canary"])[..] else { panic!("two") };
        assert!(a != b && a == alone("canary-slow"));
        assert_eq!(assign(&["my-canary", "canary-slow"]), [b, a]);
    }

    #[test]
    fn no_colour_stands_for_two_strategies() {
        let names: Vec<String> = (0..16).map(|i| format!("strategy-{i}")).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.extend(KNOWN.map(|(name, _)| name));
        let colours = assign(&names);
        for (place, colour) in colours.iter().enumerate() {
            assert!(!colours[..place].contains(colour), "{} shares {colour:?}", names[place]);
        }
    }
}
