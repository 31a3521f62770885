//! The lines of a text, through a small buffer.

use super::{BLOCK, Text};
use crate::source::trace::TraceError;
use memchr::memchr;
use std::io::{self, Read};
use std::path::Path;

/// How long a line may be, in bytes: enough for a column a second of a day.
const LONGEST: usize = 1 << 20;
/// How much is kept of one that is longer.
const HEAD: usize = 80;
/// How many lines a quoted field may run over.
const MOST_LINES: u64 = 64;

/// The lines still to come.
pub(in crate::source::trace) struct Lines {
    text: Text,
    read: Box<dyn Read>,
    buffer: Vec<u8>,
    /// Where in the buffer the line that was handed out last begins, where it ends with its mark, and what is read.
    line: usize,
    begin: usize,
    end: usize,
    /// The number of the line that was handed out last, and how many lines it runs over.
    number: u64,
    over: u64,
    /// How many bytes were kept of it, where it was too long.
    cut: Option<(usize, bool)>,
    /// What ends a line: a line feed, or a carriage return in a text without any.
    mark: u8,
    all_read: bool,
}

/// A line without its end.
#[derive(Clone, Copy, Debug)]
pub(in crate::source::trace) struct Line<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its number, from 1.
    pub number: u64,
    /// Whether it is ended, as all but the last should be.
    pub ended: bool,
    /// Whether it was too long, and these are its first bytes.
    pub cut: bool,
}

