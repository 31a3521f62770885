//! Scales: where a value falls. Linear, or bent: where values span decades, linear up to a value and logarithmic beyond
//! it, on both sides of zero ("symlog").

use crate::math::log10;

/// A scale is bent if the greatest of what it compares is so many times the least.
const SPAN: f64 = 50.0;

/// The way from values to places on the picture; what lies outside is put on the edge.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scale {
    /// The values at both ends, ascending.
    pub values: (f64, f64),
    /// The places of both ends.
    pub places: (f64, f64),
    /// Up to where it is linear, if it is not so all the way; above zero.
    pub bend: Option<f64>,
}

impl Scale {
    /// The place of a value.
    pub fn at(&self, value: f64) -> f64 {
        let way = |value: f64| self.bend.map_or(value, |bend| bent(value, bend));
        let (low, high) = (way(self.values.0), way(self.values.1));
        let share = if high > low { ((way(value) - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
        self.places.0 + share * (self.places.1 - self.places.0)
    }
}

/// The linear part is as wide as a decade.
fn bent(value: f64, bend: f64) -> f64 {
    if value.abs() <= bend { value } else { bend * (1.0 + log10(value.abs() / bend)) * value.signum() }
}

/// Where a scale for these values bends: at the power of ten at or below the least above zero, if they span decades.
pub fn bend(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let (least, most) = ends(values)?;
    (most > least * SPAN).then(|| crate::math::pow(10.0, (log10(least) + 1e-9).floor()))
}

/// The least value above zero and the greatest.
pub fn ends(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let known = values.filter(|value| *value > 0.0 && value.is_finite());
    Some((known.clone().reduce(f64::min)?, known.reduce(f64::max)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_without_width_is_harmless() {
        let scale = Scale { values: (1.0, 1.0), places: (10.0, 20.0), bend: None };
        assert_eq!(scale.at(5.0), 10.0);
    }

    #[test]
    fn beyond_the_bend_every_decade_has_the_same_room() {
        let scale = Scale { values: (-10.0, 1_000.0), places: (0.0, 400.0), bend: Some(10.0) };
        let places = [-10.0, 0.0, 5.0, 10.0, 100.0, 1_000.0, 9_999.0].map(|value| scale.at(value).round());
        assert_eq!(places, [0.0, 100.0, 150.0, 200.0, 300.0, 400.0, 400.0]);
    }

    #[test]
    fn a_scale_bends_only_for_values_that_span_decades() {
        assert_eq!(bend([0.0, 3.0, 149.0].into_iter()), None);
        assert_eq!(bend([0.0, 3.0, 151.0].into_iter()), Some(1.0));
        assert_eq!(bend([0.0, 20.0, 9e5, f64::NAN].into_iter()), Some(10.0));
        assert_eq!(bend([0.0, -1.0].into_iter()), None);
    }
}
