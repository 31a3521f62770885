//! The two sides of a deployment: what is replaced, and what replaces it.

use super::Service;
use crate::ids::Contract;
use crate::strategy::Deployment;
use std::ops::{Index, IndexMut};

/// Which of a deployment's two versions, or of their two contracts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Side {
    /// The one that served before.
    #[default]
    Old,
    /// Its replacement.
    New,
}

impl Side {
    /// The replacement if `new`, else what it replaces.
    #[inline]
    #[must_use]
    pub const fn new(new: bool) -> Self {
        if new { Self::New } else { Self::Old }
    }
}

/// One thing for each side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Both<T>(pub [T; 2]);

impl<T> Both<T> {
    /// What `f` makes of each.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Both<U> {
        Both(self.0.map(f))
    }
}

impl<T> Index<Side> for Both<T> {
    type Output = T;

    #[inline]
    fn index(&self, side: Side) -> &T {
        &self.0[side as usize]
    }
}

impl<T> IndexMut<Side> for Both<T> {
    #[inline]
    fn index_mut(&mut self, side: Side) -> &mut T {
        &mut self.0[side as usize]
    }
}

impl Both<Contract> {
    /// The contracts of a deployment's versions.
    #[must_use]
    pub fn contracts(service: &Service, deployment: &Deployment) -> Self {
        Both([deployment.from, deployment.to]).map(|version| service.release(version).contract)
    }
}
