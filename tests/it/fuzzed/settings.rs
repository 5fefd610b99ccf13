//! Any text as a settings file, a parameter file, a baseline and a list of patterns: no panic, no endless work, and
//! errors that lie in the file.

use super::values;
use bucketlint::frontend::parameters;
use bucketlint::settings::{self, Baseline, Globs, Settings};
use bucketlint::source::{Sources, decode};

/// Paths that patterns are held against.
const PATHS: [&str; 4] = ["a.yaml", "deep/er/still/b.json", "ä/{x}/[y]", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"];

pub fn target(data: &[u8]) {
    let Ok(text) = decode(data.to_vec()) else { return };
    let mut sources = Sources::default();
    let file = sources.add("bucketlint.yaml", text.as_str());
    match settings::read(&file) {
        Ok(read) => match_all(&read),
        Err(errors) => {
            assert!(!errors.is_empty());
            errors.iter().for_each(|error| values::check_place(error.span, &sources));
        }
    }
    if let Err(errors) = parameters::read(&file) {
        assert!(!errors.is_empty());
        errors.iter().for_each(|error| values::check_place(error.span, &sources));
    }
    if let Ok(baseline) = Baseline::read(&text) {
        let written = baseline.written();
        assert_eq!(Baseline::read(&written).map(|again| again.written()), Ok(written));
    }
    if let Ok(globs) = Globs::new(&text.lines().take(20).collect::<Vec<_>>()) {
        match_paths(&globs);
    }
}

fn match_all(settings: &Settings) {
    match_paths(&settings.exclude);
    settings.deployments.iter().for_each(|deployment| match_paths(&deployment.files));
    settings.parameter_files.iter().for_each(|file| match_paths(&file.templates));
    settings.suppress.iter().flat_map(|suppress| suppress.path.iter().chain(&suppress.address)).for_each(match_paths);
}

fn match_paths(globs: &Globs) {
    for path in PATHS {
        let _ = (globs.matches(path), globs.covers_file(path), globs.covers_folder(path));
    }
}
