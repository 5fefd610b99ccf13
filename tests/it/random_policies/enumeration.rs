//! The enumerating evaluator: requests that can be, one by one, from what AWS documents of them.

use super::generator::{KEYS, KeyCase};
use bucketlint::policy::{Principal, Request, Resource};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// Whether a glob matches, by trying every split.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        [first, rest @ ..] => !text.is_empty() && (*first == b'?' || *first == text[0]) && glob(rest, &text[1..]),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes())
}

fn list(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        item => vec![item.as_str().unwrap()],
    }
}

fn element(statement: &Json, name: &str, matches: impl Fn(&Json) -> bool) -> bool {
    match statement.get(name) {
        Some(value) => matches(value),
        None => !matches(&statement[format!("Not{name}")]),
    }
}

/// Somebody who may ask.
#[derive(Clone, Debug)]
pub struct Who {
    /// `anonymous`, `root`, `user`, `role`, `federated-user` or `service`.
    kind: &'static str,
    /// The key of `Principal` it stands under: `AWS`, `Service`, `Federated`.
    under: &'static str,
    /// Its name there.
    name: String,
    /// What `aws:PrincipalArn` says.
    arn: Option<String>,
}

const ACCOUNTS: &[&str] = &["111111111111", "222222222222", "333333333333", "133333333333", "333333333331"];

fn everybody() -> Vec<Who> {
    let who = |kind, under, name: &str, arn: Option<String>| Who { kind, under, name: name.to_owned(), arn };
    let mut all = vec![who("anonymous", "", "", None)];
    for name in ["logs.amazonaws.com", "x.amazonaws.com", "y.example.com"] {
        all.push(who("service", "Service", name, None));
    }
    for account in ACCOUNTS {
        let mut own = |kind, arn: String| all.push(who(kind, "AWS", &arn, Some(arn.clone())));
        own("root", format!("arn:aws:iam::{account}:root"));
        for name in ["u", "x", "p/u", "p/x", "uu"] {
            own("user", format!("arn:aws:iam::{account}:user/{name}"));
        }
        for name in ["f", "x"] {
            own("federated-user", format!("arn:aws:sts::{account}:federated-user/{name}"));
        }
        for name in ["a", "r", "x", "p/a", "p/r", "q/r"] {
            let arn = format!("arn:aws:iam::{account}:role/{name}");
            all.push(who("role", "AWS", &arn, Some(arn.clone())));
            for provider in ["accounts.example.org", "x.example.org"] {
                all.push(who("role", "Federated", provider, Some(arn.clone())));
            }
            if *account == "222222222222" && name.ends_with('r') {
                all.push(who("role", "AWS", "arn:aws:sts::222222222222:assumed-role/r/s", Some(arn)));
            }
        }
    }
    all
}

impl Who {
    fn account(&self) -> Option<&str> {
        self.arn.as_deref()?.split(':').nth(4)
    }

    /// The value of a key that the principal settles; `None` where it does not, `Some(None)` where it is absent.
    fn settled(&self, key: &str) -> Option<Option<String>> {
        let text = |text: &str| Some(Some(text.to_owned()));
        match (key, self.kind) {
            ("aws:PrincipalArn", "service") | ("aws:PrincipalAccount" | "aws:PrincipalType", "service") => None,
            ("aws:userid", "service") => None,
            ("aws:PrincipalArn", _) => Some(self.arn.clone()),
            ("aws:PrincipalAccount" | "aws:userid", "anonymous") => text("anonymous"),
            ("aws:PrincipalAccount", _) | ("aws:userid", "root") => text(self.account().unwrap()),
            ("aws:PrincipalType", kind) => text(match kind {
                "anonymous" => "Anonymous",
                "root" => "Account",
                "user" => "User",
                "role" => "AssumedRole",
                _ => "FederatedUser",
            }),
            ("aws:username", "user") => text(self.arn.as_ref().unwrap().rsplit('/').next().unwrap()),
            ("aws:username", _) => Some(None),
            ("aws:PrincipalIsAWSService", "anonymous") => Some(None),
            ("aws:PrincipalIsAWSService", kind) => text(if kind == "service" { "true" } else { "false" }),
            ("aws:PrincipalServiceName", "service") => text(&self.name),
            ("aws:PrincipalServiceName", _) => Some(None),
            _ => None,
        }
    }

