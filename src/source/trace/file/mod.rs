//! A file as text: unpacked, decoded, hashed as it lies on the disk, read once from its beginning to its end.

mod lines;
mod packed;
pub mod progress;

pub(super) use lines::{Line, Lines};

use super::TraceError;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use packed::Unpacked;
use progress::Bar;
use std::cell::RefCell;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

/// How much is read at once, in bytes.
const BLOCK: usize = 1 << 16;

/// How files begin that are no text that is read, what they are, and how to make one of them.
const FILES: [(usize, &[u8], &str, &str); 13] = [
    (0, b"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it: unzstd FILE; or pack it by gzip, which is read"),
    (0, b"BZh", "packed by bzip2", "unpack it: bunzip2 FILE; or pack it by gzip, which is read"),
    (0, b"\xfd7zXZ", "packed by xz", "unpack it: unxz FILE; or pack it by gzip, which is read"),
    (0, b"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
    (0, b"PAR1", "a Parquet table", "export it as CSV with a header"),
    (0, b"SQLite format 3", "a database", "export the table as CSV with a header"),
    (0, b"\xd0\xcf\x11\xe0", "a spreadsheet", "save the sheet as CSV"),
    (257, b"ustar", "an archive by tar", "unpack it, and name one of its files"),
    (0, b"<!DOCTYPE html", "a web page", "save the file itself; is this a page to sign in?"),
    (0, b"<!doctype html", "a web page", "save the file itself; is this a page to sign in?"),
    (0, b"<html", "a web page", "save the file itself; is this a page to sign in?"),
    (0, b"\x1f\x8b", "packed by gzip twice", "unpack it once: gunzip FILE"),
    (0, b"<?xml", "XML", "export it as CSV; in JMeter: jmeter.save.saveservice.output_format=csv"),
];

/// The text of a file, from its beginning.
pub(super) struct Text {
    raw: Rc<RefCell<Raw>>,
    unpacked: Rc<RefCell<Unpacked<Reader>>>,
    before: Metadata,
    /// How it is packed and written, where that is not plain UTF-8.
    pub dress: Vec<&'static str>,
}

/// The file's own bytes, and what is noted of them as they are read.
struct Raw {
    file: File,
    hasher: blake3::Hasher,
    read: u64,
    bar: Bar,
}

/// Reads what [`Raw`] has, so that its notes can be looked at afterwards.
type Reader = BufReader<Shared<Raw>>;

struct Shared<T>(Rc<RefCell<T>>);

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.read += n as u64;
        self.bar.at(self.read);
        Ok(n)
    }
}

impl<T: Read> Read for Shared<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Text {
    /// Opens a file; with it come its characters as UTF-8, those that are none as they stand.
    ///
    /// # Errors
    /// Where it cannot be read, or is known to be something else than text.
    pub fn open(path: &Path) -> Result<(Self, Box<dyn Read>), TraceError> {
        // A pipe would wait for somebody to write to it as it is opened.
        let before = std::fs::metadata(path).map_err(TraceError::Unreadable)?;
        if !before.is_file() && !before.is_dir() {
            return Err(TraceError::Unfit {
                reason: "this is no file but a pipe or a device, which can be read once only".to_owned(),
                cure: "write what comes out of it to a file, and name that".to_owned(),
            });
        }
        let file = File::open(path).map_err(TraceError::Unreadable)?;
        let bar = Bar::new(path, before.len());
        let raw = Rc::new(RefCell::new(Raw { file, hasher: blake3::Hasher::new(), read: 0, bar }));
        let mut reader = BufReader::with_capacity(BLOCK, Shared(Rc::clone(&raw)));
        let begins = reader.fill_buf().map_err(TraceError::Unreadable)?;
        if !begins.starts_with(b"\x1f\x8b") {
            readable(begins)?;
        }
        let unpacked = Unpacked::new(reader).map_err(TraceError::Unreadable)?;
        let mut dress = Vec::new();
        if unpacked.is_packed() {
            dress.push("gzip");
        }
        let unpacked = Rc::new(RefCell::new(unpacked));
        let mut text = Self { raw, unpacked: Rc::clone(&unpacked), before, dress };
        let mut head = Vec::new();
        Shared(Rc::clone(&unpacked))
            .take(BLOCK as u64)
            .read_to_end(&mut head)
            .map_err(|error| text.failed(error, 0))?;
        if text.dress == ["gzip"] {
            readable(&head)?;
        }
        let encoding = encoding(&head);
        if encoding.is_some() {
            text.dress.push("UTF-16");
        }
        let mut decoder = DecodeReaderBytesBuilder::new();
        decoder.encoding(encoding).utf8_passthru(true).strip_bom(true);
        let read: Box<dyn Read> = Box::new(decoder.build(Cursor::new(head).chain(Shared(unpacked))));
        Ok((text, read))
    }

    /// What went wrong as the text was read, after so many lines.
    pub fn failed(&self, error: io::Error, lines: u64) -> TraceError {
        let place = if lines == 0 { String::new() } else { format!(" after line {lines}") };
        let unfit = |reason: String, cure: &str| TraceError::Unfit { reason, cure: cure.to_owned() };
        match error.kind() {
            _ if !self.unpacked.borrow().is_packed() => TraceError::Unreadable(error),
            io::ErrorKind::UnexpectedEof => unfit(
                format!("this file was cut off: what gzip packed ends{place}, in the middle"),
                "copy it again, or take what there is: zcat FILE > part.log",
            ),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => unfit(
                format!("what gzip packed is damaged{place}"),
                "copy it again; `gzip -t FILE` tells whether it is whole",
            ),
            io::ErrorKind::FileTooLarge => unfit(
                format!("this file unpacks to more than {} times its size", packed::MOST),
                "that is no traffic; should it be, unpack it: gunzip FILE",
            ),
            _ => TraceError::Unreadable(error),
        }
    }

