//! Where reports go: one to standard output or into a file, and any number into further files.

use super::arguments::{Check, Color};
use super::configuration::Configuration;
use super::terminal;
use crate::discover;
use crate::report::{ErrorRecord, FileReport, Fixes, Format, Report, human, renamed};
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A value of `--output`.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// `None` for the report that `--format` asks for.
    format: Option<&'static Format>,
    path: PathBuf,
}

/// The reports of a run.
pub(super) struct Outputs {
    /// The one that `--format` asks for, first.
    all: Vec<(&'static Format, Target)>,
    color: Color,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Target {
    StandardOutput,
    File(PathBuf),
}

impl Asked {
    /// Reads `FILE` or `FORMAT=FILE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((name, path)) = text.split_once('=').filter(|(name, _)| is_word(name)) else {
            return Ok(Self { format: None, path: text.into() });
        };
        match Format::named(name) {
            Some(_) if path.is_empty() => Err("a file is missing behind the `=`".to_owned()),
            Some(format) => Ok(Self { format: Some(format), path: path.into() }),
            None => Err(format!("there is no format `{name}`; a file of this name is written `./{text}`")),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Outputs {
    /// What the flags ask for.
    pub(super) fn new(arguments: &Check, color: Color) -> Result<Self, String> {
        let target = |path: &Path| {
            let is_stream = path == Path::new("-");
            if is_stream { Target::StandardOutput } else { Target::File(path.to_owned()) }
        };
        let mut mains = arguments.output.iter().filter(|asked| asked.format.is_none());
        let main = mains.next().map_or(Target::StandardOutput, |asked| target(&asked.path));
        if mains.next().is_some() {
            return Err("`--output FILE` is given twice: write `FORMAT=FILE` for a further report".to_owned());
        }
        let more = arguments.output.iter().filter_map(|asked| Some((asked.format?, target(&asked.path))));
        let all: Vec<_> = std::iter::once((arguments.format, main)).chain(more).collect();
        let mut seen = HashSet::new();
        if let Some((format, target)) = all.iter().find(|(_, target)| !seen.insert(target)) {
            return Err(format!("two reports go to {}: the second is `{}`", target.name(), format.name));
        }
        Ok(Self { all, color })
    }

    /// The format of the report that `--format` asks for.
    pub(super) fn main(&self) -> &'static Format {
        self.all.first().map_or(Format::default_one(), |(format, _)| *format)
    }

    /// Whether one of the reports tells of buckets.
    pub(super) fn tell_buckets(&self) -> bool {
        self.all.iter().any(|(format, _)| format.tells_buckets)
    }

    /// For which findings the reports show what to write.
    pub(super) fn fixes(&self) -> Fixes {
        self.all.iter().map(|(format, _)| format.fixes).max().unwrap_or(Fixes::None)
    }

    /// Writes all reports; what went wrong.
    pub(super) fn write(&self, report: &Report<'_>, configuration: &Configuration<'_>) -> Vec<ErrorRecord> {
        let is_rooted = !configuration.is_at_root() && self.all.iter().any(|(format, _)| format.is_rooted);
        let rooted = is_rooted.then(|| renamed(report.files, &|path| configuration.rooted(path)));
        let failed = self.all.iter().filter_map(|(format, target)| {
            let files = rooted.as_deref().filter(|_| format.is_rooted).unwrap_or(report.files);
            let written = target.is_free(report.files);
            let error = written.and_then(|()| target.write(format, &Report { files, ..*report }, self.color)).err()?;
            Some(ErrorRecord::of_file(target.name(), discover::cause(&error)))
        });
        failed.collect()
    }
}

impl Target {
    fn name(&self) -> String {
        match self {
            Self::StandardOutput => "standard output".to_owned(),
            Self::File(path) => discover::shown(path),
        }
    }

    /// Nothing that was linted is written over.
    fn is_free(&self, linted: &[FileReport]) -> io::Result<()> {
        match self {
            Self::File(path) if linted.iter().any(|file| is_same(path, Path::new(&file.path))) => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "is a file that was linted"))
            }
            Self::File(_) | Self::StandardOutput => Ok(()),
        }
    }

    fn write(&self, format: &Format, report: &Report<'_>, color: Color) -> io::Result<()> {
        let styled = |style: human::Style| Report { style, ..*report };
        match self {
            Self::StandardOutput => {
                let report = styled(terminal::standard_output(color));
                let mut out = BufWriter::new(io::stdout().lock());
                terminal::reader_may_go(format.write(&report, &mut out).and_then(|()| out.flush()))
            }
            Self::File(path) => {
                let report = styled(terminal::style(color, false));
                discover::replace(path, |out| format.write(&report, out))
            }
        }
    }
}

/// Whether both lead to one file that is there.
fn is_same(one: &Path, two: &Path) -> bool {
    // Most names differ in their last part, and need no look at the disk.
    one.file_name() == two.file_name()
        && one.canonicalize().is_ok_and(|one| two.canonicalize().is_ok_and(|two| one == two))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_stands_before_the_file() {
        let read = |text: &str| {
            Asked::parse(text).map(|asked| (asked.format.map(|format| format.name), asked.path.display().to_string()))
        };
        assert_eq!(read("report.txt"), Ok((None, "report.txt".to_owned())));
        assert_eq!(read("sarif=a=b.sarif"), Ok((Some("sarif"), "a=b.sarif".to_owned())));
        assert_eq!(read("./sarif=x"), Ok((None, "./sarif=x".to_owned())));
        assert!(read("sarfi=x").is_err());
        assert!(read("json=").is_err());
    }
}