    fn is_named_by(&self, principal: &Json) -> bool {
        if principal == "*" {
            return true;
        }
        principal.as_object().unwrap().iter().any(|(kind, entries)| {
            list(entries).into_iter().any(|entry| match (kind.as_str(), &self.arn) {
                ("AWS", _) if entry == "*" => true,
                ("AWS", Some(arn)) => {
                    let account = self.account().unwrap();
                    let root = format!("arn:aws:iam::{account}:root");
                    entry == account || entry == root || entry == arn || (self.under == "AWS" && entry == self.name)
                }
                ("AWS", None) => false,
                (kind, _) => kind == self.under && entry == self.name,
            })
        })
    }
}

/// All texts of at most `length` of these letters.
fn texts(letters: &[&str], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last.iter().flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}"))).collect();
        all.extend(last.clone());
    }
    all
}

/// A known or later action.
#[derive(Clone, Debug)]
struct Action {
    name: String,
    on_bucket: bool,
    known: bool,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

const ACTION_TABLE: &str = include_str!("../../../src/policy/facts/s3-actions.tsv");

fn actions() -> Vec<Action> {
    let mut all = Vec::new();
    for row in rows(ACTION_TABLE).filter(|row| row.len() == 2) {
        for (kind, on_bucket) in [("object", false), ("bucket", true)] {
            if row[1].contains(kind) {
                all.push(Action { name: row[0].to_lowercase(), on_bucket, known: true });
            }
        }
    }
    let known: HashSet<String> = rows(ACTION_TABLE).map(|row| row[0].to_lowercase()).collect();
    let parts = ["", "get", "put", "list", "object", "bucket", "x", "et", "e", "t", "l", "xxxxxxxxxxx", "xexxxxxxxxx"];
    for one in parts {
        for two in parts {
            for three in parts {
                let name = format!("{one}{two}{three}");
                if !name.is_empty() && !known.contains(&name) {
                    all.extend([false, true].map(|on_bucket| Action { name: name.clone(), on_bucket, known: false }));
                }
            }
        }
    }
    all
}

/// Whether a known action has a key; `None` for keys that are not bound to actions.
fn has(key: &str, action: &str) -> Option<bool> {
    let row = rows(include_str!("../../../src/policy/facts/s3-keys.tsv")).find(|row| row[0] == key)?;
    let names = |list: &str| list.split(',').any(|name| name.eq_ignore_ascii_case(action));
    Some(match row[3] {
        "all" => true,
        list => match list.strip_prefix("all but ") {
            Some(but) => !names(but),
            None => names(list),
        },
    })
}

/// What a key may hold where it is there at all.
fn singles(case: &KeyCase) -> Vec<String> {
    let of = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<String>>();
    match case.key {
        "aws:SourceVpc" => texts(&["a", "b", "A", "x", "*", "?"], 3),
        "aws:TagKeys" => of(&["a", "b", "ax", "xx", "x", "", "a*", "*", "?"]),
        "aws:CalledVia" => of(&["a", "b", "x"]),
        "s3:max-keys" => (-8..=44).map(|quarter| (f64::from(quarter) / 4.0).to_string()).collect(),
        "aws:PrincipalIsAWSService" | "aws:ViaAWSService" => of(&["true", "false"]),
        "aws:SourceIp" => of(&[
            "9.9.9.9",
            "10.0.0.1",
            "10.1.0.1",
            "10.1.2.3",
            "10.2.0.0",
            "11.0.0.0",
            "2001:db8::1",
            "2001:db9::1",
            "::",
        ]),
        // Those of services: of others the principal settles it.
        "aws:PrincipalArn" => {
            of(&["arn:aws:s3:::x", "arn:x:y:z:111111111111:v", "arn:aws:iamx::1:role/a", "arn:x::::"])
        }
        "aws:PrincipalAccount" => ACCOUNTS.iter().map(ToString::to_string).collect(),
        "aws:PrincipalType" => of(&[
            "Anonymous",
            "Account",
            "User",
            "AssumedRole",
            "FederatedUser",
            "Ax",
            "xUser",
            "x",
            "",
            "AUser",
            "A*",
            "*User",
        ]),
        "aws:userid" => of(&[
            "anonymous",
            "111111111111",
            "AROA:x",
            "AIDA",
            "x:y",
            "x",
            "",
            "AROA:",
            ":",
            "AROA:x:y",
            "*",
            "AROA:*",
            "*:*",
        ]),
        "aws:username" => of(&["u", "x", "uu", "", "y", "p/x"]),
        "aws:PrincipalServiceName" => Vec::new(),
        "custom:Data" => of(&["QQ==", "Qg==", "AAAA", "AAAAAAAA"]),
        // Texts: the values, others that their globs match, and others.
        _ => {
            let mut all = of(&["", "zz", "a", "ab", "b", "px"]);
            for value in case.values {
                all.extend([value.to_string(), value.replace('*', ""), value.replace('*', "x")]);
            }
            all.sort();
            all.dedup();
            all
        }
    }
}

fn held(case: &KeyCase) -> Vec<Option<Vec<String>>> {
    let singles = singles(case);
    let mut all = vec![None];
    if case.several {
        for set in 1_usize..1 << singles.len() {
            let chosen = singles.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            all.push(Some(chosen.map(|(_, value)| value.clone()).collect()));
        }
    } else {
        all.extend(singles.into_iter().map(|value| Some(vec![value])));
    }
    all
}

/// Which way a request comes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    endpoint: bool,
    forwarded: bool,
}

