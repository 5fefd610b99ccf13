//! Counts of a run.

use super::{BucketRecord, FileReport, Verdict};
use std::fmt;

/// How many buckets there are, by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that no request reaches without TLS.
    pub enforced: usize,
    /// Those that some request reaches without TLS.
    pub exposed: usize,
    /// Those of which the input does not say enough.
    pub undecided: usize,
}

impl Counts {
    pub(super) fn of(buckets: &[BucketRecord]) -> Self {
        let mut counts = Self::default();
        for bucket in buckets {
            *match bucket.verdict {
                Verdict::Enforced => &mut counts.enforced,
                Verdict::Exposed => &mut counts.exposed,
                Verdict::Undecided(_) => &mut counts.undecided,
            } += 1;
        }
        counts
    }

    /// All of them.
    #[must_use]
    pub fn buckets(self) -> usize {
        self.enforced + self.exposed + self.undecided
    }
}

/// How much was linted, and what came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Linted files; those that could not be read or parsed are not among them.
    pub files: usize,
    /// Their buckets.
    pub buckets: Counts,
    /// Errors of the run.
    pub errors: usize,
    /// Findings that settings switch off.
    pub ignored: usize,
    /// Findings that are muted, those of the baseline apart.
    pub suppressed: usize,
    /// Findings that the baseline knows.
    pub baseline: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(files: &[FileReport]) -> Self {
        let mut sum = Self::default();
        for file in files {
            sum.files += usize::from(file.kind.is_some());
            sum.errors += file.errors.len();
            sum.ignored += file.ignored;
            for suppression in file.findings.iter().filter_map(|finding| finding.suppressed.as_ref()) {
                let of_baseline = suppression.by == "baseline";
                *if of_baseline { &mut sum.baseline } else { &mut sum.suppressed } += 1;
            }
            sum.buckets.enforced += file.counts.enforced;
            sum.buckets.exposed += file.counts.exposed;
            sum.buckets.undecided += file.counts.undecided;
        }
        sum
    }
}

/// `3 files, 5 buckets: 2 enforced, 2 exposed, 1 undecided`
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", counted(self.files, "file"), counted(self.buckets.buckets(), "bucket"))?;
        let Counts { enforced, exposed, undecided } = self.buckets;
        let verdicts = [(enforced, "enforced"), (exposed, "exposed"), (undecided, "undecided")];
        let met = verdicts.iter().filter(|(count, _)| *count > 0);
        for (index, (count, verdict)) in met.enumerate() {
            write!(f, "{} {count} {verdict}", if index == 0 { ":" } else { "," })?;
        }
        let muted =
            [(self.suppressed, "suppressed"), (self.baseline, "known before"), (self.ignored, "ignored by settings")];
        for (count, how) in muted.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "; {} {how}", counted(count, "finding"))?;
        }
        if self.errors > 0 {
            write!(f, "; {}", counted(self.errors, "error"))?;
        }
        Ok(())
    }
}

/// `no files`, `1 file`, `2 files`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_sentence() {
        let sum = Summary { files: 3, buckets: Counts { enforced: 2, exposed: 2, undecided: 1 }, ..Summary::default() };
        assert_eq!(sum.to_string(), "3 files, 5 buckets: 2 enforced, 2 exposed, 1 undecided");
        let buckets = Counts { exposed: 1, ..Counts::default() };
        let sum = Summary { files: 1, buckets, errors: 2, ignored: 1, ..Summary::default() };
        assert_eq!(sum.to_string(), "1 file, 1 bucket: 1 exposed; 1 finding ignored by settings; 2 errors");
        assert_eq!(Summary::default().to_string(), "no files, no buckets");
    }
}
