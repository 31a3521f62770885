//! What the system's signals do: Ctrl-C, the wish to end, and the one that a file has grown too large.

use crate::cli::note;
use crate::experiment::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Past simulating: what remains takes a moment and is not interrupted, so that the folder is left whole.
pub const FINISHING: bool = true;

/// Makes Ctrl-C (or the system's request to end) end a simulation with its exit code and a word, until told that it is
/// finishing. What is finished is kept.
pub fn interruption(journal: &Arc<Journal>) -> Arc<AtomicBool> {
    let finishing = Arc::new(AtomicBool::new(!FINISHING));
    let seen = Arc::clone(&finishing);
    let journal = Arc::clone(journal);
    // Where no handler can be set, the signal ends the process by itself, with everything kept as well.
    let _ = ctrlc::set_handler(move || {
        if seen.load(Ordering::SeqCst) != FINISHING {
            let _closed = journal.close();
            note("interrupted; what was finished is kept: the same command with --resume goes on");
            std::process::exit(3);
        }
    });
    finishing
}

/// Lets a file that may not grow any more (`ulimit -f`) fail to be written, with a word and an exit code, as on a full
/// disk, where the system would end the process without one.
#[cfg(unix)]
pub fn outlive_full_files() {
    // What the handler sets is of no use: that there is a handler is. Where none can be set, all is as without.
    let _ = signal_hook::flag::register(signal_hook::consts::signal::SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

/// No such signal here.
#[cfg(not(unix))]
pub const fn outlive_full_files() {}
