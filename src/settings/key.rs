//! The keys of a settings file: one table, which the reader, the JSON Schema and the hints are made from.

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// `true` or `false`.
    Flag,
    /// Any string that says something.
    Text,
    /// A day, such as `2027-03-31`.
    Date,
    /// The name of a rule.
    Rule,
    /// A severity.
    Severity,
    /// What `--fail-on` takes.
    FailOn,
    /// A pattern of paths, relative to the file.
    Glob,
    /// A pattern of addresses: `*` for any characters, `?` for one.
    Address,
    /// The path of a file, relative to the file.
    File,
    /// The id of an AWS account.
    Account,
    /// The value of a parameter.
    Value,
    /// A name that the user makes up.
    Name,
    /// A list, of at least one.
    List(&'static Shape),
    /// One, or a list.
    OneOrMore(&'static Shape),
    /// This word, or what else it may be.
    WordOr(&'static str, &'static Shape),
    /// Keys of one shape with values of another.
    Map(&'static Shape, &'static Shape),
    /// These keys.
    Object(&'static [Key]),
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// What it is for, in one sentence without full stop.
    pub(super) about: &'static str,
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: false, about }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: true, about }
}

/// What a settings file may hold.
pub(super) static SETTINGS: Shape = Shape::Object(&[
    key("select", Shape::List(&Shape::Rule), "The rules to apply, and no others"),
    key("ignore", Shape::List(&Shape::Rule), "The rules not to apply"),
    key("severity", Shape::Map(&Shape::Rule, &Shape::Severity), "Other severities for rules than their own"),
    key(
        "fail-on",
        Shape::FailOn,
        "The severity from which on findings give exit status 1; taken from the settings nearest to the current folder",
    ),
    key("exclude", Shape::List(&Shape::Glob), "Files and folders that a walk leaves out"),
    key("parameters", Shape::Map(&Shape::Name, &Shape::Value), "Values of template parameters"),
    key(
        "parameter-files",
        Shape::Map(&Shape::Glob, &Shape::File),
        "Which templates take their parameters from which file; the last of several that give a value counts",
    ),
    key("assume-defaults", Shape::Flag, "Whether to take each parameter's default for its value"),
    key(
        "deployments",
        Shape::Map(&Shape::Name, &Shape::List(&Shape::Glob)),
        "Which files are deployed together; taken from the settings nearest to the current folder",
    ),
    key("suppress", Shape::List(&SUPPRESS), "Findings that are known and accepted"),
    key(
        "guarded-by",
        Shape::List(&GUARD),
        "Resource control policies of the organization that apply to these buckets; taken from the settings nearest \
         to the current folder",
    ),
]);

const SUPPRESS: Shape = Shape::Object(&[
    required("rule", Shape::OneOrMore(&Shape::Rule), "The rule, or a list of rules"),
    key("path", Shape::OneOrMore(&Shape::Glob), "The files in which; all files where it is left out"),
    key("address", Shape::OneOrMore(&Shape::Address), "The buckets or policies; all where it is left out"),
    required("reason", Shape::Text, "Why this is accepted"),
    key("until", Shape::Date, "The last day on which it is"),
]);

const GUARD: Shape = Shape::Object(&[
    required("file", Shape::File, "The policy, as JSON"),
    required("reason", Shape::Text, "Why this counts"),
    required(
        "accounts",
        Shape::WordOr(super::ALL, &Shape::List(&Shape::Account)),
        "The accounts that the policy is attached to, or `all` where every bucket of the run is in one of them",
    ),
]);
