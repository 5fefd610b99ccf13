//! Keys that the bucket itself settles: they hold the same in every request, but no input says what.
//!
//! A policy that asks for them is decided for every value that it tells apart. Where all decisions agree, that is the
//! verdict. In a template the account of the deployment stands for itself (`AWS::AccountId`).

use super::decide_one;
use crate::model::{Symbol, SymbolKind, Text, Unknown};
use crate::policy::facts::{By, key};
use crate::policy::literal::Instant;
use crate::policy::sets::{Held, How, bucket_values};
use crate::policy::{Budget, Condition, Decision, Document, Effect};

/// More combinations than these are not tried.
const MAX_CASES: usize = 64;

/// Decides from what is known, for each value of the keys that the bucket settles.
pub(super) fn decide_known(document: &Document, bucket: &Text, now: Instant, budget: &mut Budget) -> Decision {
    let denies = document.statements.iter().filter(|statement| statement.effect != Effect::Allow);
    let asked: Vec<&Condition> = denies
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| matches!(key(&condition.key).by, By::BucketAccount | By::Bucket))
        .collect();
    if asked.is_empty() {
        return decide_one(document, bucket, How { now, settled: &[], lean: false, secure: false }, budget);
    }
    let Some(cases) = cases(document, &asked, budget) else { return open(&asked) };
    let mut by: Vec<usize> = Vec::new();
    let mut first: Option<Decision> = None;
    for settled in &cases {
        let decision = decide_one(document, bucket, How { now, settled, lean: false, secure: false }, budget);
        match (&first, &decision) {
            (_, Decision::Undecided { .. }) => return decision,
            (Some(Decision::Enforced { .. }), Decision::Exposed { .. })
            | (Some(Decision::Exposed { .. }), Decision::Enforced { .. }) => return open(&asked),
            _ => {}
        }
        if let Decision::Enforced { by: needed } = &decision {
            by.extend(needed);
        }
        first.get_or_insert(decision);
    }
    match first {
        Some(Decision::Enforced { .. }) => {
            by.sort_unstable();
            by.dedup();
            Decision::Enforced { by }
        }
        Some(decision) => decision,
        None => open(&asked),
    }
}

/// Everything that the keys may hold, as far as the conditions tell it apart.
fn cases(document: &Document, asked: &[&Condition], budget: &mut Budget) -> Option<Vec<Vec<(String, Held)>>> {
    let mut cases: Vec<Vec<(String, Held)>> = vec![Vec::new()];
    let account: Vec<&Condition> = asked.iter().copied().filter(|one| key(&one.key).by == By::BucketAccount).collect();
    if !account.is_empty() {
        let held = match own_account(&account) {
            Some(symbol) => vec![Some(vec![Text::hole(symbol)])],
            None => bucket_values(document, &account, budget)?,
        };
        let both = |held: &Held| {
            ["aws:resourceaccount", "s3:resourceaccount"].map(|name| (name.to_owned(), held.clone())).to_vec()
        };
        cases = held.iter().map(both).collect();
    }
    let mut others: Vec<&str> =
        asked.iter().filter(|one| key(&one.key).by == By::Bucket).map(|one| one.key.as_str()).collect();
    others.sort_unstable();
    others.dedup();
    for name in others {
        let own: Vec<&Condition> = asked.iter().copied().filter(|one| one.key == name).collect();
        let held = bucket_values(document, &own, budget)?;
        if cases.len().saturating_mul(held.len()) > MAX_CASES {
            return None;
        }
        let with = |case: &Vec<(String, Held)>, held: &Held| {
            let mut case = case.clone();
            case.push((name.to_owned(), held.clone()));
            case
        };
        cases = cases.iter().flat_map(|case| held.iter().map(move |held| with(case, held))).collect();
    }
    (cases.len() <= MAX_CASES).then_some(cases)
}

/// The account of the deployment, where a condition compares with it: a bucket is in the account that its stack is in.
fn own_account(conditions: &[&Condition]) -> Option<Symbol> {
    let values = conditions.iter().flat_map(|condition| &condition.values);
    let is_account = |symbol: &&Symbol| *symbol.kind() == SymbolKind::Pseudo && symbol.shown() == "${AWS::AccountId}";
    values.filter_map(|item| item.pattern.as_symbol()).find(is_account).cloned()
}

fn open(asked: &[&Condition]) -> Decision {
    let because = asked.iter().take(1).map(|condition| {
        Unknown::new(
            format!("the input does not say what `{}` is for this bucket", condition.key_written),
            condition.value_span,
            format!("remove the condition on `{}`: the bucket settles it", condition.key_written),
        )
    });
    Decision::Undecided { because: because.collect(), leaning: None }
}
