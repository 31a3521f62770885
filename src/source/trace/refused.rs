//! What a user is told of a trace that cannot be replayed.

use super::TraceError;
use crate::shown;
use crate::text::diagnostic::{Diagnostic, Place, Text, quote};
use crate::text::log::Refused;
use crate::text::reader::Item;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// How much of a long line is shown, before and after the place that is wrong.
const SHOWN: usize = 160;

/// Refuses the file at `item`.
pub(super) fn refuse(item: &Item, path: &Path, error: TraceError) -> Refused {
    match error {
        TraceError::Unreadable(error) if error.kind() == ErrorKind::NotFound => item.refuse(
            format!("there is no file {}", quote(&path.to_string_lossy())),
            "write the path of a trace, relative to the scenario's folder",
        ),
        TraceError::Unreadable(error) => item.refuse(
            format!("cannot read {}: {error}", quote(&path.to_string_lossy())),
            "write the path of a trace, relative to the scenario's folder",
        ),
        TraceError::Empty => item.refuse("this trace has no rows", "write the path of a file with rows"),
        TraceError::Changed => item.refuse("this trace changed while it was read", "let nothing write to it"),
        TraceError::Unfit { reason, cure } => item.refuse(reason, cure),
        TraceError::Malformed { line, text, span, reason, cure } => {
            let first_line = usize::try_from(line).unwrap_or(usize::MAX);
            let (content, span) = cut(&text, span);
            let text = Arc::new(Text { name: shown::path(path), content, first_line });
            item.log.add(Diagnostic::new(&Place::new(&text, span), reason, cure))
        }
    }
}

/// The part of a line around the place that is wrong, and where that lies in it.
fn cut(text: &str, span: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    if text.len() <= 3 * SHOWN {
        return (text.to_owned(), span);
    }
    let down = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let begin = down(span.start.min(text.len()).saturating_sub(SHOWN));
    let end = down((span.end.min(span.start + SHOWN) + SHOWN).min(text.len()));
    let (before, after) = (if begin > 0 { "... " } else { "" }, if end < text.len() { " ..." } else { "" });
    let start = span.start - begin + before.len();
    let content = format!("{before}{}{after}", &text[begin..end]);
    let stop = (start + span.len()).min(content.len() - after.len());
    (content, start..stop)
}
