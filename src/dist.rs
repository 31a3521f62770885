//! Laws: distributions of spans, as scenarios write them.
//!
//! Each law turns the random bits of one draw into a span, by the ziggurat method for the exponential and the
//! normal (Marsaglia and Tsang 2000, in the layout of Doornik 2005) over the `libm` crate's functions. Two laws of
//! one shape turn the same bits into the same quantile's neighbourhood, so that versions stay comparable.

mod cdf;

use crate::math;
use crate::time::Span;
use rand::{Rng, RngExt};
use rand_distr::Distribution;
use std::fmt;
use std::sync::LazyLock;

/// The 99th percentile of the standard normal.
const Z99: f64 = 2.326_347_874_040_841;

/// A distribution of spans. Zero is allowed wherever a span stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// Always the same.
    Constant(Span),
    /// Uniform over [low, high].
    Uniform {
        /// The least span.
        low: Span,
        /// The greatest span.
        high: Span,
    },
    /// Exponential: density exp(-x / mean) / mean.
    Exponential {
        /// The mean.
        mean: Span,
    },
    /// Lognormal, given by two percentiles: exp(mu + sigma z), mu = ln p50, sigma = ln(p99 / p50) / 2.326.
    Lognormal(Lognormal),
}

/// A lognormal law of given median and 99th percentile.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lognormal {
    p50: Span,
    p99: Span,
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    /// The law with median `p50` and 99th percentile `p99`; `None` unless 0 < p50 <= p99.
    #[must_use]
    pub fn new(p50: Span, p99: Span) -> Option<Self> {
        let (low, high) = (p50.ns() as f64, p99.ns() as f64);
        (p50 > Span::ZERO && p99 >= p50).then(|| Self {
            p50,
            p99,
            mu: math::ln(low),
            sigma: math::ln(high / low) / Z99,
        })
    }

    /// The span at a standard normal number.
    #[inline(always)]
    fn span(&self, octave: &math::Octave, z: f64) -> Span {
        Span::from_ns_f64(math::quick_exp(octave, self.mu + self.sigma * z))
    }
}

impl Law {
    /// The greatest span below which no draw falls.
    #[must_use]
    pub const fn least(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform { low, .. } => low,
            Self::Exponential { .. } | Self::Lognormal(_) => Span::ZERO,
        }
    }

    /// The mean of the law, in nanoseconds.
    #[must_use]
    pub fn mean_ns(&self) -> f64 {
        match *self {
            Self::Constant(span) => span.ns() as f64,
            Self::Uniform { low, high } => (low.ns() as f64 + high.ns() as f64) / 2.0,
            Self::Exponential { mean } => mean.ns() as f64,
            Self::Lognormal(law) => math::exp(law.mu + law.sigma * law.sigma / 2.0),
        }
    }

    /// Whether every draw is the same.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        match *self {
            Self::Constant(_) => true,
            Self::Uniform { low, high } => low == high,
            Self::Exponential { mean } => mean == Span::ZERO,
            Self::Lognormal(law) => law.p50 == law.p99,
        }
    }

    /// Samples many at once, each span from its own generator: what [`Law::sample`] would make of them, but what does not
    /// depend on the draw is looked up once.
    pub fn sample_each<R: Rng>(&self, spans: &mut [Span], draws: impl Iterator<Item = R>) {
        let pairs = spans.iter_mut().zip(draws);
        match *self {
            Self::Exponential { mean } => {
                let (layers, mean) = (&*EXPONENTIAL_LAYERS, mean.ns() as i64 as f64);
                pairs.for_each(|(span, mut rng)| *span = Span::from_ns_f64(mean * exponential_in(layers, &mut rng)));
            }
            Self::Lognormal(law) => {
                let (layers, octave) = (&*NORMAL_LAYERS, math::octave());
                pairs.for_each(|(span, mut rng)| *span = law.span(octave, normal_in(layers, &mut rng)));
            }
            Self::Constant(_) | Self::Uniform { .. } => {
                pairs.for_each(|(span, mut rng)| *span = self.sample(&mut rng));
            }
        }
    }
}

impl Distribution<Span> for Law {
    #[inline(always)]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform { low, high } => {
                // High word of the product: uniform over [0, high - low] to within 2^-64 of its width.
                let width = u128::from(high.ns() - low.ns()) + 1;
                low + Span::from_ns(((u128::from(rng.next_u64()) * width) >> 64) as u64)
            }
            // Signed, because that conversion is one instruction.
            Self::Exponential { mean } => Span::from_ns_f64(mean.ns() as i64 as f64 * exponential(rng)),
            Self::Lognormal(law) => law.span(math::octave(), normal_in(&NORMAL_LAYERS, rng)),
        }
    }
}

