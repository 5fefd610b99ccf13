//! Settings: the configuration file and the flags that win over it.
//!
//! The configuration file is `.bucketlint.yaml` or `bucketlint.yaml` in the current folder, or the one that `--config`
//! names. No other folder is looked into, so that a run depends on nothing that its user does not see.

use crate::finding::Severity;
use crate::rules;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The names of a configuration file, of which a folder may have one.
pub const FILE_NAMES: [&str; 2] = [".bucketlint.yaml", "bucketlint.yaml"];

/// What a configuration file says; what it leaves out is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// The rules to apply, and no others.
    pub select: Option<Vec<RuleName>>,
    /// The rules not to apply.
    pub ignore: Option<Vec<RuleName>>,
    /// The severity from which on findings make a run fail.
    pub fail_on: Option<FailOn>,
    /// Patterns of files and folders that a walk leaves out, relative to the folder that is walked: `*` and `?`
    /// within a name, `**` for any number of folders.
    pub exclude: Option<Vec<String>>,
    /// Values of template parameters.
    pub parameters: Option<Parameters>,
    /// Whether to take each parameter's default for its value.
    pub assume_defaults: Option<bool>,
}

/// The name of a rule that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleName(pub &'static str);

/// When findings make a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// On errors.
    Error,
    /// On warnings and errors.
    #[default]
    Warning,
    /// On every finding.
    Note,
    /// Never.
    Never,
}

impl FailOn {
    /// Whether a finding of that severity makes the run fail.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Note => true,
            Self::Never => false,
        }
    }
}

/// Values of parameters by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub BTreeMap<String, String>);

/// A file of settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SettingsError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Line and column from 1, where they are known.
    pub at: Option<(usize, usize)>,
}

/// Reads the text of a configuration file.
///
/// # Errors
/// Where it is no YAML, or has a key or a value that means nothing, or one key twice.
pub fn settings(text: &str) -> Result<Settings, SettingsError> {
    // A file of nothing but comments is null to the reader.
    yaml::<Option<Settings>>(text).map(Option::unwrap_or_default)
}

fn yaml<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, SettingsError> {
    serde_yaml::from_str(text).map_err(|error| SettingsError {
        message: without_place(&error.to_string()),
        at: error.location().map(|place| (place.line(), place.column())),
    })
}

/// Readers put the place into their message; ours stands before it.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some(rule) = rules::find(&name) {
            return Ok(Self(rule.name));
        }
        let hint = rules::suggest(&name).map(|rule| format!(", did you mean `{rule}`?"));
        Err(D::Error::custom(format!("there is no rule `{name}`{}", hint.unwrap_or_default())))
    }
}

/// A parameter's value as text: numbers and booleans as they are written, lists joined with commas.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum One {
            Text(String),
            Bool(bool),
            Number(serde_yaml::Number),
        }
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Any {
            One(One),
            List(Vec<One>),
        }
        let text = |one: One| match one {
            One::Text(text) => text,
            One::Bool(flag) => flag.to_string(),
            One::Number(number) => number.to_string(),
        };
        Ok(Self(match Any::deserialize(deserializer)? {
            Any::One(one) => text(one),
            Any::List(list) => list.into_iter().map(text).collect::<Vec<_>>().join(","),
        }))
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of parameter names to values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut values = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, Scalar>()? {
                    if values.insert(key.clone(), value.0).is_some() {
                        return Err(A::Error::custom(format!("parameter `{key}` stands twice")));
                    }
                }
                Ok(Parameters(values))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (String, Option<(usize, usize)>) {
        let error = settings(text).unwrap_err();
        (error.message, error.at)
    }

    #[test]
    fn reads_every_key() {
        let text = "select: [partial-deny]\nignore: [orphan-policy]\nfail-on: note\nexclude: ['vendor/**']\n\
                    parameters: {Name: data, Count: 3, Zones: [a, b], On: true}\nassume-defaults: true\n";
        let read = settings(text).unwrap();
        assert_eq!(read.select, Some(vec![RuleName("partial-deny")]));
        assert_eq!(read.ignore, Some(vec![RuleName("orphan-policy")]));
        assert_eq!(read.fail_on, Some(FailOn::Note));
        assert_eq!(read.exclude, Some(vec!["vendor/**".to_owned()]));
        let values = read.parameters.unwrap().0;
        assert_eq!(values.get("Zones").map(String::as_str), Some("a,b"));
        assert_eq!(values.get("Count").map(String::as_str), Some("3"));
        assert_eq!(read.assume_defaults, Some(true));
    }

    #[test]
    fn a_file_without_content_says_nothing() {
        assert_eq!(settings("").unwrap(), Settings::default());
        assert_eq!(settings("# nothing yet\n").unwrap(), Settings::default());
    }

    #[test]
    fn what_means_nothing_is_told_with_its_place() {
        let (message, at) = error("select: []\nselct: []\n");
        assert!(message.contains("unknown field `selct`"), "{message}");
        assert_eq!(at, Some((2, 1)));
        let (message, at) = error("ignore:\n  - partial-denny\n");
        assert!(message.contains("there is no rule `partial-denny`, did you mean `partial-deny`?"), "{message}");
        assert_eq!(at, Some((2, 3)));
        let (message, at) = error("ignore: []\nfail-on: note\nignore: []\n");
        assert!(message.contains("duplicate"), "{message}");
        assert!(at.is_some());
        let (message, _) = error("parameters:\n  A: 1\n  A: 2\n");
        assert!(message.contains("`A` stands twice") || message.contains("duplicate"), "{message}");
        assert!(error("fail-on: sometimes\n").0.contains("sometimes"));
        assert!(settings("select: [\n").is_err());
    }
}
