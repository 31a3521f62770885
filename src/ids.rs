//! Names of things: versions, contracts and qualifiers.

use std::fmt;

/// Snapshot n of the code, numbered from 1: what `$LATEST` runs, or what a publication made askable by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version(pub u16);

impl Version {
    /// The highest that a scenario may declare.
    pub const HIGHEST: u16 = 999;
}

/// An event format, numbered by the release that introduced it; a higher number is a newer format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Contract(pub u16);

/// What a gateway revision asks for on behalf of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qualifier {
    /// The one mutable copy of the code.
    Latest,
    /// A published version, by its number.
    Number(Version),
    /// The alias `live`; on hosts, the stack that the balancer is switched to.
    Alias,
    /// Whoever stands behind the balancer of hosts.
    Any,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}
