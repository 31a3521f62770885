//! The lines of a file, through a small buffer, from any place on. It is read block by block; the first reading notes a
//! hash of each block, with which every later one is compared.

use super::TraceError;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// How much is read at once, in bytes, and hashed together.
const BLOCK: usize = 1 << 16;
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
    /// Where in the file the next block begins, and what of it lies before the place where reading began.
    next: u64,
    before: usize,
    check: Check,
}

/// The hash of a block.
pub(super) type Sum = [u8; 16];

/// What is done with the blocks that are read.
#[derive(Clone, Debug)]
enum Check {
    /// They are the first reading of all: of the whole and of each.
    Note(Box<blake3::Hasher>, Vec<Sum>),
    /// They must be what they were.
    Compare(Arc<[Sum]>),
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
    /// The lines of a file that is read for the first time.
    pub fn new(file: &Arc<File>) -> Self {
        Self::with(file, 0, Check::Note(Box::default(), Vec::new()))
    }

    /// The lines from byte `at` on, which begins a line, of a file whose blocks had these hashes.
    pub fn from(file: &Arc<File>, at: u64, sums: &Arc<[Sum]>) -> Self {
        Self::with(file, at, Check::Compare(Arc::clone(sums)))
    }

    fn with(file: &Arc<File>, at: u64, check: Check) -> Self {
        let (file, before) = (Arc::clone(file), at % BLOCK as u64);
        let (next, before) = (at - before, before as usize);
        Self { file, buffer: Vec::new(), begin: 0, end: 0, at, number: 0, next, before, check }
    }

    /// The hash of what has been read, as hexadecimal BLAKE3, and those of its blocks.
    pub fn hashes(&self) -> (String, Arc<[Sum]>) {
        match &self.check {
            Check::Note(whole, sums) => (whole.finalize().to_string(), sums.as_slice().into()),
            Check::Compare(sums) => (String::new(), Arc::clone(sums)),
        }
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
            if !self.fill()? {
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
    fn fill(&mut self) -> Result<bool, TraceError> {
        // The last block was not a whole one: what has been added since does not belong to the trace.
        if !self.next.is_multiple_of(BLOCK as u64) {
            return Ok(false);
        }
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        if self.buffer.len() - self.end < BLOCK {
            self.buffer.resize((self.end + BLOCK).max(self.buffer.len() * 2), 0);
        }
        let read = self.read_block().map_err(TraceError::Unreadable)?;
        let place = (self.next / BLOCK as u64) as usize;
        self.check.see(place, &self.buffer[self.end..self.end + read])?;
        self.next += read as u64;
        self.end += read;
        self.begin = std::mem::take(&mut self.before).min(self.end);
        Ok(read > 0)
    }

    /// Reads the next block to the end of what the buffer holds; how much of it there is.
    fn read_block(&mut self) -> io::Result<usize> {
        let block = &mut self.buffer[self.end..self.end + BLOCK];
        let mut length = 0;
        while length < BLOCK {
            match read_at(&self.file, &mut block[length..], self.next + length as u64) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(length)
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

impl Check {
    /// Notes a block, which may be empty at the end of the file, or compares it with what it was.
    fn see(&mut self, place: usize, block: &[u8]) -> Result<(), TraceError> {
        let sum = || -> Sum {
            let mut sum = Sum::default();
            sum.copy_from_slice(&blake3::hash(block).as_bytes()[..16]);
            sum
        };
        match self {
            Self::Note(..) if block.is_empty() => {}
            Self::Note(whole, sums) => {
                whole.update(block);
                sums.push(sum());
            }
            Self::Compare(sums) => match sums.get(place) {
                None if block.is_empty() => {}
                Some(known) if *known == sum() => {}
                _ => return Err(TraceError::Changed),
            },
        }
        Ok(())
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
        let mut lines = Lines::new(&Arc::new(File::open(named.path()).unwrap()));
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push((String::from_utf8(line.bytes.to_vec()).unwrap(), line.at));
        }
        let (hash, sums) = lines.hashes();
        assert_eq!((hash, sums.len()), (blake3::hash(content).to_string(), content.len().div_ceil(BLOCK)));
        // From any line on, the rest is the same.
        let file = Arc::new(File::open(named.path()).unwrap());
        for (k, (_, at)) in all.iter().enumerate().step_by(97) {
            let mut lines = Lines::from(&file, *at, &sums);
            let line = lines.next().unwrap().unwrap();
            assert_eq!((String::from_utf8(line.bytes.to_vec()).unwrap(), line.at), all[k]);
        }
        all
    }

    #[test]
    fn any_changed_byte_is_noticed_when_it_is_read_and_not_before() {
        let named = tempfile::NamedTempFile::new().unwrap();
        let content: String = (0..40_000).map(|i| format!("{i}\n")).collect();
        std::fs::write(named.path(), &content).unwrap();
        let file = Arc::new(File::open(named.path()).unwrap());
        let mut first = Lines::new(&file);
        while first.next().unwrap().is_some() {}
        let (_, sums) = first.hashes();
        let read = |changed: &str| {
            std::fs::write(named.path(), changed).unwrap();
            let mut lines = Lines::from(&file, 0, &sums);
            let mut read = 0;
            loop {
                match lines.next() {
                    Ok(None) => return (read, true),
                    Ok(Some(_)) => read += 1,
                    Err(TraceError::Changed) => return (read, false),
                    Err(other) => panic!("{other:?}"),
                }
            }
        };
        assert_eq!(read(&content), (40_000, true));
        for (place, least) in [(0, 0), (70_000, 10_000), (content.len() - 2, 30_000)] {
            let mut changed = content.clone();
            changed.replace_range(place..=place, "7");
            assert_ne!(changed, content, "the size is the same, the content is not");
            let (rows, whole) = read(&changed);
            assert!(rows >= least && !whole, "{place}: {rows}");
        }
        assert!(!read(&content[..100_000]).1 && !read("").1);
        assert!(!read(&(content.clone() + "more\n")).1);
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
        let mut lines = Lines::new(&Arc::new(File::open(named.path()).unwrap()));
        assert!(matches!(lines.next(), Err(TraceError::Malformed { line: 1, .. })));
        assert!(lines.buffer.len() <= 4 << 20);
    }
}