    /// Reads what is left, and tells the hash of the file's bytes, as hexadecimal BLAKE3, and how many bytes after the
    /// packed data were passed over.
    ///
    /// # Errors
    /// [`TraceError::Changed`] where somebody wrote to the file meanwhile.
    pub fn finish(self) -> Result<(String, u64), TraceError> {
        let mut after = 0;
        let mut rest = Shared(Rc::clone(&self.raw));
        if self.unpacked.borrow().is_packed() {
            after = self.unpacked.borrow_mut().after().map_err(TraceError::Unreadable)?;
        }
        let drained = io::copy(&mut rest, &mut io::sink()).map_err(TraceError::Unreadable)?;
        let raw = self.raw.borrow();
        let now = raw.file.metadata().map_err(TraceError::Unreadable)?;
        let same = now.len() == self.before.len() && now.modified().ok() == self.before.modified().ok();
        if !same {
            return Err(TraceError::Changed);
        }
        Ok((raw.hasher.finalize().to_string(), if after > 0 { after + drained } else { 0 }))
    }
}

/// Whether a file that begins like this may be text.
fn readable(head: &[u8]) -> Result<(), TraceError> {
    let known = FILES.iter().find(|(at, begins, ..)| head.get(*at..).is_some_and(|head| head.starts_with(begins)));
    let Some(&(_, _, what, cure)) = known else { return Ok(()) };
    Err(TraceError::Unfit { reason: format!("this file is {what}, which is not read"), cure: cure.to_owned() })
}

/// The encoding of text that is not UTF-8: by its mark, or because every other byte of Latin letters is zero.
fn encoding(head: &[u8]) -> Option<&'static Encoding> {
    match *head {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [a, 0, b, 0, ..] if a != 0 && b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if a != 0 && b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gz(content: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    }

    fn utf16(content: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        content.encode_utf16().flat_map(order).collect()
    }

    /// The text of a file with these bytes, and how many were passed over; else what is said.
    fn text(bytes: &[u8]) -> Result<(String, u64), String> {
        let named = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(named.path(), bytes).unwrap();
        let said = |error| match error {
            TraceError::Unfit { reason, cure } => format!("{reason}; {cure}"),
            other => format!("{other:?}"),
        };
        let (text, mut read) = Text::open(named.path()).map_err(said)?;
        let mut content = String::new();
        if let Err(error) = read.read_to_string(&mut content) {
            return Err(said(text.failed(error, 3)));
        }
        let (hash, after) = text.finish().map_err(said)?;
        assert_eq!(hash, blake3::hash(bytes).to_string());
        Ok((content, after))
    }

    #[test]
    fn the_same_text_however_it_is_packed_and_written() {
        let plain = "t_s,größe\n1,x\n".repeat(20_000);
        let marked = format!("\u{feff}{plain}");
        let forms = [
            plain.clone().into_bytes(),
            marked.clone().into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(&plain, u16::to_le_bytes),
            utf16(&plain, u16::to_be_bytes),
        ];
        for form in forms {
            assert_eq!(text(&form).unwrap(), (plain.clone(), 0));
            assert_eq!(text(&gz(&form)).unwrap(), (plain.clone(), 0));
        }
        assert_eq!(text(b"").unwrap(), (String::new(), 0));
        assert_eq!(text("caf\u{e9}".as_bytes()).unwrap().0, "caf\u{e9}");
    }

    #[test]
    fn packed_in_pieces_and_with_rubbish_behind_them() {
        let pieces = [gz(b"a\n"), gz(b"b\n"), gz(b"")].concat();
        assert_eq!(text(&pieces).unwrap(), ("a\nb\n".to_owned(), 0));
        let behind = [pieces, vec![0; 100_000]].concat();
        assert_eq!(text(&behind).unwrap(), ("a\nb\n".to_owned(), 100_000));
    }

    #[test]
    fn what_is_damaged_is_said_with_what_to_do() {
        let content: String = (0..100_000_u64).map(|i| format!("{}\n", i * 7_919 % 10_007)).collect();
        let whole = gz(content.as_bytes());
        let cut = text(&whole[..whole.len() / 2]).unwrap_err();
        assert!(cut.contains("ends after line 3, in the middle; copy it again"), "{cut}");
        let mut spoilt = whole.clone();
        spoilt[whole.len() / 2..][..64].fill(0xff);
        let spoilt = text(&spoilt).unwrap_err();
        assert!(spoilt.contains("damaged after line 3; copy it again"), "{spoilt}");
    }

    #[test]
    fn what_grows_without_end_is_given_up() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::default());
        for _ in 0..400 {
            bomb.write_all(&[b'\n'; 1 << 20]).unwrap();
        }
        let said = text(&bomb.finish().unwrap()).unwrap_err();
        assert!(said.contains("unpacks to more than 250 times its size"), "{said}");
    }

    #[test]
    fn a_file_that_is_no_text_is_named_for_what_it_is() {
        assert!(
            text(b"PK\x03\x04....")
                .unwrap_err()
                .contains("a ZIP archive or a spreadsheet, which is not read; unpack it")
        );
        assert!(text(b"<?xml version=\"1.0\"?>").unwrap_err().contains("output_format=csv"));
        let mut tar = vec![b'x'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(text(&gz(&tar)).unwrap_err().contains("an archive by tar"));
    }
}
