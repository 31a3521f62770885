//! The mistakes found in one scenario, and the proof that a value was refused with a reason.

use super::diagnostic::{Diagnostic, Place};
use super::document::Damage;
use std::cell::RefCell;
use std::sync::Arc;

/// Something was refused, and the log says why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

/// A checked value, unless it was refused.
pub(crate) type Checked<T> = Result<T, Refused>;

/// The mistakes found in one scenario.
#[derive(Debug)]
pub(crate) struct Log {
    damage: Damage,
    found: RefCell<Vec<Diagnostic>>,
    notes: RefCell<Vec<String>>,
}

impl Log {
    /// A log that begins with the document's syntax errors and keeps quiet about their echoes.
    pub fn new(faults: Vec<Diagnostic>, damage: Damage) -> Self {
        Self { damage, found: RefCell::new(faults), notes: RefCell::new(Vec::new()) }
    }

    /// Puts down what a user should know though it is no mistake.
    pub fn note(&self, note: String) {
        self.notes.borrow_mut().push(note);
    }

    /// Puts down a mistake in another text.
    pub fn add(&self, diagnostic: Diagnostic) -> Refused {
        self.found.borrow_mut().push(diagnostic);
        Refused
    }

    /// Puts down what is wrong with `at`, and what would mend it.
    pub fn refuse(&self, at: &Place, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        if self.damage.covers(at) { Refused } else { self.add(Diagnostic::new(at, reason, cure)) }
    }

    /// Puts down that something is missing in `at`.
    pub fn missing(&self, at: &Place, reason: impl Into<String>, cure: impl Into<String>) -> Refused {
        // In a damaged text it may well be there.
        if self.damage.any() { Refused } else { self.refuse(at, reason, cure) }
    }

    /// The notes, if there was no mistake.
    ///
    /// # Errors
    /// The mistakes: those about the document as a whole, then in its order, then those in other texts.
    pub fn close(self) -> Result<Vec<String>, Vec<Diagnostic>> {
        let mut found = self.found.into_inner();
        if found.is_empty() {
            return Ok(self.notes.into_inner());
        }
        found.sort_by_key(|diagnostic| {
            let place = diagnostic.place();
            let foreign = !Arc::ptr_eq(place.text(), self.damage.text());
            (foreign, place.span().filter(|_| !foreign).map(|span| span.start))
        });
        Err(found)
    }
}

/// Every value, unless one was refused; all are read before the first refusal counts.
pub(crate) fn all<T>(values: impl Iterator<Item = Checked<T>>) -> Checked<Vec<T>> {
    values.collect::<Vec<_>>().into_iter().collect()
}
