//! Random deployments of several templates, linted, and held against a plain evaluation of every deployment that the
//! parameters allow.
//!
//! `BUCKETLINT_SEED` sets where they start.
#![allow(clippy::pedantic, reason = "a test stops at the first thing that it cannot do, and is read as prose")]

use crate::support::random::{Random, seed, times};
use bucketlint::frontend::NoFiles;
use bucketlint::lint::{OfSettings, Options, Session};
use bucketlint::report::{BucketRecord, Given, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What a parameter may be compared with.
const LITERALS: [&str; 2] = ["prod", "dev"];
/// What it may be besides.
const OTHER: &str = "zz";

#[derive(Clone, Debug)]
enum Formula {
    Equals(usize, &'static str),
    Not(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
}

#[derive(Clone, Debug)]
enum Target {
    /// A bucket of the same template.
    Own(usize),
    /// What the template is handed.
    Name,
    /// An output of a stack that the template deploys.
    Nested(usize),
    /// An export.
    Import(&'static str),
}

#[derive(Clone, Debug)]
struct Policy {
    target: Target,
    condition: Option<usize>,
    /// Denies everything, or on objects only.
    whole: bool,
}

#[derive(Clone, Debug)]
enum Argument {
    Literal(&'static str),
    Parameter(usize),
    If(usize, &'static str, &'static str),
    /// The child's default, `dev`.
    Default,
}

#[derive(Clone, Debug)]
struct Stack {
    child: usize,
    condition: Option<usize>,
    name: Option<usize>,
    arguments: Vec<Argument>,
}

#[derive(Clone, Debug)]
struct Export {
    name: &'static str,
    bucket: usize,
    condition: Option<usize>,
}

/// A template. Its parameters are `P0` and `P1`; those of a child besides `Name`.
#[derive(Clone, Debug, Default)]
struct Template {
    allowed: [bool; 2],
    conditions: Vec<Formula>,
    /// Each with its condition.
    buckets: Vec<Option<usize>>,
    policies: Vec<Policy>,
    stacks: Vec<Stack>,
    exports: Vec<Export>,
    /// The bucket that an output names, and the output's condition.
    output: Option<(usize, Option<usize>)>,
}

struct Run {
    roots: Vec<Template>,
    children: Vec<Template>,
}

fn formula(random: &mut Random, depth: usize) -> Formula {
    match random.below(if depth == 0 { 1 } else { 4 }) {
        1 => Formula::Not(Box::new(formula(random, depth - 1))),
        2 => Formula::And(Box::new(formula(random, depth - 1)), Box::new(formula(random, depth - 1))),
        3 => Formula::Or(Box::new(formula(random, depth - 1)), Box::new(formula(random, depth - 1))),
        _ => Formula::Equals(random.below(2), LITERALS[random.below(2)]),
    }
}

fn condition(random: &mut Random, of: &Template, percent: usize) -> Option<usize> {
    random.chance(percent).then(|| random.below(of.conditions.len()))
}

fn common(random: &mut Random) -> Template {
    let mut template = Template { allowed: [random.chance(30), random.chance(30)], ..Template::default() };
    template.conditions = (0..=random.below(2)).map(|_| formula(random, 2)).collect();
    template
}

fn policy(random: &mut Random, of: &Template, target: Target) -> Policy {
    Policy { target, condition: condition(random, of, 40), whole: random.chance(80) }
}

fn child(random: &mut Random) -> Template {
    let mut child = common(random);
    if random.chance(50) {
        child.buckets.push(condition(random, &child, 30));
        child.output = random.chance(60).then(|| (0, condition(random, &child, 30)));
        if random.chance(50) {
            child.policies.push(policy(random, &child, Target::Own(0)));
        }
    }
    if random.chance(70) {
        child.policies.push(policy(random, &child, Target::Name));
    }
    child
}

fn argument(random: &mut Random, of: &Template) -> Argument {
    match random.below(4) {
        0 => Argument::Literal(LITERALS[random.below(2)]),
        1 => Argument::Parameter(random.below(2)),
        2 => Argument::If(random.below(of.conditions.len()), LITERALS[random.below(2)], LITERALS[random.below(2)]),
        _ => Argument::Default,
    }
}

fn root(random: &mut Random, children: &[Template]) -> Template {
    let mut root = common(random);
    for _ in 0..=random.below(2) {
        root.buckets.push(condition(random, &root, 30));
    }
    for _ in 0..random.below(3) {
        if children.is_empty() {
            break;
        }
        let stack = Stack {
            child: random.below(children.len()),
            condition: condition(random, &root, 40),
            name: random.chance(80).then(|| random.below(root.buckets.len())),
            arguments: (0..2).map(|_| argument(random, &root)).collect(),
        };
        root.stacks.push(stack);
    }
    for at in 0..root.buckets.len() {
        if random.chance(35) {
            root.policies.push(policy(random, &root, Target::Own(at)));
        }
    }
    for at in 0..root.stacks.len() {
        if children[root.stacks[at].child].output.is_some() && random.chance(50) {
            root.policies.push(policy(random, &root, Target::Nested(at)));
        }
    }
    if random.chance(40) {
        let bucket = random.below(root.buckets.len());
        let name = ["shared", "own"][random.below(2)];
        root.exports.push(Export { name, bucket, condition: condition(random, &root, 50) });
        // Another output of that name, where the first is not: CloudFormation takes no two of one name.
        if let (Some(first), true) = (root.exports[0].condition, random.chance(40)) {
            root.conditions.push(Formula::Not(Box::new(root.conditions[first].clone())));
            let (bucket, condition) = (random.below(root.buckets.len()), Some(root.conditions.len() - 1));
            root.exports.push(Export { name, bucket, condition });
        }
    }
    if random.chance(50) {
        let name = ["shared", "own"][random.below(2)];
        root.policies.push(policy(random, &root, Target::Import(name)));
    }
    root
}

fn run(random: &mut Random) -> Run {
    let children: Vec<Template> = (0..random.below(3)).map(|_| child(random)).collect();
    let roots: Vec<Template> = (0..=1 + random.below(2)).map(|_| root(random, &children)).collect();
    // A stack does not import what it exports itself.
    let mut roots = roots;
    for root in &mut roots {
        let own: BTreeSet<&str> = root.exports.iter().map(|export| export.name).collect();
        root.policies.retain(|policy| !matches!(policy.target, Target::Import(name) if own.contains(name)));
    }
    Run { roots, children }
}

// --- written out -----------------------------------------------------------------------------------------------------

fn written_formula(formula: &Formula) -> String {
    match formula {
        Formula::Equals(parameter, literal) => format!("!Equals [!Ref P{parameter}, {literal}]"),
        Formula::Not(inner) => format!("!Not [{}]", written_formula(inner)),
        Formula::And(one, two) => format!("!And [{}, {}]", written_formula(one), written_formula(two)),
        Formula::Or(one, two) => format!("!Or [{}, {}]", written_formula(one), written_formula(two)),
    }
}

fn written_policy(out: &mut String, at: usize, policy: &Policy) {
    let (bucket, name) = match &policy.target {
        Target::Own(bucket) => (format!("!Ref B{bucket}"), format!("!Ref B{bucket}")),
        Target::Name => ("!Ref Name".to_owned(), "!Ref Name".to_owned()),
        Target::Nested(stack) => (format!("!GetAtt S{stack}.Outputs.O"), format!("!GetAtt S{stack}.Outputs.O")),
        Target::Import(name) => (format!("!ImportValue {name}"), format!("!ImportValue {name}")),
    };
    let bucket_arn = format!("!Sub ['arn:aws:s3:::${{N}}', {{N: {name}}}]");
    let objects = format!("!Sub ['arn:aws:s3:::${{N}}/*', {{N: {name}}}]");
    let resources = if policy.whole { format!("[{bucket_arn}, {objects}]") } else { format!("[{objects}]") };
    let condition = policy.condition.map_or(String::new(), |condition| format!("    Condition: C{condition}\n"));
    let _ = write!(
        out,
        "  Y{at}:\n    Type: AWS::S3::BucketPolicy\n{condition}    Properties:\n      Bucket: {bucket}\n      \
         PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n          - Effect: Deny\n            \
         Principal: '*'\n            Action: s3:*\n            Resource: {resources}\n            Condition: {{Bool: \
         {{aws:SecureTransport: 'false'}}}}\n"
    );
}

fn written(template: &Template, is_child: bool) -> String {
    let mut out = String::from("AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n");
    if is_child {
        out.push_str("  Name: {Type: String, Default: nobody}\n");
    }
    for at in 0..2 {
        let default = if is_child { ", Default: dev" } else { "" };
        let allowed = if template.allowed[at] { ", AllowedValues: [prod, dev]" } else { "" };
        let _ = writeln!(out, "  P{at}: {{Type: String{default}{allowed}}}");
    }
    out.push_str("Conditions:\n");
    for (at, formula) in template.conditions.iter().enumerate() {
        let _ = writeln!(out, "  C{at}: {}", written_formula(formula));
    }
    out.push_str("Resources:\n  Topic: {Type: AWS::SNS::Topic}\n");
    let when = |condition: Option<usize>| condition.map_or(String::new(), |at| format!(", Condition: C{at}"));
    for (at, exists) in template.buckets.iter().enumerate() {
        let _ = writeln!(out, "  B{at}: {{Type: 'AWS::S3::Bucket'{}}}", when(*exists));
    }
    for (at, stack) in template.stacks.iter().enumerate() {
        let mut handed = Vec::new();
        handed.extend(stack.name.map(|bucket| format!("Name: !Ref B{bucket}")));
        for (parameter, argument) in stack.arguments.iter().enumerate() {
            handed.extend(match argument {
                Argument::Literal(literal) => Some(format!("P{parameter}: {literal}")),
                Argument::Parameter(own) => Some(format!("P{parameter}: !Ref P{own}")),
                Argument::If(condition, yes, no) => Some(format!("P{parameter}: !If [C{condition}, {yes}, {no}]")),
                Argument::Default => None,
            });
        }
        let _ = writeln!(
            out,
            "  S{at}: {{Type: 'AWS::CloudFormation::Stack'{}, Properties: {{TemplateURL: child{}.yaml, Parameters: \
             {{{}}}}}}}",
            when(stack.condition),
            stack.child,
            handed.join(", ")
        );
    }
    for (at, policy) in template.policies.iter().enumerate() {
        written_policy(&mut out, at, policy);
    }
    if !template.exports.is_empty() || template.output.is_some() {
        out.push_str("Outputs:\n");
    }
    if let Some((bucket, condition)) = template.output {
        let _ = writeln!(out, "  O: {{Value: !Ref B{bucket}{}}}", when(condition));
    }
    for (at, export) in template.exports.iter().enumerate() {
        let (bucket, condition) = (export.bucket, when(export.condition));
        let _ = writeln!(out, "  E{at}: {{Value: !Ref B{bucket}, Export: {{Name: {}}}{condition}}}", export.name);
    }
    out
}

// --- evaluated plainly -----------------------------------------------------------------------------------------------

/// The values of `P0` and `P1`.
type Values = [&'static str; 2];

fn holds(formula: &Formula, values: Values) -> bool {
    match formula {
        Formula::Equals(parameter, literal) => values[*parameter] == *literal,
        Formula::Not(inner) => !holds(inner, values),
        Formula::And(one, two) => holds(one, values) && holds(two, values),
        Formula::Or(one, two) => holds(one, values) || holds(two, values),
    }
}

fn is(template: &Template, condition: Option<usize>, values: Values) -> bool {
    condition.is_none_or(|at| holds(&template.conditions[at], values))
}

/// A bucket in a place: the root, the stack in it, and the bucket there.
type Bucket = (usize, Option<usize>, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Enforced,
    Undecided,
    Exposed,
}

/// What is on a bucket in one deployment.
#[derive(Default)]
struct On {
    /// Policies that are on it: whether each denies everything.
    certain: Vec<bool>,
    /// Policies that may be on it.
    possible: Vec<bool>,
}

impl On {
    fn verdict(&self) -> Verdict {
        match (self.certain.as_slice(), self.possible.iter().any(|whole| *whole)) {
            ([], true) => Verdict::Undecided,
            ([], false) => Verdict::Exposed,
            (certain, _) if certain.iter().all(|whole| *whole) => Verdict::Enforced,
            _ => Verdict::Exposed,
        }
    }
}

impl Run {
    /// All values that the parameters of all roots can have: a stack is not made with a value that its template does
    /// not allow.
    fn worlds(&self) -> Vec<Vec<Values>> {
        let mut worlds = vec![Vec::new()];
        for root in &self.roots {
            let domain = |at: usize| if root.allowed[at] { vec!["prod", "dev"] } else { vec!["prod", "dev", OTHER] };
            let mut longer = Vec::new();
            for world in &worlds {
                for first in domain(0) {
                    for second in domain(1) {
                        let mut world: Vec<Values> = world.clone();
                        world.push([first, second]);
                        longer.push(world);
                    }
                }
            }
            worlds = longer;
        }
        worlds.retain(|world| self.roots.iter().zip(world).all(|(root, values)| self.is_made(root, *values)));
        worlds
    }

    /// Whether the children of a root allow what they are handed.
    fn is_made(&self, root: &Template, values: Values) -> bool {
        root.stacks.iter().filter(|stack| is(root, stack.condition, values)).all(|stack| {
            let handed = self.handed(root, stack, values);
            let allowed = self.children[stack.child].allowed;
            (0..2).all(|at| !allowed[at] || handed[at] != OTHER)
        })
    }

    fn handed(&self, root: &Template, stack: &Stack, values: Values) -> Values {
        let one = |at: usize| match &stack.arguments[at] {
            Argument::Literal(literal) => literal,
            Argument::Parameter(own) => values[*own],
            Argument::If(condition, yes, no) => {
                if holds(&root.conditions[*condition], values) {
                    yes
                } else {
                    no
                }
            }
            Argument::Default => "dev",
        };
        [one(0), one(1)]
    }

    /// The buckets of one deployment, each with what is on it.
    fn deployment(&self, world: &[Values]) -> BTreeMap<Bucket, On> {
        let mut buckets: BTreeMap<Bucket, On> = BTreeMap::new();
        let mut policies: Vec<(Bucket, bool, bool)> = Vec::new();
        let mut loose: Vec<(usize, bool)> = Vec::new();
        for (r, root) in self.roots.iter().enumerate() {
            let values = world[r];
            for (b, exists) in root.buckets.iter().enumerate() {
                if is(root, *exists, values) {
                    buckets.insert((r, None, b), On::default());
                }
            }
            for (s, stack) in root.stacks.iter().enumerate() {
                if !is(root, stack.condition, values) {
                    continue;
                }
                let (child, inner) = (&self.children[stack.child], self.handed(root, stack, values));
                for (b, exists) in child.buckets.iter().enumerate() {
                    if is(child, *exists, inner) {
                        buckets.insert((r, Some(s), b), On::default());
                    }
                }
                for policy in child.policies.iter().filter(|policy| is(child, policy.condition, inner)) {
                    match policy.target {
                        Target::Own(b) => policies.push(((r, Some(s), b), policy.whole, true)),
                        Target::Name => policies.extend(stack.name.map(|b| ((r, None, b), policy.whole, true))),
                        Target::Nested(_) | Target::Import(_) => unreachable!("children have none"),
                    }
                }
            }
            for policy in root.policies.iter().filter(|policy| is(root, policy.condition, values)) {
                match policy.target {
                    Target::Own(b) => policies.push(((r, None, b), policy.whole, true)),
                    Target::Nested(s) => {
                        let stack = &root.stacks[s];
                        let child = &self.children[stack.child];
                        let (b, condition) = child.output.expect("it has an output");
                        if is(root, stack.condition, values) && is(child, condition, self.handed(root, stack, values)) {
                            policies.push(((r, Some(s), b), policy.whole, true));
                        }
                    }
                    Target::Import(name) => {
                        let exporters: Vec<(usize, &Export)> = self.exporters(name);
                        let roots: BTreeSet<usize> = exporters.iter().map(|(root, _)| *root).collect();
                        let certain = roots.len() == 1;
                        if exporters.is_empty() {
                            loose.push((r, policy.whole));
                        }
                        for (other, export) in exporters {
                            if is(&self.roots[other], export.condition, world[other]) {
                                policies.push(((other, None, export.bucket), policy.whole, certain));
                            }
                        }
                    }
                    Target::Name => unreachable!("roots are handed nothing"),
                }
            }
        }
        // What is imported from elsewhere may be any bucket of the tree of stacks, or else of the folder.
        for (r, whole) in loose {
            let reach = |bucket: &Bucket| self.roots[r].stacks.is_empty() || bucket.0 == r;
            buckets.iter_mut().filter(|(bucket, _)| reach(bucket)).for_each(|(_, on)| on.possible.push(whole));
        }
        for (bucket, whole, certain) in policies {
            if let Some(on) = buckets.get_mut(&bucket) {
                if certain { on.certain.push(whole) } else { on.possible.push(whole) }
            }
        }
        buckets
    }

    fn exporters(&self, name: &str) -> Vec<(usize, &Export)> {
        let each = self.roots.iter().enumerate();
        each.flat_map(|(r, root)| root.exports.iter().map(move |export| (r, export)))
            .filter(|(_, export)| export.name == name)
            .collect()
    }

    /// The verdict of every bucket: the worst over all deployments in which it is.
    fn verdicts(&self) -> BTreeMap<Bucket, Verdict> {
        let mut verdicts: BTreeMap<Bucket, Verdict> = BTreeMap::new();
        for (r, root) in self.roots.iter().enumerate() {
            let own = (0..root.buckets.len()).map(|b| (r, None, b));
            let nested = root
                .stacks
                .iter()
                .enumerate()
                .flat_map(|(s, stack)| (0..self.children[stack.child].buckets.len()).map(move |b| (r, Some(s), b)));
            verdicts.extend(own.chain(nested).map(|bucket| (bucket, Verdict::Enforced)));
        }
        for world in self.worlds() {
            for (bucket, on) in self.deployment(&world) {
                let worst = verdicts.get_mut(&bucket).expect("it is declared");
                *worst = on.verdict().max(*worst);
            }
        }
        verdicts
    }

    /// Whether the bucket is exposed in each of the deployments that a witness tells of, of which there is one.
    fn confirms(&self, bucket: Bucket, witness: &Witness) -> bool {
        let told = |world: &Vec<Values>| {
            witness.parameters.iter().all(|(name, given)| {
                let (root, parameter) = parameter(name, bucket);
                let value = world[root][parameter];
                match given {
                    Given::Value(wanted) => wanted == value,
                    Given::Not(values) => !values.iter().any(|one| one == value),
                }
            })
        };
        let told: Vec<Vec<Values>> = self.worlds().into_iter().filter(told).collect();
        let exposed = |world: &Vec<Values>| {
            self.deployment(world).get(&bucket).is_some_and(|on| on.verdict() == Verdict::Exposed)
        };
        !told.is_empty() && told.iter().all(exposed)
    }
}

// --- held against each other -----------------------------------------------------------------------------------------

fn linted(run: &Run) -> Vec<BucketRecord> {
    let roots = run.roots.iter().enumerate().map(|(at, root)| (format!("root{at}.yaml"), written(root, false)));
    // What nobody deploys would be deployed by itself.
    let used = |at: usize| run.roots.iter().flat_map(|root| &root.stacks).any(|stack| stack.child == at);
    let children = run.children.iter().enumerate().filter(|(at, _)| used(*at));
    let children = children.map(|(at, child)| (format!("child{at}.yaml"), written(child, true)));
    let options = Options::default();
    let mut session = Session::new(&options, |_: &std::path::Path| OfSettings::default(), &NoFiles);
    let files = (1..).zip(roots.chain(children));
    let opened = files.map(|(number, (path, text))| session.read(number, path, true, text.into_bytes())).collect();
    session.enter(opened);
    session.settle();
    let mut buckets = Vec::new();
    for report in session.take_reports() {
        assert!(report.errors.is_empty(), "{:?}", report.errors);
        buckets.extend(report.buckets);
    }
    buckets
}

/// Where a bucket of the report stands; `None` for one of a child that no root deploys.
fn place(record: &BucketRecord) -> Option<Bucket> {
    let number = |text: &str| text.bytes().filter(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0')).next();
    let bucket = number(&record.address)?;
    match record.deployment.as_deref().and_then(|label| label.split_once('#')) {
        Some((root, stack)) => Some((number(root)?, Some(number(stack)?), bucket)),
        None if record.input.starts_with("root") => Some((number(&record.input)?, None, bucket)),
        None => None,
    }
}

/// The root and the index of a parameter as a report about a bucket names it.
fn parameter(name: &str, bucket: Bucket) -> (usize, usize) {
    let (file, name) = name.split_once('#').unwrap_or(("", name));
    let number = |text: &str| text.bytes().find(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0'));
    (number(file).unwrap_or(bucket.0), number(name).expect("it has a number"))
}

#[test]
fn verdicts_are_those_of_the_worst_deployment() {
    let seed = seed();
    let mut judged = [0_usize; 3];
    for number in 0..times(100) {
        let mut random = Random::new(seed + number);
        let run = run(&mut random);
        let expected = run.verdicts();
        let mut seen = BTreeSet::new();
        for record in linted(&run) {
            let Some(bucket) = place(&record) else { continue };
            seen.insert(bucket);
            let verdict = match record.verdict.name() {
                "enforced" => Verdict::Enforced,
                "exposed" => Verdict::Exposed,
                _ => Verdict::Undecided,
            };
            judged[verdict as usize] += 1;
            let confirmed = record.witness.as_ref().is_none_or(|witness| run.confirms(bucket, witness));
            if verdict != expected[&bucket] || !confirmed {
                let told = record.witness.as_ref().map(|witness| &witness.parameters);
                let roots = run.roots.iter().map(|root| written(root, false));
                let all: Vec<String> = roots.chain(run.children.iter().map(|child| written(child, true))).collect();
                panic!(
                    "BUCKETLINT_SEED={}: {bucket:?} is {:?}, told as {verdict:?} ({}) with {told:?}\n{}",
                    seed + number,
                    expected[&bucket],
                    record.reason,
                    all.join("---\n")
                );
            }
        }
        assert_eq!(seen, expected.keys().copied().collect(), "BUCKETLINT_SEED={}", seed + number);
    }
    println!("{judged:?} buckets enforced, undecided, exposed");
    assert!(judged.iter().all(|&one| one > 0), "{judged:?}");
}
