//! Where in a row something stands that `where` asks for, and whether it is that.

use crate::source::trace::row::Fields;
use std::borrow::Cow;

/// Where in a row something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
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
pub(super) fn matches(wanted: &str, text: Cow<str>) -> bool {
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
