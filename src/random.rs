//! Random streams named by purpose and entity (guarantee G3, common random numbers).
//!
//! A draw is a pure function of (seed, replication, purpose, entity, two coordinates): nothing is consumed, so a
//! draw that is not needed may be skipped without moving any other, and two strategies that differ in everything
//! else still face the same chance. The purpose and the entity's name are hashed once, when a [`Stream`] is made;
//! a draw then costs one multiplication and SplitMix64's mixing function (Steele, Lea and Flood, "Fast splittable
//! pseudorandom number generators", OOPSLA 2014, with Stafford's constants, variant 13).
//!
//! Arrivals are long sequences of which every number is used once; they come from [`sequence`], Xoshiro256++.

use rand::SeedableRng;
use rand::rand_core::{Infallible, TryRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Odd multipliers that spread a draw's coordinates over the 64-bit ring: 2^64 divided by the golden ratio, and two
/// more without structure in common with it (Steele and Vigna, "Computationally easy, spectrally good multipliers",
/// 2022).
const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xd134_2543_de82_ef95;
const FURTHER: u64 = 0xf135_7aea_2e62_a9c5;

/// What identifies the chance of one replication.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The seed of the whole batch.
    pub seed: u64,
    /// The replication's number, from 0.
    pub replication: u64,
}

/// The draws of one purpose and entity, addressed by two coordinates.
#[derive(Clone, Copy, Debug)]
pub struct Stream(u64);

/// A generator for one draw. Its first output is the draw's 64 random bits; a law that needs more takes more.
#[derive(Clone, Copy, Debug)]
pub struct Draw(u64);

impl Seed {
    /// The stream for `purpose`, `entity`: for instance `("service", "web")`.
    #[must_use]
    pub fn stream(self, purpose: &str, entity: &str) -> Stream {
        let hash = self.hash(purpose, entity);
        let mut word = [0; 8];
        word.copy_from_slice(&hash.as_bytes()[..8]);
        Stream(u64::from_le_bytes(word))
    }

    fn hash(self, purpose: &str, entity: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&self.replication.to_le_bytes());
        // Lengths first, so that no two pairs of names run together into the same bytes.
        for name in [purpose, entity] {
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
        }
        hasher.finalize()
    }
}

/// A sequential generator for `purpose`, `entity`.
#[must_use]
pub fn sequence(seed: Seed, purpose: &str, entity: &str) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::from_seed(*seed.hash(purpose, entity).as_bytes())
}

impl Stream {
    /// The generator for the draw at (`a`, `b`): for a request's draw, (index, attempt).
    #[inline]
    #[must_use]
    pub const fn at(self, a: u64, b: u64) -> Draw {
        Draw(self.0.wrapping_add(a.wrapping_mul(FIRST)).wrapping_add(b.wrapping_mul(SECOND)))
    }

    /// The 64 random bits of the draw at (`a`, `b`).
    #[inline]
    #[must_use]
    pub const fn bits(self, a: u64, b: u64) -> u64 {
        mix(self.at(a, b).0)
    }

    /// A whole number below `n`, of the draw at (`a`, `b`): the high word of the product with the bits (Lemire
    /// 2019, without the rejection: its bias is n / 2^64).
    #[inline]
    #[must_use]
    pub const fn below(self, n: u32, a: u64, b: u64) -> u32 {
        self.at(a, b).below(n)
    }
}

impl Draw {
    /// A whole number below `n`: see [`Stream::below`].
    #[inline]
    #[must_use]
    pub const fn below(self, n: u32) -> u32 {
        ((mix(self.0) as u128 * n as u128) >> 64) as u32
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let bits = mix(self.0);
        self.0 = self.0.wrapping_add(FURTHER);
        Ok(bits)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    const SEED: Seed = Seed { seed: 1, replication: 0 };

    #[test]
    fn a_draw_is_a_pure_function_of_its_key() {
        let stream = SEED.stream("service", "web");
        assert_eq!(stream.bits(7, 0), SEED.stream("service", "web").bits(7, 0));
        assert_eq!(stream.bits(7, 0), stream.at(7, 0).next_u64());
        let others = [
            stream.bits(8, 0),
            stream.bits(7, 1),
            SEED.stream("service", "api").bits(7, 0),
            SEED.stream("node", "web").bits(7, 0),
            Seed { replication: 1, ..SEED }.stream("service", "web").bits(7, 0),
            Seed { seed: 2, ..SEED }.stream("service", "web").bits(7, 0),
        ];
        assert!(others.iter().all(|&bits| bits != stream.bits(7, 0)));
    }

    #[test]
    fn names_do_not_run_together() {
        assert_ne!(SEED.stream("ab", "c").bits(0, 0), SEED.stream("a", "bc").bits(0, 0));
    }

    #[test]
    fn whole_numbers_cover_their_range_evenly() {
        // 80,000 draws over 8 cells: chi-square with 7 degrees of freedom exceeds 24.3 once in a thousand seeds.
        let stream = SEED.stream("node", "web");
        let mut cells = [0_u32; 8];
        for index in 0..80_000 {
            cells[stream.below(8, index, 0) as usize] += 1;
        }
        let chi2: f64 = cells.iter().map(|&n| (f64::from(n) - 1e4) * (f64::from(n) - 1e4) / 1e4).sum();
        assert!(chi2 < 24.3, "chi-square {chi2}");
    }
}
