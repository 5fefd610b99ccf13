//! What a run is told besides its files: flags and settings taken together.

use super::arguments::Check;
use super::check::STDIN;
use super::clock;
use super::given::{Given, Holds};
use super::look::is_stdin;
use crate::discover::{self, shown};
use crate::finding::Severity;
use crate::frontend::{normal, parameters, spelled};
use crate::lint::{Guard, Options, Values};
use crate::report::{ErrorRecord, FileReport, FindingRecord, NoticeRecord, Place, SuppressionRecord};
use crate::rules;
use crate::settings::{FailOn, Globs, GuardedBy, RuleName, Scope, Scopes, Settings, SettingsError, Start, Suppress};
use crate::source::{self, Sources, Span, relative};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Entries of settings that muted something: the file and the index.
pub(super) type Used = BTreeSet<(String, usize)>;

/// Flags and settings; flags win.
pub(super) struct Configuration<'a> {
    arguments: &'a Check,
    pub(super) scopes: Scopes,
    /// The settings that hold for the run as a whole.
    run: Arc<Scope>,
    pub(super) options: Options,
    /// The root of the repository that the current folder is in, with the way there from it.
    repository: Option<(PathBuf, String)>,
    /// What flags say of all files.
    by_flags: Holds,
    values: Mutex<KnownValues>,
}

/// Values by the settings and by which of their parameter files hold, and what was wrong with these.
#[derive(Default)]
struct KnownValues {
    known: HashMap<(Option<String>, Vec<usize>), Holds>,
    errors: Vec<ErrorRecord>,
}

/// The most bytes of a file of parameters or of a policy that settings name.
const LARGEST: u64 = 16 * 1024 * 1024;

impl<'a> Configuration<'a> {
    /// Reads what holds for the run as a whole.
    pub(super) fn new(arguments: &'a Check, fixes: bool) -> Result<Self, Vec<ErrorRecord>> {
        let failed = |file: String, message: String| vec![ErrorRecord::of_file(file, message)];
        let exclude = Globs::new(&arguments.exclude).map_err(|message| failed("--exclude".to_owned(), message))?;
        let start = Start {
            paths: arguments.paths.iter().filter(|path| !is_stdin(path)).cloned().collect(),
            config: arguments.config.clone(),
            isolated: arguments.isolated,
            exclude,
            force_exclude: arguments.force_exclude,
        };
        let scopes = Scopes::new(start).map_err(|error| failed(".".to_owned(), discover::cause(&error)))?;
        let run = scopes.of_run();
        if !run.errors.is_empty() {
            return Err(errors_of(&run).collect());
        }
        let mut given = Given::default();
        for path in &arguments.parameters {
            let bytes =
                discover::read_beside(path, LARGEST).map_err(|error| failed(shown(path), discover::cause(&error)))?;
            given.extend(read_parameters(&shown(path), bytes)?);
        }
        let by_flags = Holds::new(given, arguments.assume_defaults);
        let now = clock::now(arguments.now).map_err(|message| failed(clock::VARIABLE.to_owned(), message))?;
        let options = Options {
            values: Arc::clone(&by_flags.values),
            terraform_dir: arguments.terraform_dir.as_deref().map(|folder| PathBuf::from(shown(folder))),
            terraform_plan: arguments.terraform_plan.clone(),
            var_files: arguments.var_file.clone(),
            now,
            fixes,
            honor: arguments.honor.clone(),
            no_inline_suppressions: arguments.no_inline_suppressions,
            guards: guards(&run)?,
            forget_buckets: false,
        };
        let here = discover::real_folder(Path::new("")).unwrap_or_default();
        let repository = discover::repository(&here).map(|root| (root.to_owned(), relative(root, &here)));
        let values = Mutex::default();
        Ok(Self { arguments, scopes, run, options, repository, by_flags, values })
    }

    /// A path as it is called in the repository; as it is shown where it lies elsewhere.
    pub(super) fn rooted(&self, path: &str) -> String {
        if self.is_at_root() || path == STDIN || Path::new(path).is_absolute() {
            return path.to_owned();
        }
        let way = self.repository.as_ref().map_or("", |(_, way)| way);
        spelled(&Path::new(way).join(path))
    }

    /// Whether paths are called the same in the repository, as the current folder is its root, or in none.
    pub(super) fn is_at_root(&self) -> bool {
        self.repository.as_ref().is_none_or(|(_, way)| way.is_empty())
    }

