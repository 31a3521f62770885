//! The lines of a file, through a small buffer, from any place on.

use super::TraceError;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 16;
/// How long a line may be, in bytes: enough for a column a second of a day.
const LONGEST: usize = 1 << 20;

/// The lines still to come. It reads at places of its own, so that copies do not disturb each other.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    file: Arc<File>,
    buffer: Vec<u8>,
    /// What of the buffer has been read from the file but not been handed out.
    begin: usize,
    end: usize,
    /// Where in the file `begin` lies.
    at: u64,
    /// The number of the line handed out last, from 1 where reading began at the beginning.
    number: u64,
    /// What sees all bytes that are read, if anything.
    hasher: Option<Box<blake3::Hasher>>,
}

/// A line without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where in the file it begins.
    pub at: u64,
    /// Its number, from 1.
    pub number: u64,
}

impl Lines {
    /// The lines from byte `at` on, which begins a line.
    pub fn from(file: &Arc<File>, at: u64) -> Self {
        let file = Arc::clone(file);
        Self { file, buffer: vec![0; CHUNK], begin: 0, end: 0, at, number: 0, hasher: None }
    }

    /// The same, with a hash of all bytes that are read.
    pub fn hashed(file: &Arc<File>) -> Self {
        Self { hasher: Some(Box::default()), ..Self::from(file, 0) }
    }

    /// The hash of what has been read.
    pub fn hash(&self) -> String {
        self.hasher.as_ref().map_or_else(String::new, |hasher| hasher.finalize().to_string())
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, TraceError> {
        let mut searched = 0;
        let length = loop {
            let unread = &self.buffer[self.begin..self.end];
            if let Some(found) = unread[searched..].iter().position(|&byte| byte == b'\n') {
                break searched + found;
            }
            searched = unread.len();
            if searched > LONGEST {
                return Err(self.too_long());
            }
            if !self.fill().map_err(TraceError::Unreadable)? {
                if searched == 0 {
                    return Ok(None);
                }
                break searched;
            }
        };
        let (begin, at) = (self.begin, self.at);
        let taken = (length + 1).min(self.end - self.begin);
        self.begin += taken;
        self.at += taken as u64;
        self.number += 1;
        let bytes = &self.buffer[begin..begin + length];
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let mark: &[u8] = if at == 0 { b"\xef\xbb\xbf" } else { b"" };
        Ok(Some(Line { bytes: bytes.strip_prefix(mark).unwrap_or(bytes), at, number: self.number }))
    }

    /// Reads on; false at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = loop {
            match read_at(&self.file, &mut self.buffer[self.end..], self.at + self.end as u64) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&self.buffer[self.end..self.end + read]);
        }
        self.end += read;
        Ok(read > 0)
    }

    fn too_long(&self) -> TraceError {
        let head = &self.buffer[self.begin..self.begin + 80];
        let text = String::from_utf8_lossy(head).into_owned();
        TraceError::Malformed {
            line: self.number + 1,
            span: 0..text.len(),
            text,
            reason: "this line is longer than 1 MiB".to_owned(),
            cure: "is it a CSV file, with a row on every line?".to_owned(),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(content: &[u8]) -> Vec<(String, u64)> {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), content).unwrap();
        let mut lines = Lines::hashed(&Arc::new(File::open(named.path()).unwrap()));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((String::from_utf8(line.bytes.to_vec()).unwrap(), line.at));
        }
        assert_eq!(lines.hash(), blake3::hash(content).to_string());
        all
    }

    #[test]
    fn lines_end_in_any_way() {
        let all = lines("\u{feff}a\r\nb\n\nc".as_bytes());
        assert_eq!(all, [("a".to_owned(), 0), ("b".to_owned(), 6), (String::new(), 8), ("c".to_owned(), 9)]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn long_lines_and_many_are_read_whole() {
        let content: String = (0..4_000).map(|i| "x".repeat(i % 700) + "\n").collect::<String>() + &"y".repeat(200_000);
        let all = lines(content.as_bytes());
        assert_eq!(all.len(), 4_001);
        assert!(all.iter().all(|(line, at)| content[*at as usize..].starts_with(line.as_str())));
        assert_eq!(all[4_000].0.len(), 200_000);
    }

    #[test]
    fn a_file_without_lines_is_not_swallowed() {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), vec![b'x'; 3 << 20]).unwrap();
        let mut lines = Lines::from(&Arc::new(File::open(named.path()).unwrap()), 0);
        assert!(matches!(lines.next(), Err(TraceError::Malformed { line: 1, .. })));
        assert!(lines.buffer.len() <= 4 << 20);
    }
}
