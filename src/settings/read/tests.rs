use super::*;
use crate::source::Sources;
use std::fmt::Write as _;

fn settings(text: &str) -> Result<Settings, Vec<SyntaxError>> {
    read(&Sources::default().add("bucketlint.yaml", text))
}

#[test]
fn reads_every_key() {
    let text = r#"
select: [partial-deny, orphan-policy]
ignore:
  - orphan-policy
severity: {partial-deny: warning}
fail-on: note
exclude: ["vendor/**", "**/*-fixture.yaml"]
parameters: {Name: data, Count: 3, Zones: [a, b], On: true}
parameter-files: {"prod/*.yaml": prod.json}
assume-defaults: true
deployments:
  prod: ["prod/**"]
suppress:
  - {rule: partial-deny, path: "old/**", address: Data, reason: moves to the new stack, until: 2027-03-31}
  - {rule: [partial-deny], address: ["module.*", Logs], reason: known}
guarded-by:
  - {file: rcp.json, reason: attached to the root, accounts: all}
  - {file: rcp.json, reason: attached to two, accounts: [111122223333, "012345678901"]}
"#;
    let read = settings(text).unwrap();
    assert_eq!(read.select, Some(vec![RuleName("partial-deny"), RuleName("orphan-policy")]));
    assert_eq!(read.ignore, [RuleName("orphan-policy")]);
    assert_eq!(read.severity.get(&RuleName("partial-deny")), Some(&Severity::Warning));
    assert_eq!(read.fail_on, Some(FailOn::Note));
    assert_eq!(read.exclude.patterns(), ["vendor/**", "**/*-fixture.yaml"]);
    let values: Vec<_> = read.parameters.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(values, ["Count=3", "Name=data", "On=true", "Zones=a,b"]);
    assert_eq!(read.parameter_files[0].file, "prod.json");
    assert!(read.parameter_files[0].templates.matches("prod/a.yaml"));
    assert_eq!(read.assume_defaults, Some(true));
    assert_eq!(read.deployments[0].name, "prod");
    assert_eq!(read.suppress[0].until, Date::parse("2027-03-31"));
    assert!(read.suppress[0].path.as_ref().unwrap().matches("old/a.yaml"));
    assert!(read.suppress[1].address.as_ref().unwrap().matches("Logs"));
    assert_eq!(read.suppress[1].path, None);
    assert_eq!(read.guarded_by[0].accounts, None);
    assert_eq!(read.guarded_by[1].accounts, Some(vec!["111122223333".to_owned(), "012345678901".to_owned()]));
    assert_eq!(read.of_run.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["fail-on", "deployments", "guarded-by"]);
}

#[test]
fn a_file_without_content_says_nothing() {
    assert_eq!(settings("").unwrap(), Settings::default());
    assert_eq!(settings("# nothing yet\n").unwrap(), Settings::default());
    assert_eq!(settings("\u{feff}{}").unwrap(), Settings::default());
}

/// Broken files, one below the other; the snapshot shows for each error the place and what is said of it.
const BROKEN: [&str; 41] = [
    "selct: [partial-deny]",
    "failOn: note",
    "supress: []",
    "zzz: 1",
    "3: a",
    "[select]",
    "just text",
    "select: partial-deny",
    "select: []",
    "select:",
    "ignore:\n  - partial-denny",
    "ignore: [E501]",
    "ignore: [partial-deny]\nfail-on: note\nignore: [partial-deny]",
    "ignore: [[partial-deny]]",
    "severity: {partial-deny: warn}",
    "severity: {partial-deny: off}",
    "severity: {partial-denny: note}",
    "severity: note",
    "fail-on: sometimes",
    "fail-on: [note]",
    "exclude: \"vendor/**\"",
    "exclude: [\"[\"]",
    "exclude: [\"/etc\"]",
    "exclude: [\"a{b\"]",
    "parameters: [A=1]",
    "parameters: {A: {b: c}}",
    "parameters: {A: [[1]]}",
    "parameters: {A: 1, A: 2}",
    "parameter-files: {\"*.yaml\": /etc/passwd}",
    "parameter-files: [a.json]",
    "assume-defaults: \"yes\"",
    "assume-defaults: 1",
    "deployments: {prod: \"prod/**\"}",
    "suppress: [{rule: partial-deny}]",
    "suppress: [{rule: partial-deny, reason: \" \"}]",
    "suppress: [{rule: partial-deny, reason: x, until: 2027-02-30}]",
    "suppress: [{rule: partial-deny, reason: x, expires: 2027-02-03}]",
    "suppress: {rule: partial-deny, reason: x}",
    "guarded-by: [{file: rcp.json, reason: x, accounts: [1234]}]",
    "guarded-by: [{file: rcp.json, reason: x}]",
    "ignore: !Ref x",
];

#[test]
fn what_means_nothing_is_told_with_its_place() {
    let mut out = String::new();
    for text in BROKEN.iter().chain(&["select: [", "a: b: c"]) {
        let mut sources = Sources::default();
        let file = sources.add("bucketlint.yaml", *text);
        let errors = read(&file).expect_err(text);
        let _ = writeln!(out, "{text}");
        for SyntaxError { message, span, .. } in errors {
            let at = file.position(span.start);
            let token = file.slice(span).escape_debug();
            let _ = writeln!(out, "  {}:{} `{token}`: {message}", at.line, at.column);
        }
    }
    insta::assert_snapshot!("broken_settings", out);
}

#[test]
fn what_has_no_effect_is_told() {
    let idle = |text: &str| settings(text).unwrap().idle.into_iter().map(|idle| idle.message).collect::<Vec<_>>();
    assert_eq!(
        idle("ignore: [partial-deny]\nseverity: {partial-deny: note}"),
        ["this has no effect: `partial-deny` is not applied"]
    );
    assert_eq!(
        idle("ignore: [partial-deny]\nsuppress: [{rule: partial-deny, reason: x}]"),
        ["this has no effect: no such rule is applied"]
    );
    assert_eq!(
        idle("select: [orphan-policy]\nignore: [partial-deny]"),
        ["this has no effect: `partial-deny` is not selected"]
    );
    assert!(idle("severity: {partial-deny: note}\nsuppress: [{rule: partial-deny, reason: x}]").is_empty());
}

#[test]
fn a_hostile_file_costs_little() {
    let many = |what: &str| format!("exclude: [{}]", format!("\"{what}\",").repeat(5_000));
    let hostile = [
        format!("exclude: [\"{}\"]", "**/".repeat(100_000)),
        format!("exclude: [\"{}\"]", "[".repeat(40_000)),
        format!("exclude: {}", "[".repeat(100_000)),
        format!("suppress: {}", "[{a: ".repeat(100_000)),
        many("**/a"),
        format!("a: &a [x,x]\nb: &b [{}]\nc: [{}]", "*a,".repeat(1_000), "*b,".repeat(5_000)),
    ];
    for text in hostile {
        let errors = settings(&text).expect_err("it is broken");
        assert!(errors.len() <= MAX_ERRORS && errors.iter().all(|error| error.message.len() < 600), "{errors:?}");
    }
    let dense = (0..MAX_ENTRIES).fold(String::new(), |out, n| out + &format!("\"**/[a-z]*{n}?{{a,b,c}}/**\","));
    assert!(settings(&format!("exclude: [{dense}]")).is_ok());
}