    /// Whether a file is there that is called so in the repository.
    pub(super) fn is_there(&self, path: &str) -> bool {
        let root = self.repository.as_ref().map_or(Path::new(""), |(root, _)| root);
        root.join(path).exists()
    }

    /// The values of parameters for a file: those of its settings, of the parameter files that they name for it, and
    /// of flags, later ones first.
    pub(super) fn values(&self, path: &Path) -> Arc<Values> {
        self.holds(path).values
    }

    /// Who says that the defaults of parameters are taken for their values in a file: the path of its settings, or the flag.
    pub(super) fn who_assumes(&self, path: &Path) -> String {
        let (scope, _) = self.scopes.of_file(path);
        let by_settings = scope.settings.assume_defaults.is_some() && !self.arguments.assume_defaults;
        scope.file.clone().filter(|_| by_settings).unwrap_or_else(|| "--assume-defaults".to_owned())
    }

    /// Whether the value of a parameter is given there by a flag.
    pub(super) fn is_by_flag(&self, name: &str, place: &Place) -> bool {
        self.by_flags.is_at(name, place)
    }

    /// The same, with where each value is given.
    pub(super) fn holds(&self, path: &Path) -> Holds {
        let (scope, relative) = self.scopes.of_file(path);
        let settings = &scope.settings;
        if settings.parameters.values.is_empty()
            && settings.parameter_files.is_empty()
            && settings.assume_defaults.is_none()
        {
            return self.by_flags.clone();
        }
        let files = settings.parameter_files.iter().enumerate();
        let files: Vec<usize> =
            files.filter(|(_, file)| file.templates.covers_file(&relative)).map(|(index, _)| index).collect();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let KnownValues { known, errors } = &mut *values;
        let key = (scope.file.clone(), files);
        if let Some(holds) = known.get(&key) {
            return holds.clone();
        }
        let mut parameters = Given::of(settings.parameters.clone(), &scope.sources);
        for file in key.1.iter().filter_map(|index| settings.parameter_files.get(*index)) {
            let read =
                read_named(&scope, &file.file, file.span).and_then(|(name, bytes)| read_parameters(&name, bytes));
            match read {
                Ok(read) => parameters.extend(read),
                Err(found) => errors.extend(found),
            }
        }
        let assume_defaults = self.arguments.assume_defaults || settings.assume_defaults == Some(true);
        let holds = Holds::new(parameters.and(&self.by_flags), assume_defaults);
        known.insert(key, holds.clone());
        holds
    }

    /// From which severity on findings make the run fail.
    pub(super) fn fail_on(&self) -> FailOn {
        if self.arguments.exit_zero {
            return FailOn::Never;
        }
        self.arguments.fail_on.or(self.run.settings.fail_on).unwrap_or_default()
    }

    /// Takes away what is switched off, counts what settings switch off, and mutes what they accept.
    pub(super) fn apply(&self, file: &mut FileReport, used: &mut Used) {
        let (scope, relative) = self.scopes.of_file(Path::new(&file.path));
        let settings = &scope.settings;
        file.identify(&self.rooted(&file.path));
        file.findings.retain(|finding| self.wanted_by_flags(finding.rule));
        let asked = file.findings.len();
        file.findings.retain(|finding| self.wanted_by_settings(finding.rule, settings));
        file.ignored = asked - file.findings.len();
        for finding in &mut file.findings {
            finding.severity = severity(settings, finding.rule).unwrap_or(finding.severity);
        }
        self.accept(file, &scope, &relative, used);
    }

    /// Mutes what the settings say is accepted.
    fn accept(&self, file: &mut FileReport, scope: &Scope, relative: &str, used: &mut Used) {
        let entries = scope.settings.suppress.iter().enumerate();
        let entries: Vec<_> =
            entries.filter(|(_, entry)| self.is_current(entry) && is_about(entry, relative)).collect();
        for finding in &mut file.findings {
            let bucket = finding.bucket.as_deref().unwrap_or_default();
            let accepts = |entry: &Suppress| {
                let address = entry.address.as_ref().is_none_or(|address| address.matches(bucket));
                address && entry.rules.iter().any(|rule| rule.0 == finding.rule)
            };
            for (index, entry) in entries.iter().filter(|(_, entry)| accepts(entry)) {
                used.insert((scope.file.clone().unwrap_or_default(), *index));
                finding.suppressed.get_or_insert_with(|| {
                    let place = Some(Place::of(&scope.sources, entry.span));
                    Box::new(SuppressionRecord { by: "settings", reason: entry.reason.clone(), place })
                });
            }
        }
    }

