//! The rows of a table: a line each, or several where a quoted field goes on.

use crate::source::trace::TraceError;
use crate::source::trace::file::{Line, Lines};
use crate::source::trace::row::{Dialect, Fields, Torn};

/// So often a row is looked for in the lines after the one that it begins in, and not found.
const PATIENCE: u32 = 100;

/// Takes rows apart.
pub(in crate::source::trace::format) struct Rows {
    dialect: Dialect,
    /// The fields of the row that was handed out last.
    pub fields: Fields,
    patience: u32,
}

impl Rows {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, fields: Fields::default(), patience: PATIENCE }
    }

    /// The next row, and what is wrong where it cannot be taken apart; `None` at the end.
    pub fn next<'l>(&mut self, lines: &'l mut Lines) -> Result<Option<(Line<'l>, Option<Torn>)>, TraceError> {
        let Some(line) = lines.next()? else { return Ok(None) };
        let length = line.bytes.len();
        if line.cut {
            return Ok(Some((lines.whole(), Some(Torn::too_long(length)))));
        }
        let mut torn = self.fields.split(line.bytes, self.dialect).err();
        if torn.as_ref().is_some_and(|torn| torn.open) && self.patience > 0 {
            while torn.as_ref().is_some_and(|torn| torn.open) {
                let Some(line) = lines.longer()? else { break };
                torn = self.fields.split(line.bytes, self.dialect).err();
            }
            if torn.is_some() {
                // One quote too many must not swallow what comes after it.
                self.patience -= 1;
                let line = lines.again(length);
                let torn = self.fields.split(line.bytes, self.dialect).err();
                return Ok(Some((line, torn)));
            }
        }
        Ok(Some((lines.whole(), torn)))
    }
}
