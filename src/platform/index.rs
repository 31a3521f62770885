//! Places in tables: which of the versions that a strategy runs, and which of the contracts that they speak.

use super::Service;
use crate::ids::{Contract, Version};
use crate::strategy::Strategy;
use std::array;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The most versions that one strategy may run.
pub const MOST_VERSIONS: usize = 8;

/// A number below [`MOST_VERSIONS`]: as an enum, so that `Option` of what holds it takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
enum Nth {
    #[default]
    N0,
    N1,
    N2,
    N3,
    N4,
    N5,
    N6,
    N7,
}

const NTH: [Nth; MOST_VERSIONS] = [Nth::N0, Nth::N1, Nth::N2, Nth::N3, Nth::N4, Nth::N5, Nth::N6, Nth::N7];

/// The place of one `K` among those of a strategy, in order of first use: place 0 is the version that serves before, or its
/// contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place<K>(Nth, PhantomData<K>);

/// The place of a version.
pub type VersionIx = Place<Version>;
/// The place of a contract: of a format, not of the version that speaks it.
pub type ContractIx = Place<Contract>;

impl<K> Place<K> {
    /// The first place.
    pub const FIRST: Self = Self(Nth::N0, PhantomData);

    /// The `n`-th place, from 0; the last where there are fewer.
    #[inline]
    #[must_use]
    pub const fn nth(n: usize) -> Self {
        Self(NTH[if n < MOST_VERSIONS { n } else { MOST_VERSIONS - 1 }], PhantomData)
    }

    /// How many come before it.
    #[inline]
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// The first `n` places.
    pub fn first(n: usize) -> impl Iterator<Item = Self> {
        (0..n.min(MOST_VERSIONS)).map(Self::nth)
    }
}

impl<K> Default for Place<K> {
    fn default() -> Self {
        Self::FIRST
    }
}

/// One thing for each place of a `K`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Each<K, T>([T; MOST_VERSIONS], PhantomData<K>);

/// One thing for each contract and version.
pub type Grid<T> = Each<Contract, Each<Version, T>>;

impl<K, T> Each<K, T> {
    /// What `f` makes of each place.
    pub fn from_fn(mut f: impl FnMut(Place<K>) -> T) -> Self {
        Self(array::from_fn(|n| f(Place::nth(n))), PhantomData)
    }

    /// All of them, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl<K, T: Default> Default for Each<K, T> {
    fn default() -> Self {
        Self::from_fn(|_| T::default())
    }
}

// The remainder changes nothing; it spares the bounds check where the compiler has lost sight of the enum.
impl<K, T> Index<Place<K>> for Each<K, T> {
    type Output = T;

    #[inline(always)]
    fn index(&self, place: Place<K>) -> &T {
        &self.0[place.0 as usize % MOST_VERSIONS]
    }
}

impl<K, T> IndexMut<Place<K>> for Each<K, T> {
    #[inline(always)]
    fn index_mut(&mut self, place: Place<K>) -> &mut T {
        &mut self.0[place.0 as usize % MOST_VERSIONS]
    }
}

/// The versions that a strategy runs, in the order of their turn, and the contracts that they speak, each once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cast {
    versions: List<Version>,
    contracts: List<Contract>,
    spoken: Each<Version, ContractIx>,
}

/// Different things, at most [`MOST_VERSIONS`] and at least one; the places beyond repeat the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct List<K> {
    each: Each<K, K>,
    len: usize,
}

impl<K: Copy + PartialEq> List<K> {
    fn new(things: impl IntoIterator<Item = K>, first: K) -> Self {
        let mut list = Self { each: Each::from_fn(|_| first), len: 1 };
        for thing in things {
            if list.place(thing).is_none() && list.len < MOST_VERSIONS {
                list.each.0[list.len..].fill(thing);
                list.len += 1;
            }
        }
        list
    }

