//! Words that are written once, and named by number from then on.

use super::proto::Word;
use std::collections::BTreeMap;

/// Words of one kind, numbered from 1 in the order in which they were first needed.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<String, u64>);

impl Words {
    /// The number of a word.
    pub fn number(&mut self, word: &str) -> u64 {
        if let Some(&number) = self.0.get(word) {
            return number;
        }
        let number = self.0.len() as u64 + 1;
        self.0.insert(word.to_owned(), number);
        number
    }

    /// All of them, in the order of their numbers.
    pub fn all(&self) -> Vec<Word> {
        let mut all: Vec<_> =
            self.0.iter().map(|(word, &number)| Word { iid: Some(number), name: Some(word.clone()) }).collect();
        all.sort_unstable_by_key(|word| word.iid);
        all
    }
}
