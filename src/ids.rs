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

/// The name of a queue or a stream, of at most 40 letters, digits and hyphens, held in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    bytes: [u8; 40],
    len: u8,
}

impl Name {
    /// This name; what is longer than a name may be is cut off.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let len = (0..=name.len().min(40)).rev().find(|&len| name.is_char_boundary(len)).unwrap_or(0);
        let mut bytes = [0; 40];
        bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
        // At most 40.
        Self { bytes, len: len as u8 }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
