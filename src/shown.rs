//! Paths and words of the user's where a person reads them: what would move a terminal's cursor, change its colours or turn
//! the direction of reading is escaped. Every path that is printed goes through here.

use std::path::Path;

/// A path, in one line and harmless to a terminal.
#[must_use]
pub fn path(path: &Path) -> String {
    words(&path.to_string_lossy())
}

/// Words, in one line and harmless to a terminal.
#[must_use]
pub fn words(words: &str) -> String {
    let mut shown = String::with_capacity(words.len());
    for letter in words.chars() {
        if letter.is_control() || turns_reading(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// The marks that make a text read otherwise than it is written: lines of their own, and directions.
const fn turns_reading(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_letter_is_escaped_and_letters_stay() {
        assert_eq!(words("a\u{1b}[31mb\r\n\u{7}\u{9b}"), "a\\u{1b}[31mb\\r\\n\\u{7}\\u{9b}");
        assert_eq!(words("txt.\u{202e}lmot"), "txt.\\u{202e}lmot");
        assert_eq!(words("Übung – 1 «é».toml"), "Übung – 1 «é».toml");
        assert_eq!(path(Path::new("my runs/\n.toml")), "my runs/\\n.toml");
    }
}
