//! Where in a row something stands that `where` asks for, and whether it is that.

use super::super::Format;
use super::finder::Finder;
use super::known::Known;
use crate::source::trace::TraceError;
use crate::source::trace::row::Fields;
use std::borrow::Cow;

/// Which rows of a table are read.
pub(in crate::source::trace::format) struct Asked {
    /// What must stand where.
    pub only: Vec<(Place, String)>,
    /// What must not.
    pub never: Option<(Place, String)>,
}

/// Where in a row something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::source::trace::format) enum Place {
    Field(usize),
    /// A word of a request as HTTP has it, `GET /path?query HTTP/1.1`: its place, and which word.
    Method(usize),
    Path(usize),
    Url(usize),
}

impl Place {
    /// What stands there.
    pub fn text<'l>(self, fields: &Fields, line: &'l [u8]) -> Cow<'l, str> {
        let (index, word) = match self {
            Self::Field(index) => return fields.text(line, index),
            Self::Method(index) => (index, 0),
            Self::Path(index) | Self::Url(index) => (index, 1),
        };
        let request = String::from_utf8_lossy(fields.bytes(line, index));
        let word = request.split_whitespace().nth(word).unwrap_or("").to_owned();
        if !matches!(self, Self::Path(_)) {
            return Cow::Owned(word);
        }
        // Without the host, as proxies write it, and without the query.
        let word = word.split(['?', '#']).next().unwrap_or("");
        let path = match word.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => word,
        };
        Cow::Owned(path.to_owned())
    }
}

/// Whether a text is the one that is asked for: `*` is any text, and `2xx` any status from 200 to 299.
pub(in crate::source::trace::format) fn matches(wanted: &str, text: Cow<str>) -> bool {
    if let [class @ b'1'..=b'5', b'x', b'x'] = wanted.as_bytes() {
        return text.len() == 3 && text.as_bytes()[0] == *class && text.bytes().all(|byte| byte.is_ascii_digit());
    }
    let Some((head, rest)) = wanted.split_once('*') else { return text == wanted };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or("");
    for piece in pieces {
        let Some(found) = left.find(piece) else { return false };
        left = &left[found + piece.len()..];
    }
    left.ends_with(last)
}

impl Finder<'_> {
    /// What must stand where for a row to be read, and what must not.
    pub(super) fn asked(&self) -> Result<Asked, TraceError> {
        let (wanted, known) = (self.wanted, self.known);
        let mut only = Vec::new();
        for (column, value) in &wanted.only {
            only.push((self.any_place(column)?, value.clone()));
        }
        if let Some((column, value)) = known.only
            && let Some(index) = self.index(column)
            && !self.is_asked(column)
            && !(known.format == Format::Locust && self.is_asked("Type"))
            && (known.only_surely || self.among_the_first(known.only))
        {
            only.push((Place::Field(index), value.to_owned()));
        }
        let never = known.never.and_then(|(column, value)| Some((Place::Field(self.index(column)?), value.to_owned())));
        Ok(Asked { only, never })
    }

    /// Whether `where` names a column.
    pub(super) fn is_asked(&self, column: &str) -> bool {
        self.wanted.only.iter().any(|(asked, _)| asked.eq_ignore_ascii_case(column))
    }

    /// Whether some of the first rows have this in that column.
    pub(super) fn among_the_first(&self, only: Option<(&str, &str)>) -> bool {
        only.is_some_and(|(column, value)| {
            let index = self.index(column);
            index.is_some_and(|index| self.rows.iter().any(|row| row.get(index).is_some_and(|text| text == value)))
        })
    }

    fn any_place(&self, column: &str) -> Result<Place, TraceError> {
        if let (Some(request), None) = (self.index("request"), self.index(column)) {
            match column {
                "method" => return Ok(Place::Method(request)),
                "path" => return Ok(Place::Path(request)),
                "url" => return Ok(Place::Url(request)),
                _ => {}
            }
        }
        let alike = known_as(self.known, column);
        match self.index(alike) {
            Some(index) if alike != column => Ok(Place::Field(index)),
            _ => self.header.place(column).map(Place::Field),
        }
    }
}

/// What a format calls a column that people call by a plain name.
fn known_as<'a>(known: &Known, column: &'a str) -> &'a str {
    known.alike.iter().find(|(plain, _)| *plain == column).map_or(column, |&(_, own)| own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        let fits = |wanted: &str, text: &'static str| matches(wanted, Cow::Borrowed(text));
        assert!(fits("GET", "GET") && !fits("GET", "GETS") && !fits("GET", "get"));
        assert!(fits("/api/*", "/api/x/y") && fits("/api/*", "/api/") && !fits("/api/*", "/ap"));
        assert!(fits("*.css", "/a.css") && !fits("*.css", "/a.css?x") && fits("*", "") && fits("/*/y*z", "/x/y//z"));
        assert!(!fits("/a*a", "/a") && fits("2xx", "204") && !fits("2xx", "404") && !fits("2xx", "2xx"));
    }
}