    fn place(&self, thing: K) -> Option<Place<K>> {
        self.each.0[..self.len].iter().position(|&known| known == thing).map(Place::nth)
    }

    fn iter(&self) -> impl Iterator<Item = (Place<K>, K)> {
        self.each.0.into_iter().take(self.len).enumerate().map(|(n, thing)| (Place::nth(n), thing))
    }
}

impl Cast {
    /// Who plays under `strategy`.
    #[must_use]
    pub fn new(service: &Service, strategy: &Strategy) -> Self {
        let from = strategy.deployment.from;
        let versions = List::new(strategy.versions(), from);
        let contract = |version: Version| service.release(version).contract;
        let contracts = List::new(versions.iter().map(|(_, version)| contract(version)), contract(from));
        let spoken = Each::from_fn(|place| contracts.place(contract(versions.each[place])).unwrap_or_default());
        Self { versions, contracts, spoken }
    }

    /// How many versions there are.
    #[must_use]
    pub const fn versions_len(&self) -> usize {
        self.versions.len
    }

    /// How many contracts there are.
    #[must_use]
    pub const fn contracts_len(&self) -> usize {
        self.contracts.len
    }

    /// The versions, with their places.
    pub fn versions(&self) -> impl Iterator<Item = (VersionIx, Version)> {
        self.versions.iter()
    }

    /// The contracts, with their places.
    pub fn contracts(&self) -> impl Iterator<Item = (ContractIx, Contract)> {
        self.contracts.iter()
    }

    /// The version at a place; the last one beyond.
    #[inline]
    #[must_use]
    pub fn version(&self, place: VersionIx) -> Version {
        self.versions.each[place]
    }

    /// The contract at a place; the last one beyond.
    #[inline]
    #[must_use]
    pub fn contract(&self, place: ContractIx) -> Contract {
        self.contracts.each[place]
    }

    /// The contract that the version at a place speaks.
    #[inline]
    #[must_use]
    pub fn spoken(&self, place: VersionIx) -> ContractIx {
        self.spoken[place]
    }

    /// The contract that clients write once they have updated: the last version's.
    #[must_use]
    pub fn updated(&self) -> ContractIx {
        self.spoken[VersionIx::nth(self.versions.len - 1)]
    }

    /// Where `version` is; `None` if the strategy never runs it.
    #[must_use]
    pub fn place(&self, version: Version) -> Option<VersionIx> {
        self.versions.place(version)
    }

    /// Where `contract` is; `None` if no version of the strategy speaks it.
    #[must_use]
    pub fn contract_place(&self, contract: Contract) -> Option<ContractIx> {
        self.contracts.place(contract)
    }

    /// The place of a version that plays.
    #[must_use]
    pub fn place_of(&self, version: Version) -> VersionIx {
        self.place(version).unwrap_or_default()
    }

    /// The place of a contract that one of the versions speaks.
    #[must_use]
    pub fn place_of_contract(&self, contract: Contract) -> ContractIx {
        self.contract_place(contract).unwrap_or_default()
    }

    /// Every pair of a contract and a version, and whether they do not match.
    #[must_use]
    pub fn mismatched(&self) -> Grid<bool> {
        Each::from_fn(|written| Each::from_fn(|run| self.spoken[run] != written))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_costs_nothing() {
        assert_eq!((size_of::<VersionIx>(), size_of::<Option<VersionIx>>()), (1, 1));
        assert_eq!(VersionIx::nth(3).number(), 3);
        assert_eq!(VersionIx::first(3).map(VersionIx::number).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn what_is_the_same_has_one_place() {
        let list = List::new([Contract(2), Contract(1), Contract(3)], Contract(1));
        assert_eq!(list.iter().map(|(_, contract)| contract.0).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(list.place(Contract(3)), Some(ContractIx::nth(2)));
        assert_eq!(list.place(Contract(4)), None);
        assert_eq!(list.each[ContractIx::nth(7)], Contract(3));
    }
}