    fn is_current(&self, entry: &Suppress) -> bool {
        entry.until.is_none_or(|until| until >= self.options.now)
    }

    /// Findings about entries of settings that are over, or that nothing is left of. Where only a part of the files
    /// was linted that settings hold for, the rest may have what they are about.
    pub(super) fn idle_entries(&self, used: &Used) -> Vec<FileReport> {
        let mut reports = Vec::new();
        for scope in self.scopes.met() {
            let path = scope.file.clone().unwrap_or_default();
            let whole = self.scopes.are_whole(&scope);
            let idle = scope.settings.suppress.iter().enumerate().filter_map(|(index, entry)| match entry.until {
                Some(until) if until < self.options.now => Some((entry, format!("this suppression ended on {until}"))),
                _ if !whole || used.contains(&(path.clone(), index)) => None,
                _ => Some((entry, "no finding is here to suppress".to_owned())),
            });
            let finding = |(entry, message): (&Suppress, String)| rules::of_idle_suppression(entry.span, message);
            let findings: Vec<_> =
                idle.filter_map(finding).map(|finding| FindingRecord::new(&finding, &scope.sources)).collect();
            if !findings.is_empty() {
                let mut report = FileReport { path, findings, ..FileReport::default() }.in_order();
                self.apply(&mut report, &mut Used::new());
                reports.push(report);
            }
        }
        reports
    }

    fn wanted_by_flags(&self, rule: &str) -> bool {
        let named = |rules: &[String]| rules.iter().any(|named| named == rule);
        (self.arguments.select.is_empty() || named(&self.arguments.select)) && !named(&self.arguments.ignore)
    }

    /// A flag takes the place of its key.
    fn wanted_by_settings(&self, rule: &str, settings: &Settings) -> bool {
        let named = |rules: &[RuleName]| rules.iter().any(|named| named.0 == rule);
        let selected = !self.arguments.select.is_empty() || settings.select.as_deref().is_none_or(named);
        selected && (!self.arguments.ignore.is_empty() || !named(&settings.ignore))
    }

    /// What is wrong with settings that were met on the way.
    pub(super) fn errors(&self) -> Vec<ErrorRecord> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let of_values = values.errors.iter().cloned();
        let mut seen = BTreeSet::new();
        let all = self
            .scopes
            .met()
            .iter()
            .flat_map(|scope| errors_of(scope).collect::<Vec<_>>())
            .chain(of_values)
            .collect::<Vec<_>>();
        all.into_iter().filter(|error| seen.insert((error.file.clone(), error.message.clone()))).collect()
    }

    /// What is to be said of keys that have no effect, for each of the settings that were met, by the files that were
    /// linted.
    pub(super) fn idle_keys(&self, files: &[FileReport]) -> Vec<FileReport> {
        let linted: Vec<&Path> =
            files.iter().filter(|file| file.kind.is_some()).map(|file| Path::new(&file.path)).collect();
        let of_scope = |scope: &Arc<Scope>| {
            let notice = |span, message: &str| NoticeRecord::new(message, span, &scope.sources);
            let mut notices: Vec<_> = scope.settings.idle.iter().map(|idle| notice(idle.span, &idle.message)).collect();
            // Where only a part of the files was linted, the rest may have what they are about.
            if self.scopes.are_whole(scope) {
                let message = "this has no effect: it matches none of the files that were linted";
                notices.extend(self.unmatched(scope, &linted).into_iter().map(|span| notice(span, message)));
            }
            if scope.file != self.run.file {
                let message = "this has no effect: it is taken from the settings nearest to the current folder";
                notices.extend(scope.settings.of_run.iter().map(|(_, span)| notice(*span, message)));
            }
            let path = scope.file.clone().unwrap_or_default();
            (!notices.is_empty()).then(|| FileReport { path, notices, is_unread: true, ..FileReport::default() })
        };
        self.scopes.met().iter().filter_map(of_scope).collect()
    }

    /// The entries of settings with patterns that match none of some files.
    fn unmatched(&self, scope: &Scope, files: &[&Path]) -> Vec<Span> {
        let Settings { parameter_files, deployments, .. } = &scope.settings;
        let mut open: BTreeMap<Span, &Globs> = parameter_files.iter().map(|one| (one.span, &one.templates)).collect();
        if scope.file == self.run.file {
            open.extend(deployments.iter().map(|one| (one.span, &one.files)));
        }
        for path in files {
            if open.is_empty() {
                break;
            }
            let relative = self.scopes.relative(scope, path);
            open.retain(|_, globs| !globs.covers_file(&relative));
        }
        open.into_keys().collect()
    }

    /// What holds for each of the paths, for people.
    pub(super) fn shown(&self) -> Result<String, Vec<ErrorRecord>> {
        let mut text = String::new();
        for path in &self.arguments.paths {
            let path = if is_stdin(path) { self.arguments.stdin_filename.as_deref().unwrap_or(path) } else { path };
            let inside = if discover::is_folder(path) { path.join("*") } else { path.to_owned() };
            let (scope, _) = self.scopes.of_file(&inside);
            if !scope.errors.is_empty() {
                return Err(errors_of(&scope).collect());
            }
            text.push_str(&super::effective::text(&shown(path), &scope, &self.run, self.arguments));
        }
        Ok(text)
    }
}