/// Whether a principal of a kind can hold that under a key, on such a way, with an action that has the key or not.
fn can_hold(key: &str, values: Option<&[String]>, kind: &str, way: Way, has_it: bool) -> bool {
    let Some(values) = values else {
        // What is always there.
        return match key {
            "aws:UserAgent" | "aws:PrincipalAccount" | "aws:PrincipalType" | "aws:userid" | "aws:ViaAWSService" => {
                false
            }
            "aws:SourceIp" => way.endpoint || kind == "service",
            _ => true,
        };
    };
    let signed = kind != "anonymous";
    match key {
        "aws:PrincipalOrgID" => signed && kind != "service",
        "aws:PrincipalTag/t" | "s3:authType" if !signed => false,
        "aws:SourceAccount" => kind == "service",
        "aws:CalledVia" => way.forwarded,
        "aws:SourceVpc" | "aws:SourceVpce" => way.endpoint,
        "aws:SourceIp" => !way.endpoint,
        "aws:ViaAWSService" if kind == "service" => true,
        "aws:ViaAWSService" => values == [way.forwarded.to_string()],
        // An id holds letters and digits; those of services are told nowhere.
        "aws:userid" if kind != "service" && values[0].contains('*') => false,
        "aws:userid" => match kind {
            "user" => !values[0].contains(':') && !values[0].is_empty(),
            "role" | "federated-user" => {
                let parts: Vec<&str> = values[0].split(':').collect();
                parts.len() == 2 && parts.iter().all(|part| !part.is_empty())
            }
            _ => true,
        },
        _ => has_it,
    }
}

fn address(text: &str) -> (bool, u128) {
    match text.parse().unwrap() {
        std::net::IpAddr::V4(four) => (false, u32::from(four).into()),
        std::net::IpAddr::V6(six) => (true, six.into()),
    }
}

fn in_range(range: &str, text: &str) -> bool {
    let (start, length) = match range.split_once('/') {
        Some((start, length)) => (start, Some(length.parse::<u32>().unwrap())),
        None => (range, None),
    };
    let ((six, start), (other_six, own)) = (address(start), address(text));
    let width = if six { 128 } else { 32 };
    let rest = width - length.unwrap_or(width);
    let cut = |number: u128| number.checked_shr(rest).unwrap_or(0);
    six == other_six && cut(start) == cut(own)
}

/// Seconds since 1970 of a first of January or of a number.
fn moment(text: &str) -> i128 {
    // A number of seconds.
    if let Ok(seconds) = text.parse::<i128>() {
        return seconds * NANOS;
    }
    let (year, rest) = text.split_once("-01-01T00:00:").unwrap();
    let year: i128 = year.parse().unwrap();
    let days: i128 = (1970..year).map(|year| if year % 4 == 0 { 366 } else { 365 }).sum();
    let (seconds, part) = rest.trim_end_matches('Z').split_once('.').unwrap_or((rest.trim_end_matches('Z'), ""));
    let nanos: i128 = format!("{part:0<9}").parse().unwrap();
    (days * 86_400 + seconds.parse::<i128>().unwrap()) * NANOS + nanos
}

