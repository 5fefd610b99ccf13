//! Findings that are known: a file of them, or those of an older tree.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is kept of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The path of the linted file below its repository.
    pub path: String,
    /// The bucket or policy; empty where it is about a whole file.
    pub address: String,
    /// The rule.
    pub rule: String,
    /// What it is because of.
    pub cause: String,
    /// Its name.
    pub fingerprint: String,
}

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: Vec<Known>,
}

/// How findings of now compare with those that are known.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Those of now that are known, by index.
    pub known: BTreeSet<usize>,
    /// Those known that are not there any more.
    pub gone: Vec<Known>,
}

#[derive(Deserialize)]
struct File {
    format: u32,
    findings: Vec<Known>,
}

/// The format that is written, and read.
const FORMAT: u32 = 1;

impl Baseline {
    /// Findings of now as known ones.
    #[must_use]
    pub fn of(findings: impl IntoIterator<Item = Known>) -> Self {
        let mut known: Vec<_> = findings.into_iter().collect();
        known.sort();
        Self { known }
    }

    /// Reads what [`Baseline::written`] wrote.
    ///
    /// # Errors
    /// Where it is none. The message shows nothing of the text: it may be another file altogether.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| {
            format!("this is no baseline, from line {}, column {} on", error.line(), error.column())
        })?;
        if file.format != FORMAT {
            return Err(format!("this baseline has format {}, and only format {FORMAT} is known", file.format));
        }
        Ok(Self::of(file.findings))
    }

    /// The text of a file, with a line for each finding, so that changes of it are easy to read.
    #[must_use]
    pub fn written(&self) -> String {
        let mut text = format!("{{\n  \"format\": {FORMAT},\n  \"findings\": [");
        for (index, known) in self.known.iter().enumerate() {
            let entry = serde_json::to_string(known).unwrap_or_default();
            let _ = write!(text, "{}\n    {entry}", if index == 0 { "" } else { "," });
        }
        text.push_str(if self.known.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.known.len()
    }

    /// Which of the findings of now are known. One whose file was renamed is found by the rest of what is kept of it,
    /// where that fits just one old and one new finding; `is_gone` says whether the file of a path is gone.
    pub fn compare(&self, now: &[Known], is_gone: impl Fn(&str) -> bool) -> Compared {
        let mut left: BTreeMap<&str, &Known> = self.known.iter().map(|known| (&*known.fingerprint, known)).collect();
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for (index, finding) in now.iter().enumerate() {
            if left.remove(&*finding.fingerprint).is_some() {
                known.insert(index);
            }
        }
        #[expect(clippy::type_complexity, reason = "rule, address and cause; the old ones and the new ones")]
        let mut moved: BTreeMap<(&str, &str, &str), (Vec<&Known>, Vec<usize>)> = BTreeMap::new();
        for old in left.values().filter(|old| is_gone(&old.path)) {
            moved.entry(old.apart_from_path()).or_default().0.push(old);
        }
        for (index, new) in now.iter().enumerate().filter(|(index, _)| !known.contains(index)) {
            if let Some((_, new_ones)) = moved.get_mut(&new.apart_from_path()) {
                new_ones.push(index);
            }
        }
        for (old, new) in moved.values() {
            if let ([old], [new]) = (old.as_slice(), new.as_slice()) {
                left.remove(&*old.fingerprint);
                known.insert(*new);
            }
        }
        Compared { known, gone: left.into_values().cloned().collect() }
    }
}

impl Known {
    fn apart_from_path(&self) -> (&str, &str, &str) {
        (&self.rule, &self.address, &self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, address: &str) -> Known {
        let [path, address] = [path, address].map(str::to_owned);
        let (rule, cause) = ("partial-deny".to_owned(), "s3:ListBucket on the bucket".to_owned());
        Known { fingerprint: format!("{path} {address}"), path, address, rule, cause }
    }

    #[test]
    fn is_read_as_it_was_written() {
        let baseline = Baseline::of([known("b.yaml", "Data"), known("a.yaml", "\"x\"")]);
        assert_eq!(Baseline::read(&baseline.written()), Ok(baseline.clone()));
        assert!(baseline.written().find("a.yaml") < baseline.written().find("b.yaml"));
        assert_eq!(Baseline::read(&Baseline::default().written()), Ok(Baseline::default()));
        for broken in ["", "{}", "[]", "aws_secret_key = AKIA", "{\"format\": 1, \"findings\": [\"AKIA\"]}"] {
            let error = Baseline::read(broken).unwrap_err();
            assert!(error.starts_with("this is no baseline, from line") && !error.contains("AKIA"), "{error}");
        }
        assert!(Baseline::read("{\"format\": 2, \"findings\": []}").unwrap_err().contains("format 2"));
    }

    #[test]
    fn a_renamed_file_is_found_where_just_one_fits() {
        let baseline = Baseline::of([known("old.yaml", "Data"), known("kept.yaml", "Data")]);
        let gone = |path: &str| path.starts_with("old");
        let compared = baseline.compare(&[known("new.yaml", "Data"), known("kept.yaml", "Data")], gone);
        assert_eq!((compared.known, compared.gone), (BTreeSet::from([0, 1]), Vec::new()));
        let two = [known("new.yaml", "Data"), known("other.yaml", "Data")];
        let compared = baseline.compare(&two, gone);
        assert_eq!(compared.known, BTreeSet::new(), "which of them was renamed cannot be told");
        assert_eq!(compared.gone.len(), 2);
        let two = Baseline::of([known("old1.yaml", "Data"), known("old2.yaml", "Data")]);
        assert_eq!(two.compare(&[known("new.yaml", "Data")], gone).known, BTreeSet::new());
        assert_eq!(baseline.compare(&[known("new.yaml", "Data")], |_| false).known, BTreeSet::new());
    }
}