/// Whether an entry is about a file, by its path relative to the settings.
fn is_about(entry: &Suppress, path: &str) -> bool {
    entry.path.as_ref().is_none_or(|globs| globs.covers_file(path))
}

fn severity(settings: &Settings, rule: &str) -> Option<Severity> {
    settings.severity.iter().find(|(name, _)| name.0 == rule).map(|(_, severity)| *severity)
}

fn errors_of(scope: &Scope) -> impl Iterator<Item = ErrorRecord> {
    scope.errors.iter().map(|SettingsError { file, message, span }| match span {
        Some(span) => ErrorRecord::at(message, *span, &scope.sources),
        None => ErrorRecord::of_file(file, message),
    })
}

/// Reads a file of parameter values. It may hold secrets, and it may be something else altogether.
fn read_parameters(name: &str, bytes: Vec<u8>) -> Result<Given, Vec<ErrorRecord>> {
    /// At most so many errors of one file are shown.
    const MAX_SHOWN: usize = 20;
    let text = source::decode(bytes).map_err(|error| vec![ErrorRecord::of_file(name, error.to_string())])?;
    let mut sources = Sources::default();
    let file = sources.add_confidential(name, text);
    let read = parameters::read(&file).map_err(|errors| {
        let shown = errors.into_iter().take(MAX_SHOWN);
        shown
            .map(|error| ErrorRecord::at(error.message, error.span, &sources).with_help(error.help))
            .collect::<Vec<_>>()
    })?;
    Ok(Given::of(read, &sources))
}

/// Reads a file that settings name, which must lie in their repository; with what it is called.
fn read_named(scope: &Scope, file: &str, span: Span) -> Result<(String, Vec<u8>), Vec<ErrorRecord>> {
    let top = discover::repository(&scope.folder).unwrap_or(&scope.folder);
    let path = normal(&scope.folder.join(file));
    let bytes = discover::read_below(&path, top, LARGEST).map_err(|error| {
        let message = format!("`{file}` cannot be read: {}", discover::cause(&error));
        vec![ErrorRecord::at(message, span, &scope.sources)]
    });
    Ok((shown(&path), bytes?))
}

/// The policies of the organization that the settings name.
fn guards(scope: &Scope) -> Result<Vec<Guard>, Vec<ErrorRecord>> {
    let read = |(number, guarded): (u32, &GuardedBy)| {
        let (name, bytes) = read_named(scope, &guarded.file, guarded.span)?;
        let text = source::decode(bytes).map_err(|error| vec![ErrorRecord::of_file(&name, error.to_string())])?;
        Guard::read(number, &name, text, &guarded.reason, guarded.accounts.clone())
    };
    (1..).zip(&scope.settings.guarded_by).map(read).collect()
}

/// The paths that the user pointed at; standard input is none.
pub(super) fn pointed_at(arguments: &Check) -> impl Iterator<Item = &Path> {
    let all = arguments.paths.iter().chain(&arguments.terraform_dir).chain(&arguments.terraform_plan);
    let all = all.chain(&arguments.var_file);
    all.map(PathBuf::as_path).filter(|path| !is_stdin(path))
}
