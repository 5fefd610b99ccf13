//! The values that parameters are given, by flags and by settings, and what is wrong with them.

use super::configuration::Configuration;
use crate::frontend::parameters;
use crate::lint::Values;
use crate::report::{DeclaredRecord, FileReport, NoticeRecord, Place};
use crate::source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Values of parameters, and where each is given.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    values: BTreeMap<String, String>,
    places: BTreeMap<String, Place>,
}

impl Given {
    /// What was read of a file among `sources`.
    pub(super) fn of(read: parameters::Given, sources: &Sources) -> Self {
        let place = |(name, span)| (name, Place::of(sources, span));
        Self { values: read.values, places: read.places.into_iter().map(place).collect() }
    }

    /// Takes what is given elsewhere too; that counts.
    pub(super) fn extend(&mut self, later: Self) {
        self.values.extend(later.values);
        self.places.extend(later.places);
    }

    /// The same, what `later` gives besides it; that counts.
    pub(super) fn and(mut self, later: &Holds) -> Self {
        let (values, places) = (later.values.parameters.iter(), later.places.iter());
        self.values.extend(values.map(|(name, value)| (name.clone(), value.clone())));
        self.places.extend(places.map(|(name, place)| (name.clone(), place.clone())));
        self
    }
}

/// What holds for some files.
#[derive(Clone, Debug, Default)]
pub(super) struct Holds {
    pub(super) values: Arc<Values>,
    places: Arc<BTreeMap<String, Place>>,
}

impl Holds {
    pub(super) fn new(given: Given, assume_defaults: bool) -> Self {
        let values = Values { parameters: Arc::new(given.values), assume_defaults };
        Self { values: Arc::new(values), places: Arc::new(given.places) }
    }

    /// Whether the value that counts for a parameter is given there.
    pub(super) fn is_at(&self, name: &str, place: &Place) -> bool {
        self.places.get(name) == Some(place)
    }
}

/// Of which files it is said what they are where each parameter has its default: nobody may take that for what they are
/// with other values.
pub(super) fn assumed(files: &[FileReport], configuration: &Configuration<'_>) -> Vec<FileReport> {
    let mut by_source: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| file.kind.is_some() && file.counts.buckets() > 0) {
        let path = Path::new(&file.path);
        if configuration.values(path).assume_defaults {
            *by_source.entry(configuration.who_assumes(path)).or_default() += 1;
        }
    }
    let report = |(path, count): (String, usize)| {
        let files = if count == 1 { "1 file hold".to_owned() } else { format!("{count} files hold") };
        let message = format!(
            "the verdicts of {files} where each parameter has its default: with other values they may be worse"
        );
        let notices = vec![NoticeRecord::of_file(path.as_str(), message)];
        FileReport { path, notices, is_unread: true, ..FileReport::default() }
    };
    by_source.into_iter().map(report).collect()
}

/// So many names of a file that nothing has are told, and the others counted. Nobody reads more.
const MAX_TOLD: usize = 100;

/// What is to be said of values that a template refuses, and of names that none of the files that were linted has, each
/// at the name where the value is given.
pub(super) fn misgiven(files: &[FileReport], configuration: &Configuration<'_>) -> Vec<FileReport> {
    let mut notices: BTreeSet<NoticeRecord> = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    // Whether a file has the parameter that is given there.
    let mut met: BTreeMap<(String, Place), bool> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.declared.is_empty()) {
        let holds = configuration.holds(Path::new(&file.path));
        let declared: BTreeMap<&str, &DeclaredRecord> =
            file.declared.iter().map(|one| (one.name.as_str(), one)).collect();
        names.extend(declared.keys());
        for (name, place) in holds.places.iter() {
            let one = declared.get(name.as_str());
            *met.entry((name.clone(), place.clone())).or_default() |= one.is_some();
            if let Some(refuses) = one.and_then(|one| one.refuses.as_deref()) {
                let message = format!("parameter `{name}` of `{}` cannot have this value: {refuses}", file.path);
                notices.insert(NoticeRecord { place: place.clone(), message });
            }
        }
    }
    let mut unmet: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let given: BTreeSet<String> = met.keys().map(|(name, _)| name.clone()).collect();
    for ((name, place), _) in met.into_iter().filter(|(_, is_known)| !is_known) {
        // A name that is given as well is another parameter's.
        let near = parameters::near(&name, names.iter().copied().filter(|name| !given.contains(*name)));
        // Settings may be about templates that this run is not about.
        if near.is_empty() && !configuration.is_by_flag(&name, &place) {
            continue;
        }
        let count = unmet.entry(Arc::clone(&place.file)).or_default();
        *count += 1;
        if *count <= MAX_TOLD {
            let message = format!("no template that was linted has a parameter `{name}`{near}");
            notices.insert(NoticeRecord { place, message });
        }
    }
    for (file, count) in unmet.into_iter().filter(|(_, count)| *count > MAX_TOLD) {
        let more = count - MAX_TOLD;
        let message = format!("no template that was linted has {more} more of the parameters that are given here");
        notices.insert(NoticeRecord::of_file(file, message));
    }
    let mut by_file: BTreeMap<String, Vec<NoticeRecord>> = BTreeMap::new();
    for notice in notices {
        by_file.entry(notice.place.file.to_string()).or_default().push(notice);
    }
    let report = |(path, notices)| FileReport { path, notices, is_unread: true, ..FileReport::default() };
    by_file.into_iter().map(report).collect()
}
