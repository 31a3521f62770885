//! Folders that are no place for results, because they are somebody's: the root, a home, a project.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// What tells that a folder is a project's.
const MARKS: [&str; 5] = [".git", "Cargo.toml", "package.json", "go.mod", "pyproject.toml"];

/// Why nothing is written directly into `path`, if nothing should be; `home` is the user's own folder.
pub(super) fn why(path: &Path, home: Option<OsString>) -> Option<String> {
    let path = resolved(path);
    if path.parent().is_none() {
        return Some("that is the root of the disk".to_owned());
    }
    let home = home.filter(|home| !home.is_empty()).map(|home| resolved(Path::new(&home)));
    if home.is_some_and(|home| home == path) || is_home(&path) {
        return Some("that is a home folder".to_owned());
    }
    let mark = MARKS.into_iter().find(|mark| path.join(mark).symlink_metadata().is_ok())?;
    Some(format!("that is a project, it holds {mark}"))
}

/// Whether it is where systems keep the folders of their users.
fn is_home(path: &Path) -> bool {
    let homes = ["/home", "/Users"];
    let is = |one: &str| path == Path::new(one);
    is("/root") || homes.iter().any(|homes| is(homes) || path.parent() == Some(Path::new(homes)))
}

/// The path without links and `..`, as far as it exists; what does not exist yet has no links.
fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut resolved = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => _ = resolved.pop(),
            Component::CurDir => {}
            part => resolved.push(part),
        }
        resolved = resolved.canonicalize().unwrap_or(resolved);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    #[cfg(unix)]
    fn what_is_somebodys_is_found_by_every_way_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let told = |path: &Path| why(path, Some(at("home").into_os_string()));
        for name in ["home/runs", "project/.git", "other", "free/output"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        for mark in &MARKS[1..] {
            assert_eq!(told(&at("other")), None);
            fs::write(at("other").join(mark), "").unwrap();
            assert_eq!(told(&at("other")), Some(format!("that is a project, it holds {mark}")));
            fs::remove_file(at("other").join(mark)).unwrap();
        }
        std::os::unix::fs::symlink(at("home"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("project"), at("free/output/link")).unwrap();
        for (path, reason) in [
            ("/", "root"),
            ("/tmp/../..", "root"),
            ("/none/..", "root"),
            ("/home/none", "home"),
            ("/home", "home"),
            ("/root", "home"),
            ("/Users/none/x/..", "home"),
        ] {
            assert!(told(Path::new(path)).is_some_and(|told| told.contains(reason)), "{path}");
        }
        for (name, reason) in [
            ("home", "home"),
            ("link", "home"),
            ("link/runs/..", "home"),
            ("home/none/..", "home"),
            ("project", "it holds .git"),
            ("free/output/link", "it holds .git"),
            // The parent of where the link leads, not of where it lies.
            ("free/output/link/.git/..", "it holds .git"),
        ] {
            assert!(told(&at(name)).is_some_and(|told| told.contains(reason)), "{name}");
        }
        for free in ["home/runs", "project/output", "free", "free/output/link/../free", "link/new"] {
            assert_eq!(told(&at(free)), None, "{free}");
        }
        assert_eq!(why(Path::new("/home/none/output"), None), None);
    }
}