impl Lines {
    /// The lines of a file, and how it is packed and written.
    ///
    /// # Errors
    /// Where it cannot be read, or is no text.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let (text, read) = Text::open(path)?;
        let mut lines = Self {
            text,
            read,
            buffer: Vec::new(),
            line: 0,
            begin: 0,
            end: 0,
            number: 0,
            over: 1,
            cut: None,
            mark: b'\n',
            all_read: false,
        };
        let head = lines.head()?;
        // A log may have some, of a disk that was full or of a rotation as it was written to.
        if memchr::memchr_iter(0, head).count() * 4 > head.len() {
            return Err(TraceError::Unfit {
                reason: "this file is not text: it has many bytes of zero".to_owned(),
                cure: "name a log, a CSV file or JSON, plain or packed by gzip".to_owned(),
            });
        }
        if memchr(b'\n', head).is_none() && memchr(b'\r', head).is_some() {
            lines.mark = b'\r';
        }
        Ok(lines)
    }

    /// How the file is packed and written, where that is not plain UTF-8.
    pub fn dress(&self) -> &[&'static str] {
        &self.text.dress
    }

    /// What the text begins with, before any line is read: 64 KiB, or a first line that is longer.
    pub fn head(&mut self) -> Result<&[u8], TraceError> {
        while self.end < BLOCK && self.fill()? {}
        while memchr(b'\n', &self.buffer[..self.end]).is_none() && self.end < LONGEST && self.fill()? {}
        let first = memchr(b'\n', &self.buffer[..self.end]).map_or(0, |end| end + 1);
        Ok(&self.buffer[self.begin..self.end.min(BLOCK.max(first))])
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, TraceError> {
        self.line = self.begin;
        self.number += self.over;
        self.over = 1;
        self.cut = None;
        self.take()
    }

    /// The line that was handed out last, with the one after it; `None` where it may not go on.
    pub fn longer(&mut self) -> Result<Option<Line<'_>>, TraceError> {
        if self.over >= MOST_LINES || self.begin - self.line > LONGEST / 2 {
            return Ok(None);
        }
        self.over += 1;
        Ok(self.take()?.filter(|line| !line.cut))
    }

    /// The line that was handed out last, with what was added to it.
    pub fn whole(&self) -> Line<'_> {
        if let Some((kept, ended)) = self.cut {
            let bytes = &self.buffer[self.line..self.line + kept];
            return Line { bytes, number: self.number, ended, cut: true };
        }
        let ended = self.begin > self.line && self.buffer[self.begin - 1] == self.mark;
        let bytes = &self.buffer[self.line..self.begin - usize::from(ended)];
        Line { bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes), number: self.number, ended, cut: false }
    }

    /// The line that was handed out last, `length` bytes long as it first was; what was added is read anew.
    pub fn again(&mut self, length: usize) -> Line<'_> {
        self.over = 1;
        self.begin = self.line + length;
        while self.begin < self.end && self.buffer[self.begin] != self.mark {
            self.begin += 1;
        }
        let ended = self.begin < self.end;
        self.begin += usize::from(ended);
        self.cut = None;
        Line { bytes: &self.buffer[self.line..self.line + length], number: self.number, ended, cut: false }
    }

    /// Takes what comes up to the next mark into the line.
    fn take(&mut self) -> Result<Option<Line<'_>>, TraceError> {
        let mut searched = self.begin;
        let (stop, ended) = loop {
            if let Some(found) = memchr(self.mark, &self.buffer[searched..self.end]) {
                break (searched + found, true);
            }
            if self.end - self.begin > LONGEST {
                return self.pass_over().map(Some);
            }
            let (line, read) = (self.line, self.end - self.line);
            if !self.fill()? {
                if self.begin == self.end {
                    return Ok(None);
                }
                break (self.end, false);
            }
            debug_assert!(self.line <= line, "the buffer only moves down");
            searched = self.line + read;
        };
        self.begin = stop + usize::from(ended);
        let bytes = &self.buffer[self.line..stop];
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { bytes, number: self.number, ended, cut: false }))
    }

    /// Reads on; false at the end of the text.
    fn fill(&mut self) -> Result<bool, TraceError> {
        if self.all_read {
            return Ok(false);
        }
        self.buffer.copy_within(self.line..self.end, 0);
        self.begin -= self.line;
        self.end -= self.line;
        self.line = 0;
        if self.buffer.len() - self.end < BLOCK {
            self.buffer.resize((self.end + BLOCK).max(self.buffer.len() * 2), 0);
        }
        let n = loop {
            match self.read.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.text.failed(error, self.number)),
                Ok(n) => break n,
            }
        };
        self.end += n;
        self.all_read = n == 0;
        Ok(n > 0)
    }

    /// Reads on to the end of a line that is too long, and keeps its first bytes only.
    fn pass_over(&mut self) -> Result<Line<'_>, TraceError> {
        let mut ended = false;
        loop {
            self.begin = self.line + HEAD;
            self.end = self.begin;
            if !self.fill()? {
                break;
            }
            if let Some(found) = memchr(self.mark, &self.buffer[self.begin..self.end]) {
                self.begin += found + 1;
                ended = true;
                break;
            }
        }
        self.cut = Some((HEAD, ended));
        Ok(self.whole())
    }

    /// The whole text, where no line has been read yet, for what has no lines.
    pub fn document(&mut self) -> impl Read + '_ {
        let Self { buffer, begin, end, read, .. } = self;
        let head = &buffer[std::mem::replace(begin, *end)..*end];
        head.chain(read)
    }

    /// What went wrong as a document was read.
    pub fn failed(&self, error: io::Error, lines: u64) -> TraceError {
        self.text.failed(error, lines)
    }

    /// Reads what is left; see [`Text::finish`].
    pub fn finish(self) -> Result<(String, u64), TraceError> {
        drop(self.read);
        self.text.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(content: &[u8]) -> Lines {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), content).unwrap();
        Lines::open(named.path()).unwrap()
    }

    fn lines(content: &[u8]) -> Vec<(String, u64)> {
        let mut lines = open(content);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((String::from_utf8(line.bytes.to_vec()).unwrap(), line.number));
        }
        all
    }

    #[test]
    fn lines_end_in_any_way() {
        let read = [("a".to_owned(), 1), ("b".to_owned(), 2), (String::new(), 3), ("c".to_owned(), 4)];
        for content in ["\u{feff}a\r\nb\n\nc", "a\nb\n\nc\n", "a\rb\r\rc"] {
            assert_eq!(lines(content.as_bytes()), read, "{content:?}");
        }
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn long_lines_and_many_are_read_whole() {
        let content: String = (0..4_000).map(|i| "x".repeat(i % 700) + "\n").collect::<String>() + &"y".repeat(200_000);
        let all = lines(content.as_bytes());
        assert_eq!(all.len(), 4_001);
        assert!(all.iter().map(|(line, _)| line.as_str()).eq(content.lines()));
        assert_eq!(all[4_000].0.len(), 200_000);
    }

    #[test]
    fn a_line_goes_on_where_it_is_asked_to_and_is_taken_back() {
        let mut content = String::from("a\nb\nc\nd\n");
        content += &"z".repeat(100_000);
        let mut lines = open(content.as_bytes());
        let take = |line: Option<Line>| line.map(|line| (String::from_utf8(line.bytes.to_vec()).unwrap(), line.number));
        assert_eq!(take(lines.next().unwrap()), Some(("a".to_owned(), 1)));
        assert_eq!(take(lines.longer().unwrap()), Some(("a\nb".to_owned(), 1)));
        assert_eq!(take(lines.longer().unwrap()), Some(("a\nb\nc".to_owned(), 1)));
        assert_eq!(take(lines.next().unwrap()), Some(("d".to_owned(), 4)));
        assert_eq!(take(lines.longer().unwrap()).unwrap().0.len(), 100_002);
        assert_eq!(take(lines.longer().unwrap()), None);
        assert_eq!(lines.again(1).bytes, b"d");
        assert_eq!(take(lines.next().unwrap()).unwrap().1, 5);
        assert_eq!(take(lines.next().unwrap()), None);
    }

    #[test]
    fn a_file_without_lines_is_not_swallowed() {
        let mut lines = open(&vec![b'x'; 3 << 20]);
        let line = lines.next().unwrap().unwrap();
        assert_eq!((line.bytes.len(), line.cut, line.ended), (80, true, false));
        assert!(lines.next().unwrap().is_none() && lines.buffer.len() <= 4 << 20);
        let mut content = vec![b'x'; 5 << 20];
        content.extend(b"\nshort\n");
        let mut lines = open(&content);
        assert!(lines.next().unwrap().unwrap().cut);
        let line = lines.next().unwrap().unwrap();
        assert_eq!((line.bytes, line.number, line.cut), (&b"short"[..], 2, false));
    }
}
