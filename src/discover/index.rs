//! What git tracks: the names in a repository's index.
//!
//! See <https://git-scm.com/docs/index-format>. An index of a kind that is not known tracks everything: then nothing
//! is left out.

use std::path::{Path, PathBuf};

/// The most bytes of an index that is read; those of the largest repositories have a hundred megabytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// What git tracks in a repository.
#[derive(Debug)]
pub(super) enum Tracked {
    /// It cannot be told, so all of it.
    All,
    /// These paths, relative to the root, in order.
    These(Vec<Box<[u8]>>),
}

impl Tracked {
    /// What is tracked in the repository with that root.
    pub(super) fn of(root: &Path) -> Self {
        let Some(data) = git_folder(root) else { return Self::All };
        let index = data.join("index");
        match super::read(&index, LARGEST) {
            Ok(bytes) => names(&bytes).map_or(Self::All, Self::These),
            // A repository without an index tracks nothing yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::These(Vec::new()),
            Err(_) => Self::All,
        }
    }

    /// Whether a path, or something below it, is tracked.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let Self::These(names) = self else { return true };
        let path = path.as_os_str().as_encoded_bytes();
        let at = names.partition_point(|name| &**name < path);
        let below = |name: &[u8]| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        // `a/b` comes after `a-b`, which comes after `a`.
        let slash = [path, b"/"].concat();
        let at_slash = names.partition_point(|name| **name < *slash);
        [at, at_slash].into_iter().any(|at| names.get(at).is_some_and(|name| below(name)))
    }
}

/// Where a repository keeps its data: `.git`, or where a file of that name says (work trees, submodules).
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = String::from_utf8(super::read(&git, 4096).ok()?).ok()?;
    Some(root.join(text.trim_end().strip_prefix("gitdir: ")?))
}

/// The names in an index; `None` where it is of a kind that is not known.
fn names(bytes: &[u8]) -> Option<Vec<Box<[u8]>>> {
    // The length of an object's name tells SHA-1 from SHA-256, and stands nowhere in the file.
    [20, 32].into_iter().find_map(|hash| names_with(bytes, hash))
}

fn names_with(bytes: &[u8], hash: usize) -> Option<Vec<Box<[u8]>>> {
    let version = word(bytes.strip_prefix(b"DIRC")?)?;
    let count = word(bytes.get(8..)?)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut at = 12;
    let mut names: Vec<Box<[u8]>> = Vec::new();
    for _ in 0..count {
        let start = at;
        // Times, device, inode, mode, owner, size; then the object and the flags.
        at += 40 + hash;
        let flags = u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?);
        at += if version >= 3 && flags & 0x4000 != 0 { 4 } else { 2 };
        let mut name = Vec::new();
        if version == 4 {
            let cut = offset(bytes, &mut at)?;
            let last = names.last().map_or(&[][..], |last| &**last);
            name.extend_from_slice(last.get(..last.len().checked_sub(cut)?)?);
        }
        let length = memchr::memchr(0, bytes.get(at..)?)?;
        name.extend_from_slice(bytes.get(at..at + length)?);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).next_multiple_of(8);
        }
        // Names are in order; those of a conflict stand more than once.
        if name.is_empty() || names.last().is_some_and(|last| **last > *name) {
            return None;
        }
        names.push(name.into());
    }
    is_whole(bytes, at, hash).then_some(names)
}

/// Whether nothing but extensions that may be passed over, and the checksum, follows the entries. A split index
/// (`link`) holds a part of the names only.
fn is_whole(bytes: &[u8], mut at: usize, hash: usize) -> bool {
    let Some(end) = bytes.len().checked_sub(hash) else { return false };
    while at < end {
        let Some(header) = bytes.get(at..at + 8) else { return false };
        let size = header.get(4..).and_then(word);
        let (Some(size), false) = (size, header.starts_with(b"link")) else { return false };
        at = at.saturating_add(8).saturating_add(size as usize);
    }
    at == end
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// A number in the encoding of pack offsets.
fn offset(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_add(usize::from(byte & 0x7F))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?.checked_mul(128)?;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An index of version 2 or 4 with these names.
    pub(in crate::discover) fn index(version: u8, names: &[&str]) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0".to_vec();
        out.push(version);
        out.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
        let mut last = "";
        for name in names {
            let start = out.len();
            out.extend([0; 62]);
            if version == 4 {
                let same = last.bytes().zip(name.bytes()).take_while(|(one, two)| one == two).count();
                out.push(u8::try_from(last.len() - same).unwrap());
                out.extend(&name.as_bytes()[same..]);
                out.push(0);
            } else {
                out.extend(name.as_bytes());
                out.extend(vec![0; 8 - (out.len() - start) % 8]);
            }
            last = name;
        }
        out.extend(b"TREE\0\0\0\x02xx");
        out.extend([7; 20]);
        out
    }

    #[test]
    fn names_are_read_from_all_versions() {
        for version in [2, 4] {
            let tracked = names(&index(version, &["a-b", "a/b/c.yaml", "a/d", "e.yaml"])).unwrap();
            let tracked = Tracked::These(tracked);
            for held in ["a-b", "a", "a/b", "a/b/c.yaml", "e.yaml"] {
                assert!(tracked.holds(Path::new(held)), "{held}");
            }
            for other in ["a/b/c", "b", "e", "e.yaml/x", "a/b/c.yaml.bak"] {
                assert!(!tracked.holds(Path::new(other)), "{other}");
            }
        }
    }

    #[test]
    fn what_is_not_known_tracks_everything() {
        let good = index(2, &["a", "b"]);
        let whole = names(&good);
        assert!(whole.is_some());
        for length in 0..good.len() {
            // Behind the entries a cut loses nothing.
            let cut = names(&good[..length]);
            assert!(cut.is_none() || cut == whole && length > good.len() / 2, "cut at {length}: {cut:?}");
        }
        let at = good.windows(4).position(|four| four == b"TREE").unwrap();
        let split = [&good[..at], b"link", &good[at + 4..]].concat();
        assert_eq!(names(&split), None);
        assert_eq!(names(&index(2, &["b", "a"])), None);
        assert!(Tracked::All.holds(Path::new("x")));
    }
}
