//! A table's header and first rows, in which its columns are looked for.

use super::super::{Found, Wanted};
use super::header::Header;
use super::known::Known;
use super::names::plain;
use crate::source::trace::row::is_empty;
use std::borrow::Cow;

/// Where the numbers of requests are.
pub(super) enum Numbers {
    /// A row is a request.
    None,
    /// The sum of these columns.
    Sum(Vec<usize>),
    /// This column has all requests so far.
    SoFar(usize),
    /// Every column from one to another is a bin.
    Wide(usize, usize),
}

/// A table's header, a few of its rows, and what is known of it.
pub(super) struct Finder<'a> {
    pub wanted: &'a Wanted,
    pub known: &'a Known,
    pub header: &'a Header,
    /// The fields of the first rows.
    pub rows: &'a [Vec<String>],
    pub found: Found,
}

impl Finder<'_> {
    /// What stands in a column of the rows that are looked at, where something does.
    pub(super) fn texts(&self, index: usize) -> Vec<Cow<'_, str>> {
        let texts = self.rows.iter().filter_map(|row| row.get(index));
        texts.filter(|text| !is_empty(text.as_bytes())).map(|text| Cow::Borrowed(text.as_str())).collect()
    }

    /// The place of a column that is known to be there, or may be.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.header.index(name)
    }

    /// The first column with one of these names, of which the first counts most.
    pub(super) fn named(&self, names: &[&str]) -> Option<usize> {
        let columns: Vec<_> = self.header.names.iter().map(|name| plain(name)).collect();
        names.iter().find_map(|name| columns.iter().position(|column| column == name))
    }
}
