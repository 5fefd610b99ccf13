//! `--baseline` and `--write-baseline`: findings that are known are muted, others are new.

use super::arguments::Check;
use super::configuration::Configuration;
use crate::discover::{self, shown};
use crate::report::{ErrorRecord, FileReport, FindingRecord, SuppressionRecord, escape};
use crate::settings::{Baseline, Compared, Known};
use crate::source::decode;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

/// The most bytes of a baseline that are read: some hundred thousand findings.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads the baseline that the user names, if he names one.
pub(super) fn read(arguments: &Check) -> Result<Option<Baseline>, ErrorRecord> {
    let Some(path) = &arguments.baseline else { return Ok(None) };
    // One that is about to be written for the first time need not be there.
    if arguments.write_baseline.as_ref() == Some(path) && !path.exists() {
        return Ok(Some(Baseline::default()));
    }
    let failed = |message: String| ErrorRecord::of_file(shown(path), message);
    let bytes = discover::read_beside(path, LARGEST).map_err(|error| failed(discover::cause(&error)))?;
    let text = decode(bytes).map_err(|error| failed(error.to_string()))?;
    Baseline::read(&text).map(Some).map_err(failed)
}

/// The findings of a run as a baseline: those that nothing else mutes.
pub(super) fn of_run(files: &[FileReport], configuration: &Configuration<'_>) -> Baseline {
    let mut known = Vec::new();
    for file in files {
        let open = file.findings.iter().filter(|finding| finding.suppressed.as_ref().is_none_or(|by| by.by == BY));
        known.extend(open.map(|finding| kept(finding, &configuration.rooted(&file.path))));
    }
    Baseline::of(known)
}

/// All findings of a file, muted ones too.
pub(super) fn all_of(file: &FileReport, configuration: &Configuration<'_>) -> Vec<Known> {
    let path = configuration.rooted(&file.path);
    file.findings.iter().map(|finding| kept(finding, &path)).collect()
}

/// Writes the findings of a run as a baseline.
pub(super) fn write(path: &Path, baseline: &Baseline) -> Result<(), ErrorRecord> {
    let text = baseline.written();
    discover::replace(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| ErrorRecord::of_file(shown(path), discover::cause(&error)))
}

/// How a baseline mutes, in reports.
pub(super) const BY: &str = "baseline";

/// Mutes the findings that a baseline knows; what it says of each is `reason`.
pub(super) fn mute(
    files: &mut [FileReport],
    baseline: &Baseline,
    configuration: &Configuration<'_>,
    reason: &str,
) -> Compared {
    let now: Vec<Known> = files.iter().flat_map(|file| all_of(file, configuration)).collect();
    let compared = baseline.compare(&now, |path| !configuration.is_there(path));
    let findings = files.iter_mut().flat_map(|file| &mut file.findings);
    for (_, finding) in findings.enumerate().filter(|(index, _)| compared.known.contains(index)) {
        finding
            .suppressed
            .get_or_insert_with(|| Box::new(SuppressionRecord { by: BY, reason: reason.to_owned(), place: None }));
    }
    compared
}

/// What is to be said of entries that nothing is left of. Those of files that were not linted say nothing.
pub(super) fn gone(
    compared: &Compared,
    files: &[FileReport],
    configuration: &Configuration<'_>,
    baseline: &Path,
    verbose: bool,
) -> String {
    let linted: HashSet<String> = files.iter().map(|file| configuration.rooted(&file.path)).collect();
    let gone = compared.gone.iter().filter(|old| linted.contains(&old.path) || !configuration.is_there(&old.path));
    let gone: Vec<_> = gone.collect();
    let mut text = String::new();
    let (entries, occur, them) = if gone.len() == 1 { ("entry", "occurs", "it") } else { ("entries", "occur", "them") };
    if !gone.is_empty() {
        let name = escape::line(&shown(baseline));
        let _ = writeln!(
            text,
            "note: {name}: {} {entries} no longer {occur}: `--write-baseline {name}` leaves {them} out",
            gone.len()
        );
    }
    if verbose {
        for Known { path, rule, address, .. } in gone {
            let _ = writeln!(text, "gone: {}: {rule}: {}", escape::line(path), escape::line(address));
        }
    }
    text
}

fn kept(finding: &FindingRecord, path: &str) -> Known {
    Known {
        path: path.to_owned(),
        address: finding.bucket.clone().unwrap_or_default(),
        rule: finding.rule.to_owned(),
        cause: finding.because.clone(),
        fingerprint: finding.fingerprint.clone(),
    }
}