/// What the law says, for people: `0 s to 10 s`, `about 38 ms (p99 210 ms)`.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(span) => write!(f, "{span}"),
            Self::Uniform { low, high } => write!(f, "{low} to {high}"),
            Self::Exponential { mean } => write!(f, "{mean} on average"),
            Self::Lognormal(law) => write!(f, "about {} (p99 {})", law.p50, law.p99),
        }
    }
}

/// Layers of equal area under a decreasing density.
struct Ziggurat {
    /// Right edges, from the base layer's stretched one down to 0.
    x: [f64; LAYERS + 1],
    /// The density at each edge.
    f: [f64; LAYERS + 1],
}

const LAYERS: usize = 256;

/// Where the tail begins and the area of a layer, for 256 layers: Marsaglia and Tsang 2000, section 4.
const NORMAL: (f64, f64) = (3.654_152_885_361_009, 0.004_928_673_233_974_655);
const EXPONENTIAL: (f64, f64) = (7.697_117_470_131_05, 0.003_949_659_822_581_557);

static NORMAL_LAYERS: LazyLock<Ziggurat> =
    LazyLock::new(|| Ziggurat::new(NORMAL, |x| math::exp(-0.5 * x * x), |f| libm::sqrt(-2.0 * math::ln(f))));
static EXPONENTIAL_LAYERS: LazyLock<Ziggurat> =
    LazyLock::new(|| Ziggurat::new(EXPONENTIAL, |x| math::exp(-x), |f| -math::ln(f)));

impl Ziggurat {
    fn new((tail, area): (f64, f64), density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut x = [0.0; LAYERS + 1];
        x[0] = area / density(tail);
        x[1] = tail;
        for i in 2..LAYERS {
            x[i] = inverse(area / x[i - 1] + density(x[i - 1]));
        }
        Self { x, f: x.map(density) }
    }
}

/// 53 random bits as a double in [0, 1).
#[inline]
pub(crate) fn unit(bits: u64) -> f64 {
    // Signed, because that conversion is one instruction.
    (bits >> 11) as i64 as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// A standard normal number.
#[inline(always)]
fn normal_in<R: Rng + ?Sized>(layers: &Ziggurat, rng: &mut R) -> f64 {
    let bits = rng.next_u64();
    let layer = (bits & 0xff) as usize;
    let x = (2.0 * unit(bits) - 1.0) * layers.x[layer];
    if x.abs() < layers.x[layer + 1] { x } else { normal_beyond(rng, layer, x) }
}

/// The rest of the way to a normal number, where the first try fell beyond what its layer has in common with the next.
#[cold]
#[inline(never)]
fn normal_beyond<R: Rng + ?Sized>(rng: &mut R, layer: usize, x: f64) -> f64 {
    if layer == 0 {
        return normal_tail(rng, x < 0.0);
    }
    if under_curve(rng, &NORMAL_LAYERS, layer, math::exp(-0.5 * x * x)) { x } else { normal_in(&NORMAL_LAYERS, rng) }
}

/// A normal number beyond the base layer (Marsaglia 1964).
#[cold]
fn normal_tail<R: Rng + ?Sized>(rng: &mut R, negative: bool) -> f64 {
    let tail = NORMAL.0;
    loop {
        let x = math::ln(open_unit(rng)) / tail;
        let y = math::ln(open_unit(rng));
        if -2.0 * y >= x * x {
            return if negative { x - tail } else { tail - x };
        }
    }
}

/// An exponential number of mean 1.
#[inline(always)]
pub(crate) fn exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    exponential_in(&EXPONENTIAL_LAYERS, rng)
}

#[inline(always)]
fn exponential_in<R: Rng + ?Sized>(layers: &Ziggurat, rng: &mut R) -> f64 {
    let bits = rng.next_u64();
    let layer = (bits & 0xff) as usize;
    let x = unit(bits) * layers.x[layer];
    if x < layers.x[layer + 1] { x } else { exponential_beyond(rng, layer, x) }
}

