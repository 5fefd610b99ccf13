//! Random parameters, rules, mappings and conditions: each verdict against all deployments, one by one.
//!
//! `BUCKETLINT_WORLD` tries one alone, by the number that a failure tells.
#![allow(
    clippy::pedantic,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    clippy::manual_is_multiple_of,
    unreachable_pub,
    reason = "a test stops at the first thing that it cannot do, and is read as prose"
)]

mod document;
mod formula;
mod inputs;
mod oracle;

use crate::common::{bucket, lint_text};
use crate::support::random::{Random, seed, times};
use document::Sources;
use inputs::Inputs;
use oracle::{ALL, Guarded, Oracle, State};
use serde_json::{Map, Value, json};

/// What the tool says of the only bucket, against all deployments.
fn check(seed: u64) -> Result<(), String> {
    let mut random = Random::new(seed);
    let inputs = Inputs::random(&mut random);
    let named = 1 + random.below(if seed % 5 == 0 { 12 } else { 5 });
    let conditions = formula::conditions(&mut random, &inputs, named);
    let sources = Sources { conditions: named, inputs: &inputs };
    let template = json!({
        "Parameters": inputs.declared(),
        "Mappings": inputs::mappings(),
        "Rules": inputs.rules(),
        "Conditions": conditions.iter().enumerate()
            .map(|(at, one)| (format!("C{at}"), one.written())).collect::<Map<_, _>>(),
        "Resources": sources.resources(&mut random),
    });
    let states = Oracle { inputs: &inputs, conditions: &conditions, resources: &template["Resources"] }.states();
    // No deployment of those that are listed: rules may leave a value that is not among them.
    if states.is_empty() {
        return Ok(());
    }
    let passes = states.iter().any(|state| state.bucket.as_ref().is_some_and(|bucket| bucket.denied != ALL));
    let report = lint_text("t.json", &template.to_string(), &["--isolated"]);
    let judged = bucket(&report, "Data");
    let want = if passes { "exposed" } else { "enforced" };
    let so = if judged["verdict"] != want {
        Err(format!("{want} is right"))
    } else if passes {
        let cell = oracle::cell(&judged["witness"]);
        let is_rejected = judged["reason"].as_str().unwrap().starts_with("AWS would reject");
        let rejected = is_rejected.then(|| rejected(&report, &template.to_string())).flatten();
        let so = |bucket: &Guarded| match &rejected {
            Some(sid) => bucket.rejected.contains(sid),
            None => bucket.denied & cell == 0,
        };
        confirmed(judged["witness"]["parameters"].as_object().unwrap(), &so, &states, &inputs)
    } else {
        Ok(())
    };
    so.map_err(|why| format!("seed {seed}: {why}\n{template:#}\n{judged:#}"))
}

/// The statement that is told to be rejected, by its `Sid`: the first one after the place that is shown. A document
/// without statements, by its `Id`.
fn rejected(report: &Value, text: &str) -> Option<String> {
    // A policy on somebody else's bucket may be rejected too.
    let own = |finding: &&Value| finding["rule"] == "invalid-policy" && finding["bucket"] == "Data";
    let finding = report["findings"].as_array().unwrap().iter().find(own)?;
    let at = usize::try_from(finding["span"]["start"]["offset"].as_u64().unwrap()).unwrap();
    if finding["message"].as_str().unwrap().contains("no statements") {
        let start = text[..text.len().min(at + 7)].rfind("\"Id\":\"").unwrap() + 6;
        return Some(text[start..].split('"').next().unwrap().to_owned());
    }
    let (_, after) = text[at..].split_once("\"Sid\":\"").unwrap();
    Some(after.split_once('"').unwrap().0.to_owned())
}

/// Whether what is told is so in all deployments with what is given, and not in all with less of it.
fn confirmed(
    given: &Map<String, Value>,
    so: &dyn Fn(&Guarded) -> bool,
    states: &[State],
    inputs: &Inputs,
) -> Result<(), String> {
    let passes = |state: &State| state.bucket.as_ref().is_some_and(so);
    // A value that the oracle does not list stands for one of those that nothing names.
    let known = |(name, value): (&String, &Value)| {
        let mut all = value["not"].as_array().map_or_else(|| vec![value], |not| not.iter().collect()).into_iter();
        all.all(|one| inputs.knows(name, one.as_str().unwrap()))
    };
    if !given.iter().all(known) {
        return Ok(());
    }
    let fits = |state: &State, but: Option<&str>| {
        given.iter().filter(|(name, _)| but != Some(name.as_str())).all(|(name, value)| match value["not"].as_array() {
            Some(not) => !not.iter().any(|not| not == inputs.value(name, state)),
            None => value == inputs.value(name, state),
        })
    };
    let told: Vec<&State> = states.iter().filter(|state| fits(state, None)).collect();
    if told.is_empty() {
        return Err("no deployment is as told".to_owned());
    }
    if let Some(other) = told.iter().find(|state| !passes(state)) {
        return Err(format!("it is denied, or there is no bucket, in {:?}", other.values));
    }
    for name in given.keys() {
        if states.iter().filter(|state| fits(state, Some(name))).all(passes) {
            return Err(format!("{name} is not needed"));
        }
    }
    Ok(())
}

#[test]
fn verdicts_are_those_of_all_deployments() {
    let from = seed() * 1_000_000;
    let alone = std::env::var("BUCKETLINT_WORLD").ok().map(|number| number.parse::<u64>().unwrap());
    let seeds = alone.map_or(from + 1..=from + times(80), |number| number..=number);
    let failed: Vec<String> = seeds.filter_map(|seed| check(seed).err()).collect();
    let lines = failed.iter().map(|one| one.lines().next().unwrap_or_default()).collect::<Vec<_>>();
    assert!(failed.is_empty(), "{}\n{} failed:\n{}", failed.join("\n"), failed.len(), lines.join("\n"));
}