/// In one second. Witnesses are told to the nanosecond, which a float does not hold.
const NANOS: i128 = 1_000_000_000;

/// What both keys of the clock say at moments from the day of the run on.
fn clock() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for year in ["2027", "2028", "2029", "2030"] {
        for second in ["00", "00.5", "01", "02"] {
            let current = format!("{year}-01-01T00:00:{second}Z");
            all.push((current.clone(), format!("{}", moment(&current) / NANOS)));
        }
    }
    all
}

fn compare(operator: &str, policy: &str, value: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap();
    match operator {
        "StringEquals" | "StringNotEquals" | "Bool" | "BinaryEquals" => policy == value,
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => policy.eq_ignore_ascii_case(value),
        "StringLike" | "StringNotLike" => like(policy, value),
        "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => {
            policy.splitn(6, ':').zip(value.splitn(6, ':')).all(|(one, two)| like(one, two))
        }
        "NumericEquals" | "NumericNotEquals" => number(value) == number(policy),
        "NumericLessThan" => number(value) < number(policy),
        "NumericLessThanEquals" => number(value) <= number(policy),
        "NumericGreaterThan" => number(value) > number(policy),
        "NumericGreaterThanEquals" => number(value) >= number(policy),
        "DateEquals" | "DateNotEquals" => moment(value) == moment(policy),
        "DateLessThan" => moment(value) < moment(policy),
        "DateLessThanEquals" => moment(value) <= moment(policy),
        "DateGreaterThan" => moment(value) > moment(policy),
        "DateGreaterThanEquals" => moment(value) >= moment(policy),
        "IpAddress" | "NotIpAddress" => in_range(policy, value),
        other => panic!("{other}"),
    }
}

