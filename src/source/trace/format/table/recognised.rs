//! Which kind of table a file is, by its header and its first rows.

use super::super::{Format, Sample};
use super::header::Header;
use super::known::{CSV, KNOWN, Known, TIMELESS};
use super::names::is_plain_name;
use crate::source::trace::TraceError;
use crate::source::trace::row::{Fields, amount, is_empty};

/// The table of a format, of which there may be several kinds.
pub(super) fn of_format(format: Format, sample: &Sample) -> Result<(&'static Known, Header), TraceError> {
    let mut kinds = KNOWN.iter().filter(|known| known.format == format).peekable();
    let mut refused = None;
    while let Some(known) = kinds.next() {
        let header = Header::of(known, sample)?;
        if known.signs.iter().all(|sign| header.index(sign).is_some()) {
            return Ok((known, header));
        }
        if kinds.peek().is_none() {
            let signs: Vec<_> = known.signs.iter().map(|sign| format!("`{sign}`")).collect();
            let reason = format!("this is no header of the format {}: that has {}", format.name(), signs.join(", "));
            refused = Some(header.refuse(reason, "drop `format`, and it is guessed; or name the file that has it"));
        }
    }
    Err(refused.unwrap_or(TraceError::Empty))
}

/// The table that the first lines look most like.
pub(super) fn guessed(sample: &Sample) -> Result<(&'static Known, Header), TraceError> {
    let header = Header::of(&CSV, sample)?;
    let has = |known: &&Known| {
        !known.signs.is_empty() && known.signs.iter().all(|sign| header.names.iter().any(|name| name == sign))
    };
    for (signs, what, cure) in TIMELESS {
        if signs.iter().all(|sign| header.names.iter().any(|name| name == sign)) && header.index("offset").is_none() {
            return Err(header.refuse(format!("these are {what}"), cure));
        }
    }
    // Grafana's `Time` alone is a name that others use too: its other columns must all be numbers, and more than one name.
    let mut fields = Fields::default();
    let mut numeric = || {
        let comma = header.dialect.delimiter != b',';
        header.names.first().is_some_and(|name| name == "Time")
            && header.names.len() > 1
            && !header.names[1..].iter().any(|name| is_plain_name(name))
            && sample.lines.iter().filter(|(number, _)| *number > header.line().0).all(|(_, line)| {
                let split = fields.split(line, header.dialect).is_ok();
                if fields.bytes(line, 0) == b"Time" {
                    return true;
                }
                let number = |index| {
                    let text = fields.text(line, index);
                    is_empty(text.as_bytes())
                        || amount(&text, comma).is_some()
                        || header.names.get(index).is_some_and(|name| text == *name)
                };
                split && (1..fields.len()).all(number)
            })
    };
    let known = KNOWN.iter().filter(has).find(|known| !known.all_others || numeric()).unwrap_or(&CSV);
    Ok((known, header))
}
