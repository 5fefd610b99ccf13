//! Patterns of paths and addresses, matched in linear time.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::fmt;

/// The longest pattern that is read, in bytes.
const LONGEST: usize = 1_024;

/// Patterns of paths. `*` and `?` stay within a part of a path, `**` crosses parts, `{a,b}` is either and `[ab]` one
/// of these characters. A pattern that matches a folder matches all that lies below it.
#[derive(Clone)]
pub struct Globs {
    patterns: Vec<String>,
    set: GlobSet,
    /// What matches a folder of which nothing would be left: `vendor` for `vendor/**`.
    folders: GlobSet,
}

impl Default for Globs {
    fn default() -> Self {
        Self { patterns: Vec::new(), set: GlobSet::empty(), folders: GlobSet::empty() }
    }
}

/// The patterns say it all.
impl fmt::Debug for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Globs").field(&self.patterns).finish()
    }
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Eq for Globs {}

impl Globs {
    /// Patterns of paths that are relative to one folder.
    ///
    /// # Errors
    /// What is wrong with the first that is none: lower case, no full stop.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, String> {
        let (mut set, mut folders) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns.iter().map(AsRef::as_ref) {
            let glob = path_glob(pattern)?;
            folders.add(glob.clone());
            if let Some(folder) = glob.glob().strip_suffix("/**").filter(|folder| !folder.ends_with("**")) {
                folders.add(path_glob(folder)?);
            }
            set.add(glob);
        }
        let built = |set: GlobSetBuilder| set.build().map_err(|error| error.kind().to_string());
        let patterns = patterns.iter().map(|pattern| pattern.as_ref().to_owned()).collect();
        Ok(Self { patterns, set: built(set)?, folders: built(folders)? })
    }

    /// Patterns of addresses (`module.logs.aws_s3_bucket.this["a"]`): `*` stands for any characters and `?` for one,
    /// all others for themselves.
    ///
    /// # Errors
    /// Where one is too long.
    pub(crate) fn of_addresses<S: AsRef<str>>(patterns: &[S]) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns.iter().map(AsRef::as_ref) {
            let plain = globset::escape(checked(pattern)?).replace("[*]", "*").replace("[?]", "?");
            let glob = GlobBuilder::new(&plain).literal_separator(false).backslash_escape(false).build();
            set.add(glob.map_err(|error| error.kind().to_string())?);
        }
        let patterns = patterns.iter().map(|pattern| pattern.as_ref().to_owned()).collect();
        let set = set.build().map_err(|error| error.kind().to_string())?;
        Ok(Self { patterns, set, folders: GlobSet::empty() })
    }

    /// The patterns as they are written.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether one of them matches, be it a path (relative, with forward slashes) or an address, itself.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// Whether nothing of the folder with that path is left.
    #[must_use]
    pub fn covers_folder(&self, path: &str) -> bool {
        self.folders.is_match(path)
    }

    /// Whether a file with that path is left out, itself or with a folder that it is in.
    #[must_use]
    pub fn covers_file(&self, path: &str) -> bool {
        let folder_ends = || path.match_indices('/').map(|(end, _)| path.get(..end).unwrap_or(""));
        self.matches(path) || folder_ends().any(|folder| self.covers_folder(folder))
    }
}

fn path_glob(pattern: &str) -> Result<globset::Glob, String> {
    let plain = checked(pattern)?.trim_end_matches('/');
    let plain = plain.strip_prefix("./").unwrap_or(plain);
    if plain.starts_with('/') || plain.is_empty() {
        return Err("patterns are relative to the folder that this file is in".to_owned());
    }
    let glob = GlobBuilder::new(plain).literal_separator(true).backslash_escape(true).build();
    glob.map_err(|error| format!("this pattern cannot be read: {}", error.kind()))
}

fn checked(pattern: &str) -> Result<&str, String> {
    if pattern.len() > LONGEST { Err(format!("this pattern is longer than {LONGEST} bytes")) } else { Ok(pattern) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Globs::new(&[pattern]).unwrap().matches(path)
    }

    #[test]
    fn paths_match_part_by_part() {
        assert!(matches("*.yaml", "a.yaml"));
        assert!(!matches("*.yaml", "b/a.yaml"));
        assert!(matches("**/*.yaml", "a.yaml"));
        assert!(matches("**/*.yaml", "b/c/a.yaml"));
        assert!(matches("./b/**", "b/c/a.yaml"));
        assert!(matches("b/{c,d}/[ab].yaml", "b/d/b.yaml"));
        assert!(!matches("b/?", "b/cd"));
        assert!(matches("../other/*", "../other/a.yaml"));
        assert!(matches(r"a\[1\].yaml", "a[1].yaml"));
    }

    #[test]
    fn a_folder_takes_all_below_it_along() {
        let globs = Globs::new(&["vendor/**", "old/", "**/fixtures"]).unwrap();
        for folder in ["vendor", "vendor/x", "old", "a/fixtures"] {
            assert!(globs.covers_folder(folder), "{folder}");
        }
        for file in ["vendor/a.yaml", "old/deep/a.yaml", "a/b/fixtures/c/d.yaml"] {
            assert!(globs.covers_file(file), "{file}");
        }
        assert!(!globs.covers_file("older/a.yaml"));
        assert!(!Globs::default().covers_file("a.yaml"));
    }

    #[test]
    fn addresses_are_no_paths() {
        let matches = |pattern: &str, address: &str| Globs::of_addresses(&[pattern]).unwrap().matches(address);
        assert!(matches(r#"module.logs.aws_s3_bucket.this["a/b"]"#, r#"module.logs.aws_s3_bucket.this["a/b"]"#));
        assert!(matches("module.*", r#"module.logs.aws_s3_bucket.this["a/b"]"#));
        assert!(matches("*[0]", "aws_s3_bucket.b[0]"));
        assert!(!matches("*[0]", "aws_s3_bucket.b0"));
        assert!(matches("B${X}", "B${X}"));
        assert!(matches("Dat?", "Data"));
    }

    #[test]
    fn a_broken_pattern_is_told() {
        for (pattern, why) in [
            ("[", "this pattern cannot be read: unclosed character class; missing ']'"),
            (
                "a/{b",
                "this pattern cannot be read: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
            ),
            ("[b-a]", "this pattern cannot be read: invalid range; 'b' > 'a'"),
            ("/a", "patterns are relative to the folder that this file is in"),
            ("", "patterns are relative to the folder that this file is in"),
            (&"**/".repeat(100_000), "this pattern is longer than 1024 bytes"),
        ] {
            assert_eq!(Globs::new(&[pattern]).unwrap_err(), why);
        }
    }
}