fn holds(operator: &str, policy: &Json, values: Option<&[String]>) -> bool {
    let policy = list(policy);
    if operator == "Null" {
        return policy.contains(&if values.is_none() { "true" } else { "false" });
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    let Some(values) = values else {
        return if_exists || set == "ForAllValues" || (set.is_empty() && negated);
    };
    let one = |value: &String| policy.iter().any(|own| compare(operator, own, value)) != negated;
    if set == "ForAnyValue" { values.iter().any(one) } else { values.iter().all(one) }
}

/// The entries of `Condition`: operator, key, values.
fn entries(statement: &Json) -> impl Iterator<Item = (&str, &str, &Json)> {
    let operators = statement.get("Condition").and_then(Json::as_object).into_iter().flatten();
    operators.flat_map(|(operator, keys)| {
        keys.as_object().unwrap().iter().map(move |(own, values)| (operator.as_str(), own.as_str(), values))
    })
}

fn conditions(statement: &Json, key: &str, values: Option<&[String]>) -> bool {
    entries(statement).filter(|(_, own, _)| *own == key).all(|(operator, _, policy)| holds(operator, policy, values))
}

/// What no policy changes, and what single entries of policies say of all their points.
pub struct Grids {
    actions: Vec<Action>,
    names: Vec<String>,
    keys: Vec<String>,
    who: Vec<Who>,
    held: BTreeMap<&'static str, Vec<Option<Vec<String>>>>,
    clock: Vec<(String, String)>,
    bound: BTreeMap<&'static str, Vec<Option<bool>>>,
    said: RefCell<HashMap<String, Rc<Vec<bool>>>>,
}

impl Grids {
    pub fn new() -> Self {
        let keys = texts(&["a", "b", "x", "/"], 4).into_iter().filter(|key| !key.is_empty());
        let actions = actions();
        // For each action whether it has the key; later ones may.
        let has_it = |case: &KeyCase| {
            let one = |action: &Action| if action.known { has(case.key, &action.name) } else { None };
            (case.key, actions.iter().map(one).collect())
        };
        Self {
            names: actions.iter().map(|action| format!("s3:{}", action.name)).collect(),
            bound: KEYS.iter().map(has_it).collect(),
            actions,
            keys: keys.map(|key| format!("arn:aws:s3:::data/{key}")).collect(),
            who: everybody(),
            held: KEYS.iter().map(|case| (case.key, held(case))).collect(),
            clock: clock(),
            said: RefCell::default(),
        }
    }

    fn says<T>(&self, what: String, points: &[T], matches: impl Fn(&T) -> bool) -> Rc<Vec<bool>> {
        if let Some(known) = self.said.borrow().get(&what) {
            return Rc::clone(known);
        }
        let said = Rc::new(points.iter().map(matches).collect::<Vec<bool>>());
        self.said.borrow_mut().insert(what, Rc::clone(&said));
        said
    }

    /// For each point the statements of which an element matches it.
    fn globs(&self, statements: &[&Json], name: &str, grid: &str, points: &[String]) -> Vec<u32> {
        let negated = format!("Not{name}");
        let said: Vec<(bool, Vec<Rc<Vec<bool>>>)> = statements
            .iter()
            .map(|one| {
                let is_negated = one.get(name).is_none();
                let patterns = list(&one[if is_negated { &negated } else { name }]);
                let of = |pattern: &str| {
                    let lower = if name == "Action" { pattern.to_lowercase() } else { pattern.to_owned() };
                    self.says(format!("{grid} {pattern}"), points, |point| like(&lower, point))
                };
                (is_negated, patterns.into_iter().map(of).collect())
            })
            .collect();
        masks(points.len(), statements.len(), |one, point| said[one].1.iter().any(|said| said[point]) != said[one].0)
    }
}

/// For each point the set of statements that match it.
fn masks(points: usize, statements: usize, matches: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let mask = |point| (0..statements).filter(|one| matches(*one, point)).fold(0, |mask, one| mask | 1_u32 << one);
    (0..points).map(mask).collect()
}

fn join(one: &HashSet<u32>, two: &HashSet<u32>) -> HashSet<u32> {
    one.iter().flat_map(|one| two.iter().map(move |two| one & two)).collect()
}

/// The Deny statements that plain HTTP does not rule out.
fn about_http(policy: &Json) -> Vec<&Json> {
    let http = ["false".to_owned()];
    let all = policy["Statement"].as_array().unwrap().iter().filter(|one| one["Effect"] == "Deny");
    all.filter(|one| conditions(one, "aws:SecureTransport", Some(&http)) && conditions(one, "s3:TlsVersion", None))
        .collect()
}

const CLOCK: [&str; 2] = ["aws:CurrentTime", "aws:EpochTime"];

/// Whether every request that can be is denied.
pub fn enforced(policy: &Json, grids: &Grids) -> bool {
    let statements = about_http(policy);
    let statements = statements.as_slice();
    let count = statements.len();
    let used: HashSet<&str> = statements.iter().flat_map(|one| entries(one)).map(|(_, key, _)| key).collect();
    let used = |key: &str| used.contains(key);

    let by_action = grids.globs(statements, "Action", "action", &grids.names);
    let on_objects: HashSet<u32> = grids.globs(statements, "Resource", "object", &grids.keys).into_iter().collect();
    let on_bucket: HashSet<u32> =
        grids.globs(statements, "Resource", "bucket", &["arn:aws:s3:::data".to_owned()]).into_iter().collect();
    // Actions with the same keys: what is left after them and their resources.
    let bound: Vec<&str> = grids.bound.keys().copied().filter(|key| used(key)).collect();
    let mut groups: BTreeMap<Vec<Option<bool>>, HashSet<u32>> = BTreeMap::new();
    for (at, action) in grids.actions.iter().enumerate() {
        let group = groups.entry(bound.iter().map(|key| grids.bound[key][at]).collect()).or_default();
        let resources = if action.on_bucket { &on_bucket } else { &on_objects };
        group.extend(resources.iter().map(|mask| mask & by_action[at]));
    }

    let free: Vec<&str> = grids.held.keys().copied().filter(|key| used(key) && !CLOCK.contains(key)).collect();
    let said: BTreeMap<&str, Vec<u32>> = free
        .iter()
        .map(|key| {
            let held = &grids.held[key];
            (*key, masks(held.len(), count, |one, at| conditions(statements[one], key, held[at].as_deref())))
        })
        .collect();
    let mut clock: HashSet<u32> = HashSet::from([u32::MAX]);
    if CLOCK.iter().any(|key| used(key)) {
        let at = |one: usize, at: usize| {
            let (current, epoch) = grids.clock[at].clone();
            conditions(statements[one], CLOCK[0], Some(&[current]))
                && conditions(statements[one], CLOCK[1], Some(&[epoch]))
        };
        clock = masks(grids.clock.len(), count, at).into_iter().collect();
    }

    for kind in ["anonymous", "root", "user", "role", "federated-user", "service"] {
        let mut who: HashSet<u32> = HashSet::new();
        let settles = |key: &str| grids.who.iter().find(|who| who.kind == kind).unwrap().settled(key).is_some();
        for one in grids.who.iter().filter(|who| who.kind == kind) {
            let matches = |statement: &Json| {
                element(statement, "Principal", |value| one.is_named_by(value))
                    && free.iter().all(|key| {
                        one.settled(key)
                            .is_none_or(|value| conditions(statement, key, value.map(|value| vec![value]).as_deref()))
                    })
            };
            who.extend(masks(1, count, |at, _| matches(statements[at])));
        }
        let who = join(&who, &clock);
        for (endpoint, forwarded) in [(false, false), (true, false), (false, true), (true, true)] {
            if forwarded && ["anonymous", "service"].contains(&kind) {
                continue;
            }
            let way = Way { endpoint, forwarded };
            for (group, actions) in &groups {
                let mut rest = join(&who, actions);
                for key in free.iter().filter(|key| !settles(key)) {
                    let at = bound.iter().position(|bound| bound == key);
                    let has_it = at.and_then(|at| group[at]).unwrap_or(true);
                    let held = &grids.held[key];
                    let can = |at: &usize| can_hold(key, held[*at].as_deref(), kind, way, has_it);
                    let masks = (0..held.len()).filter(can).map(|at| said[key][at]).collect();
                    rest = join(&rest, &masks);
                }
                if rest.contains(&0) {
                    return false;
                }
            }
        }
    }
    true
}

/// Whether no statement denies a request, evaluated from the policy's JSON.
pub fn passes(policy: &Json, request: &Request) -> bool {
    let arn = request.context.get("aws:principalarn").map(|values| values[0].shown());
    let (kind, under, name) = match &request.principal {
        Principal::Anonymous => ("anonymous", "", String::new()),
        Principal::Service(name) => ("service", "Service", name.shown()),
        Principal::Federated(name) => ("role", "Federated", name.shown()),
        Principal::CanonicalUser(name) => ("root", "CanonicalUser", name.shown()),
        Principal::Arn(name) => {
            let name = name.shown();
            let kind = ["root", "user", "federated-user"]
                .into_iter()
                .find(|kind| name.rsplit(':').next().unwrap().split('/').next() == Some(*kind));
            (kind.unwrap_or("role"), "AWS", name)
        }
    };
    let own = (under == "AWS").then(|| name.clone());
    let who = Who { kind, under, name, arn: arn.or(own) };
    let resource = match &request.resource {
        Resource::Bucket => "arn:aws:s3:::data".to_owned(),
        Resource::Object(key) => format!("arn:aws:s3:::data/{key}"),
    };
    let value = |key: &str| -> Option<Vec<String>> {
        let given = request.context.get(&key.to_lowercase());
        let given = given.map(|values| values.iter().map(bucketlint::model::Text::shown).collect());
        given.or_else(|| who.settled(key).flatten().map(|value| vec![value]))
    };
    let denies = |statement: &&Json| {
        element(statement, "Principal", |value| who.is_named_by(value))
            && element(statement, "Action", |value| {
                list(value).iter().any(|glob| like(&glob.to_lowercase(), &request.action.to_lowercase()))
            })
            && element(statement, "Resource", |value| list(value).iter().any(|glob| like(glob, &resource)))
            && entries(statement).all(|(operator, key, policy)| holds(operator, policy, value(key).as_deref()))
    };
    !about_http(policy).iter().any(denies)
}