/// The rest of the way to an exponential number, like [`normal_beyond`].
#[cold]
#[inline(never)]
fn exponential_beyond<R: Rng + ?Sized>(rng: &mut R, layer: usize, x: f64) -> f64 {
    if layer == 0 {
        return EXPONENTIAL.0 - math::ln(open_unit(rng));
    }
    if under_curve(rng, &EXPONENTIAL_LAYERS, layer, math::exp(-x)) { x } else { exponential(rng) }
}

/// Whether a uniform height within the layer's step lies under the density.
fn under_curve<R: Rng + ?Sized>(rng: &mut R, layers: &Ziggurat, layer: usize, density: f64) -> bool {
    let (low, high) = (layers.f[layer], layers.f[layer + 1]);
    low + (high - low) * unit(rng.next_u64()) < density
}

/// A double in (0, 1].
fn open_unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    1.0 - rng.random_range(0..1_u64 << 53) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    fn draws(law: Law, n: u64) -> Vec<f64> {
        let stream = Seed { seed: 7, replication: 3 }.stream("test", "law");
        let mut draws: Vec<f64> = (0..n).map(|i| law.sample(&mut stream.at(i, 0)).ns() as f64).collect();
        draws.sort_by(f64::total_cmp);
        draws
    }

    /// Kolmogorov-Smirnov distance to a distribution function, times sqrt(n): above 1.95 once in a thousand seeds.
    fn ks(law: Law, cdf: impl Fn(f64) -> f64) -> f64 {
        let draws = draws(law, 200_000);
        let n = draws.len() as f64;
        let gap = draws.iter().enumerate().map(|(i, &x)| {
            let p = cdf(x);
            (p - i as f64 / n).abs().max((p - (i as f64 + 1.0) / n).abs())
        });
        gap.fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn exponential_follows_its_law() {
        let d = ks(Law::Exponential { mean: Span::from_s(1000) }, |x| 1.0 - math::exp(-x / 1e12));
        assert!(d < 1.95, "{d}");
    }

    #[test]
    fn lognormal_follows_its_law() {
        let law = Lognormal::new(Span::from_s(38), Span::from_s(210)).unwrap();
        let sigma = math::ln(210.0 / 38.0) / Z99;
        let cdf = |x: f64| 0.5 * libm::erfc(-math::ln(x / 38e9) / sigma / core::f64::consts::SQRT_2);
        let d = ks(Law::Lognormal(law), cdf);
        assert!(d < 1.95, "{d}");
    }

    #[test]
    fn uniform_follows_its_law() {
        let law = Law::Uniform { low: Span::from_s(5), high: Span::from_s(7) };
        let d = ks(law, |x| (x - 5e9) / 2e9);
        assert!(d < 1.95, "{d}");
    }

    #[test]
    fn tails_are_drawn_too() {
        // P(X > 7.7 means) = 4.5e-4 and P(|Z| > 3.65) = 2.6e-4 of a million draws: 453 and 262, give or take 5 sigma.
        let stream = Seed { seed: 1, replication: 0 }.stream("test", "tail");
        let beyond =
            |f: &dyn Fn(&mut crate::random::Draw) -> bool| (0..1_000_000).filter(|&i| f(&mut stream.at(i, 0))).count();
        let exponential_tail = beyond(&|rng| exponential(rng) > EXPONENTIAL.0);
        let normal_tail = beyond(&|rng| normal_in(&NORMAL_LAYERS, rng).abs() > NORMAL.0);
        assert!((350..560).contains(&exponential_tail), "{exponential_tail}");
        assert!((180..345).contains(&normal_tail), "{normal_tail}");
    }

    #[test]
    fn the_layers_close_at_the_top() {
        for (layers, area) in [(&*NORMAL_LAYERS, NORMAL.1), (&*EXPONENTIAL_LAYERS, EXPONENTIAL.1)] {
            let top = layers.x[LAYERS - 1] * (1.0 - layers.f[LAYERS - 1]);
            assert!((top / area - 1.0).abs() < 1e-6, "{top} {area}");
        }
    }

    #[test]
    fn degenerate_laws_are_constant() {
        let law = Law::Lognormal(Lognormal::new(Span::from_s(2), Span::from_s(2)).unwrap());
        assert!(law.is_constant());
        assert!(draws(law, 100).iter().all(|&x| (x - 2e9).abs() < 2.0));
        assert!(draws(Law::Exponential { mean: Span::ZERO }, 100).iter().all(|&x| x == 0.0));
        assert!(Lognormal::new(Span::ZERO, Span::from_s(1)).is_none());
        assert!(Lognormal::new(Span::from_s(2), Span::from_s(1)).is_none());
    }
}
