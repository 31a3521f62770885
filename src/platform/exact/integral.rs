//! Integrals of several functions at once, to seven digits at least.

/// The nodes of Kronrod's rule of 15 points in [0, 1), from the outermost to 0; every second one is also Gauss's of 7
/// points (Kronrod 1965; the digits are QUADPACK's).
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];
const GAUSS: [f64; 4] =
    [0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_9, 0.417_959_183_673_469_4];

/// The error that is let stand in a panel, as a part of its integral. The rule of 15 points is far more exact than its
/// distance to that of 7 says.
const WITHIN: f64 = 1e-7;

/// How many times a panel is halved at most: what is left then is a step, and narrow.
const HALVINGS: u32 = 40;

/// Adds the integrals over [from, to] to `sums`. `f` writes the functions' values at a point; no end is ever asked for.
/// Errors below `floor` are let stand.
pub(super) fn add(f: &mut dyn FnMut(f64, &mut [f64]), (from, to): (f64, f64), floor: f64, sums: &mut [f64]) {
    let n = sums.len();
    let (mut values, mut gauss, mut kronrod) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut open = vec![(from, to, 0)];
    while let Some((from, to, halvings)) = open.pop() {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        if half.is_nan() || half <= 0.0 {
            continue;
        }
        gauss.fill(0.0);
        kronrod.fill(0.0);
        for (place, node) in NODES.into_iter().enumerate() {
            let sides: &[f64] = if node == 0.0 { &[0.0] } else { &[-1.0, 1.0] };
            for side in sides {
                f(middle + side * node * half, &mut values);
                for (k, value) in values.iter().enumerate() {
                    kronrod[k] += KRONROD[place] * value;
                    if place % 2 == 1 {
                        gauss[k] += GAUSS[place / 2] * value;
                    }
                }
            }
        }
        let near = |(a, b): (&f64, &f64)| (a - b).abs() * half <= WITHIN * (a * half).abs() + floor;
        let done = halvings >= HALVINGS || middle <= from || middle >= to;
        if done || kronrod.iter().zip(&gauss).all(near) {
            sums.iter_mut().zip(&kronrod).for_each(|(sum, mean)| *sum += mean * half);
        } else {
            open.extend([(from, middle, halvings + 1), (middle, to, halvings + 1)]);
        }
    }
}

/// The same over [from, to] in panels that end at `knots`, which are in order. What is much narrower than a panel may be
/// missed: knots must lie about it.
pub(super) fn over(
    f: &mut dyn FnMut(f64, &mut [f64]),
    (from, to): (f64, f64),
    knots: impl Iterator<Item = f64>,
    floor: f64,
    sums: &mut [f64],
) {
    let mut begin = from;
    for end in knots.chain([to]) {
        let end = end.min(to);
        if end > begin {
            add(f, (begin, end), floor, sums);
            begin = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    fn integral(f: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
        let mut sum = [0.0];
        add(&mut |x, out| out[0] = f(x), (from, to), 1e-14, &mut sum);
        sum[0]
    }

    #[test]
    fn polynomials_are_exact_and_the_rest_nearly() {
        assert!((integral(|x| math::pow(x, 20.0), 0.0, 1.0) - 1.0 / 21.0).abs() < 1e-15);
        assert!((integral(math::exp, -1.0, 3.0) - (math::exp(3.0) - math::exp(-1.0))).abs() < 1e-12);
        assert!((integral(|x| (x - 0.3).abs(), 0.0, 1.0) - 0.29).abs() < 1e-9);
        assert!((integral(math::sqrt, 0.0, 1.0) - 2.0 / 3.0).abs() < 1e-8);
        assert!((integral(|x| if x < 0.3 { 0.0 } else { 1.0 }, 0.0, 1.0) - 0.7).abs() < 1e-9);
        assert_eq!(integral(|_| 1.0, 2.0, 2.0), 0.0);
    }

    #[test]
    fn what_is_narrow_is_found_between_its_knots() {
        let mut sum = [0.0];
        let knots = [-1e-3, 0.0, 1e-3].into_iter();
        over(&mut |x, out| out[0] = math::exp(-x * x / 2e-8), (-1.0, 1.0), knots, 1e-14, &mut sum);
        let part = sum[0] / math::sqrt(2e-8 * core::f64::consts::PI);
        assert!((part - 1.0).abs() < 1e-9, "{part}");
    }
}
