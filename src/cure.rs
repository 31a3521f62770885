//! What to do where a file cannot be written: each reason of the system's has its own cure.

use std::io::{self, ErrorKind};

/// What would help, as a command to the reader: `make room there`.
#[must_use]
pub fn cure(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room there",
        ErrorKind::FileTooLarge => "raise the limit on the size of a file (ulimit -f)",
        ErrorKind::PermissionDenied => "allow yourself to write there",
        ErrorKind::ReadOnlyFilesystem => "make that file system writable",
        ErrorKind::NotADirectory => "move the file away that stands where a folder must be",
        ErrorKind::IsADirectory => "move the folder away that stands where a file must be",
        ErrorKind::AlreadyExists => "remove what is there",
        ErrorKind::NotFound => "create the folder that it lies in",
        ErrorKind::InvalidFilename => "shorten the path",
        ErrorKind::OutOfMemory => "free some memory",
        _ if too_many_open(error) => "raise the limit on open files (ulimit -n)",
        _ => "see to that disk",
    }
}

/// The same where another folder can be named instead, if another folder would help.
#[must_use]
pub fn cure_or_elsewhere(error: &io::Error) -> String {
    let cure = cure(error);
    match error.kind() {
        ErrorKind::OutOfMemory => cure.to_owned(),
        _ if too_many_open(error) => cure.to_owned(),
        _ => format!("{cure}, or choose another folder with -o"),
    }
}

/// Whether this process, or all of them together, have too many files open: a reason without a kind of its own.
fn too_many_open(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    cfg!(unix) && matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn each_reason_of_the_systems_has_its_own_cure() {
        let told = |number| cure_or_elsewhere(&io::Error::from_raw_os_error(number));
        for (number, cure) in [
            (28, "make room there, or choose another folder with -o"),
            (122, "make room there, or choose another folder with -o"),
            (27, "raise the limit on the size of a file (ulimit -f), or choose another folder with -o"),
            (13, "allow yourself to write there, or choose another folder with -o"),
            (30, "make that file system writable, or choose another folder with -o"),
            (20, "move the file away that stands where a folder must be, or choose another folder with -o"),
            (21, "move the folder away that stands where a file must be, or choose another folder with -o"),
            (17, "remove what is there, or choose another folder with -o"),
            (2, "create the folder that it lies in, or choose another folder with -o"),
            (36, "shorten the path, or choose another folder with -o"),
            (12, "free some memory"),
            (23, "raise the limit on open files (ulimit -n)"),
            (24, "raise the limit on open files (ulimit -n)"),
            (5, "see to that disk, or choose another folder with -o"),
        ] {
            assert_eq!(told(number), cure, "{}", io::Error::from_raw_os_error(number));
        }
    }
}
