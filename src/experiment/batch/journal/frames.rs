//! The frames of a journal's file: each can be found and checked without those before it.
//!
//! A frame is a mark of 8 bytes, the length of the content (4 bytes, little-endian), the beginning of a BLAKE3 hash of the
//! content (16 bytes), and the content. The hash is keyed: a frame is whole only for who knows what run it belongs to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// What a frame begins with, and hardly anything else holds.
pub(super) const MARK: &[u8; 8] = b"\x89record\n";
/// The mark, the length and the hash before each content.
const HEAD: usize = MARK.len() + 4 + 16;
/// No content is longer: a longer one is a broken frame.
const LONGEST: u32 = 1 << 30;
/// How much is searched at once for a mark, in bytes.
const CHUNK: usize = 1 << 16;

/// What the hashes of a run's frames are keyed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seal([u8; 32]);

impl Seal {
    /// The seal of everything that `bytes` stand for.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::derive_key("cutover journal frame", bytes))
    }

    /// A content as a frame.
    pub fn frame(self, content: &[u8]) -> io::Result<Vec<u8>> {
        let length = u32::try_from(content.len()).ok().filter(|&length| length <= LONGEST);
        let length = length.ok_or_else(|| io::Error::other("a replication's record is longer than 1 GiB"))?;
        let mut bytes = Vec::with_capacity(HEAD + content.len());
        bytes.extend(MARK);
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.hash(content));
        bytes.extend(content);
        Ok(bytes)
    }

    /// The content of a frame; `None` unless it is whole, to its last byte.
    pub fn open(self, frame: &[u8]) -> Option<&[u8]> {
        let (length, hash, content) = parts(frame)?;
        (content.len() == length as usize && self.hash(content) == *hash).then_some(content)
    }

    fn hash(self, content: &[u8]) -> [u8; 16] {
        let mut hash = [0; 16];
        hash.copy_from_slice(&blake3::keyed_hash(&self.0, content).as_bytes()[..16]);
        hash
    }
}

/// The length that a frame tells, its hash, and what follows.
fn parts(frame: &[u8]) -> Option<(u32, &[u8; 16], &[u8])> {
    let (length, rest) = frame.strip_prefix(MARK)?.split_first_chunk::<4>()?;
    let (hash, content) = rest.split_first_chunk::<16>()?;
    Some((u32::from_le_bytes(*length), hash, content))
}

/// A stretch of a journal in which no frame is whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// Its first byte.
    pub from: u64,
    /// The byte after its last.
    pub to: u64,
    /// How many records began in it; at least 1.
    pub records: usize,
    /// Whether the file ends with it: then its record may have been being written when the run ended.
    pub last: bool,
}

/// The whole frames of a file, from some place on.
pub(super) struct Frames<'a> {
    file: &'a File,
    seal: Seal,
    /// Where the file ends.
    length: u64,
    at: u64,
    /// What lay between them.
    pub lost: Vec<Lost>,
    /// Where the last whole frame ended.
    pub end: u64,
}

impl<'a> Frames<'a> {
    pub fn new(file: &'a File, seal: Seal, at: u64) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, seal, length, at, lost: Vec::new(), end: at })
    }

    /// The next whole frame and where it lies; `None` where there is no more.
    pub fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let begin = self.at;
        let mut records = 0;
        while self.at < self.length {
            if let Some(frame) = self.frame(self.at)? {
                if records > 0 {
                    self.lost.push(Lost { from: begin, to: self.at, records, last: false });
                }
                let at = self.at;
                self.at += frame.len() as u64;
                self.end = self.at;
                return Ok(Some((at, frame)));
            }
            records += 1;
            self.at = self.mark(self.at + 1)?.unwrap_or(self.length);
        }
        if records > 0 {
            self.lost.push(Lost { from: begin, to: self.length, records, last: true });
        }
        Ok(None)
    }

    /// The frame at `at`, if it is whole.
    pub fn frame(&self, at: u64) -> io::Result<Option<Vec<u8>>> {
        let mut frame = read(self.file, at, HEAD as u64)?;
        let left = self.length.saturating_sub(at);
        let Some((length, ..)) = parts(&frame).filter(|&(length, ..)| {
            // A length beyond the end of the file is not worth reading up to there.
            length <= LONGEST && HEAD as u64 + u64::from(length) <= left
        }) else {
            return Ok(None);
        };
        frame.extend(read(self.file, at + HEAD as u64, length.into())?);
        Ok(self.seal.open(&frame).is_some().then_some(frame))
    }

    /// Where the next mark lies, from `from` on.
    fn mark(&self, mut from: u64) -> io::Result<Option<u64>> {
        loop {
            let piece = read(self.file, from, CHUNK as u64)?;
            if let Some(found) = piece.windows(MARK.len()).position(|bytes| bytes == MARK) {
                return Ok(Some(from + found as u64));
            }
            if piece.len() < CHUNK {
                return Ok(None);
            }
            // A mark may lie across the edge.
            from += (CHUNK - MARK.len() + 1) as u64;
        }
    }
}

/// Up to `length` bytes from `at` on.
pub(super) fn read(mut file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
