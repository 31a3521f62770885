//! What gzip packed, unpacked as it is read: one piece or several after each other, in memory that does not grow.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// So many times its size a file may unpack to. The densest packing is 1,032 to 1, of the same byte again and again; logs
/// pack 10 to 30 to 1.
pub(super) const MOST: u64 = 250;
/// Less than this is never too much.
const FREE: u64 = 256 << 20;

/// The bytes of a file, unpacked where it is packed.
pub(super) enum Unpacked<R> {
    Plain(R),
    Gzip(Gzip<R>),
}

pub(super) struct Gzip<R> {
    /// The piece that is being read; `None` once all are.
    piece: Option<GzDecoder<Counted<R>>>,
    /// What stands behind the last piece.
    rest: Option<Counted<R>>,
    unpacked: u64,
}

/// A reader that counts what is taken from it.
pub(super) struct Counted<R> {
    reader: R,
    taken: u64,
}

impl<R: BufRead> Unpacked<R> {
    /// Looks at the first two bytes for whether a file is packed.
    pub fn new(mut reader: R) -> io::Result<Self> {
        if !reader.fill_buf()?.starts_with(b"\x1f\x8b") {
            return Ok(Self::Plain(reader));
        }
        let piece = Some(GzDecoder::new(Counted { reader, taken: 0 }));
        Ok(Self::Gzip(Gzip { piece, rest: None, unpacked: 0 }))
    }

    pub const fn is_packed(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }

    /// Passes over what stands behind the packed data and has been read already; how many bytes that were.
    pub fn after(&mut self) -> io::Result<u64> {
        let Self::Gzip(Gzip { rest: Some(rest), .. }) = self else { return Ok(0) };
        let before = rest.taken;
        let n = rest.fill_buf()?.len();
        rest.consume(n);
        Ok(rest.taken - before)
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(gzip) => gzip.read(buffer),
        }
    }
}

impl<R: BufRead> Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(piece) = &mut self.piece else { return Ok(0) };
            let n = piece.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                self.unpacked += n as u64;
                if self.unpacked > FREE && self.unpacked / MOST > piece.get_ref().taken {
                    return Err(io::ErrorKind::FileTooLarge.into());
                }
                return Ok(n);
            }
            let Some(mut rest) = self.piece.take().map(GzDecoder::into_inner) else { return Ok(0) };
            match rest.fill_buf()?.starts_with(b"\x1f\x8b") {
                true => self.piece = Some(GzDecoder::new(rest)),
                false => self.rest = Some(rest),
            }
        }
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.taken += n as u64;
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.taken += n as u64;
        self.reader.consume(n);
    }
}
