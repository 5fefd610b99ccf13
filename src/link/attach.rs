//! Which policies may be on which bucket: the one place that says so, for all formats.
//!
//! A policy is on a bucket when both have the same name in canonical form. Buckets and policies are found by their
//! names, so that nobody looks at every policy for every bucket.

use super::denied::{ByDenied, Denied, Far};
use super::deployment::{Deployment, PolicyId, Unfollowed};
use super::index::TextIndex;
use super::listed::Listed;
use super::zones::{Zone, reach, zones};
use crate::model::{Bucket, Data, Met, Name, Piece, Symbol, SymbolKind, Template, Text, Truth, Unknown, Value};
use std::collections::{BTreeSet, HashMap, HashSet};

/// How a policy may be tied to a bucket.
#[derive(Clone, Debug)]
pub enum Link {
    /// It names this bucket.
    Certain,
    /// It may name this bucket: says what is not known.
    Possible(Unknown),
    /// It names another one.
    None,
}

/// A bucket: index of its template, index in [`Template::buckets`].
type BucketId = (usize, usize);

/// For each bucket the policies that may be on it.
#[derive(Debug)]
pub struct Attachments<'a> {
    deployment: &'a Deployment,
    /// Policies by the bucket's name that they have, or take for likely, where a bucket has that name.
    named: HashMap<Text, BTreeSet<PolicyId>>,
    /// What each bucket may be called, and what stands for it.
    names: HashMap<BucketId, Vec<Text>>,
    listed: Listed<'a>,
    /// Policies whose bucket is not known, by how far they reach.
    loose: HashMap<Zone<'a>, ByDenied>,
    /// Policies of a name that no declared bucket has, by how far they reach.
    stray: HashMap<Zone<'a>, ByDenied>,
    far: Far,
    /// Templates that are not whole, by what they are deployed with.
    incomplete: HashMap<Zone<'a>, Vec<(&'a Unknown, bool)>>,
    carriers: Carriers,
    /// Buckets by their names, but for those that are made up.
    buckets: TextIndex<BucketId>,
    /// Templates with buckets, by what they are deployed with.
    members: HashMap<Zone<'a>, Vec<usize>>,
    /// Records of deployments, by the names and the addresses of their buckets.
    records: HashMap<(&'a Text, &'a str), Vec<usize>>,
}

/// How many buckets are looked at for one that a policy may be on; a policy that names nothing fits the first.
const MOST_REACHED: usize = 1000;

/// Nested stacks of which it is not known what is in them, by what they are handed.
#[derive(Debug, Default)]
struct Carriers {
    by_symbol: HashMap<Symbol, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    limits: Vec<usize>,
}

impl<'a> Attachments<'a> {
    /// Looks through a deployment.
    #[must_use]
    pub fn new(deployment: &'a Deployment) -> Self {
        let mut all = Self {
            deployment,
            named: HashMap::new(),
            names: HashMap::new(),
            listed: Listed::of(&deployment.templates),
            loose: HashMap::new(),
            stray: HashMap::new(),
            far: Far::default(),
            incomplete: HashMap::new(),
            carriers: Carriers::new(&deployment.unfollowed),
            buckets: TextIndex::default(),
            members: HashMap::new(),
            records: HashMap::new(),
        };
        for (t, template) in deployment.templates.iter().enumerate() {
            if let Some(place) = deployment.places.get(t).filter(|_| !template.buckets.is_empty()) {
                for zone in zones(deployment, place) {
                    all.members.entry(zone).or_default().push(t);
                }
            }
            for (b, bucket) in template.buckets.iter().enumerate() {
                if let Some(name) = bucket.name.as_ref().filter(|_| template.format.is_record()) {
                    all.records.entry((name, bucket.address.as_str())).or_default().push(t);
                }
                let mut names = Vec::new();
                each_text(deployment, &Value::new(bucket.span, Data::Text(name(bucket))), &mut |text| {
                    let text = text.cloned().unwrap_or_default();
                    // A name that is made up is no other text, known or not.
                    if text.as_symbol().is_none_or(|symbol| !symbol.kind().is_made_up()) {
                        all.buckets.insert(text.clone(), (t, b));
                    }
                    // What it is where its parameters have one of their values.
                    names.extend(all.listed.each(&text).into_iter().filter(|one| *one != text));
                    names.push(text);
                });
                // References to it in what was not put in canonical form (likely values).
                names.push(Text::hole(bucket.symbol.clone()));
                for text in &names {
                    all.named.entry(text.clone()).or_default();
                }
                all.names.insert((t, b), names);
            }
        }
        for (t, template) in deployment.templates.iter().enumerate() {
            let Some(place) = deployment.places.get(t) else { continue };
            if let Some(unknown) = &template.incomplete {
                let zone = match reach(deployment, place) {
                    Zone::Folder(_) => Zone::Tree(place.root),
                    zone => zone,
                };
                all.incomplete.entry(zone).or_default().push((unknown, template.rewritten));
            }
            for p in 0..template.policies.len() {
                all.policy(PolicyId::Resource(t, p), template, p);
            }
        }
        all.named.retain(|_, policies| !policies.is_empty());
        all
    }

    fn policy(&mut self, id: PolicyId, template: &'a Template, p: usize) {
        let deployment = self.deployment;
        let (Some(policy), Some(place)) = (template.policies.get(p), deployment.places.get(id.template())) else {
            return;
        };
        if deployment.ties(id).is_some_and(|ties| ties.replaced) {
            return;
        }
        let (mut loose, mut stray) = (false, false);
        let mut likely = Vec::new();
        let mut far = Vec::new();
        each_text(deployment, &policy.bucket, &mut |text| match text {
            None => loose = true,
            Some(text) => {
                likely.extend(self.listed.each(text).into_iter().filter(|one| self.named.contains_key(one)));
                if self.named.contains_key(text) {
                    likely.push(text.clone());
                    return;
                }
                if names_none(text) {
                    return;
                }
                far.extend(self.listed.known(text));
                if text.as_literal().is_some() {
                    stray = true;
                } else {
                    loose = true;
                    likely.extend(likely_name(text));
                }
            }
        });
        if let Data::Unknown(unknown) = &policy.bucket.data
            && let Some(text) = unknown.likely.as_ref().and_then(|likely| likely.scalar_text())
        {
            likely.push(text);
        }
        for text in likely {
            if let Some(policies) = self.named.get_mut(&text) {
                policies.insert(id);
            }
        }
        if !loose && !stray && far.is_empty() {
            return;
        }
        // Where it is not known to be, it matters only if it could deny something.
        let denied = Denied::by(deployment, &policy.document);
        self.far.insert(far, &denied, id);
        let zone = || reach(deployment, place);
        if loose {
            self.loose.entry(zone()).or_default().insert(&denied, id);
        } else if stray {
            self.stray.entry(zone()).or_default().insert(&denied, id);
        }
    }

    /// The policies that name a bucket, or most probably do, in order.
    #[must_use]
    pub fn named(&self, bucket: BucketId) -> Vec<PolicyId> {
        let others = self.other_records(bucket);
        let named = self.sets(bucket).flatten().copied().filter(|id| !others.contains(&id.template()));
        let mut all: Vec<PolicyId> = named.chain(self.inline(bucket)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The policies of a bucket on which there are just those that have the one name that it is called by.
    #[must_use]
    pub(crate) fn named_alone(&self, bucket: BucketId, name: &Text) -> Option<&BTreeSet<PolicyId>> {
        let own = self.named.get(name)?;
        let alone = self.sets(bucket).all(|set| std::ptr::eq(set, own)) && self.inline(bucket).is_none();
        (alone && self.other_records(bucket).is_empty()).then_some(own)
    }

    /// Other records with a bucket of this name at this address: the same one, in a state, or in a plan of another day. Each says what policy it has by itself.
    fn other_records(&self, (t, b): BucketId) -> Vec<usize> {
        let bucket = self.deployment.templates.get(t).and_then(|template| template.buckets.get(b));
        let key = bucket.and_then(|bucket| Some((bucket.name.as_ref()?, bucket.address.as_str())));
        let records = key.and_then(|key| self.records.get(&key)).filter(|all| all.contains(&t));
        records.into_iter().flatten().copied().filter(|other| *other != t).collect()
    }

    /// What a bucket may be called.
    fn called(&self, bucket: BucketId) -> &[Text] {
        self.names.get(&bucket).and_then(|names| names.split_last()).map_or(&[], |(_, names)| names)
    }

    fn sets(&self, bucket: BucketId) -> impl Iterator<Item = &BTreeSet<PolicyId>> {
        self.names.get(&bucket).into_iter().flatten().filter_map(|name| self.named.get(name))
    }

    fn inline(&self, (t, b): BucketId) -> Option<PolicyId> {
        let inline = PolicyId::Inline(t, b);
        inline.find(&self.deployment.templates).map(|_| inline)
    }

    /// Whether a policy is among those that name a bucket.
    fn is_named(&self, bucket: BucketId, id: PolicyId) -> bool {
        self.sets(bucket).any(|set| set.contains(&id)) || self.inline(bucket) == Some(id)
    }

    /// Further policies that may be on a bucket, of those that `matter` on any. Whoever asks stops as soon as one settles
    /// the matter.
    pub fn possible(&self, (t, b): BucketId, matter: impl Fn(PolicyId) -> bool) -> impl Iterator<Item = PolicyId> {
        let bucket = self.deployment.templates.get(t).and_then(|template| template.buckets.get(b));
        let zones = self.deployment.places.get(t).map(|place| zones(self.deployment, place)).unwrap_or_default();
        let name = bucket.map(name).unwrap_or_default();
        // A made-up name is none that is written by hand.
        let made_up = name.as_symbol().is_some_and(|symbol| *symbol.kind() == SymbolKind::BucketName);
        let open = name.as_literal().is_none() && !made_up;
        let within = move |id: &PolicyId| self.within(*id, t, b);
        let stray_zones = if open { zones.clone() } else { Vec::new() };
        let names = self.called((t, b));
        let near = zones.into_iter().filter_map(|zone| self.loose.get(&zone));
        let near = near.flat_map(move |loose| loose.on(names)).filter(within);
        let stray = stray_zones.into_iter().filter_map(|zone| self.stray.get(&zone));
        let stray = stray.flat_map(move |stray| stray.on(names));
        // Whoever asks seldom comes to these.
        let far = self.listed.known(&name);
        let found = far.into_iter().flat_map(move |name| self.far.fitting(&name, names));
        let mut seen = HashSet::new();
        let all = near.chain(stray).chain(found).filter(move |id| matter(*id));
        all.filter(move |id| !self.is_named((t, b), *id) && seen.insert(*id))
    }

    /// Whether a policy that was on no bucket may be on one all the same: its bucket is not known, and one that it may
    /// be is within its reach.
    #[must_use]
    pub(crate) fn may_be_on_any(&self, id: PolicyId) -> bool {
        let Some(policy) = id.find(&self.deployment.templates) else { return false };
        let ties = self.deployment.ties(id);
        if ties.is_some_and(|ties| ties.is_short) {
            return true;
        }
        let alternatives = ties.is_some_and(|ties| ties.replaced);
        let mut found = false;
        each_text(self.deployment, &policy.bucket, &mut |text| {
            found |= match text {
                None => self.reached(id).next().is_some(),
                Some(text) if names_none(text) => false,
                Some(text) if text.as_literal().is_some() => {
                    let fits = |(other, (t, _), _): &(&Text, &BucketId, Truth)| {
                        self.listed.is_known(text) && self.listed.is_known(other) || self.is_near(id, *t)
                    };
                    self.buckets.fitting(text).iter().any(fits)
                }
                Some(text) => {
                    let equal = |bucket: &Bucket| name(bucket).equals(text) != Truth::No;
                    let far = self.listed.is_known(text)
                        && self.buckets.fitting(text).iter().any(|(other, ..)| self.listed.is_known(other));
                    far || self.reached(id).take(MOST_REACHED).any(equal)
                }
            };
        });
        found && !alternatives
    }

    /// The buckets within the reach of a policy.
    fn reached(&self, id: PolicyId) -> impl Iterator<Item = &'a Bucket> {
        let deployment = self.deployment;
        let zone = deployment.places.get(id.template()).map(|place| reach(deployment, place));
        let templates = zone.and_then(|zone| self.members.get(&zone)).map_or(&[][..], Vec::as_slice);
        templates.iter().filter_map(|&t| deployment.templates.get(t)).flat_map(|template| &template.buckets)
    }

    /// Whether `value`, a policy's bucket in one world, names a bucket that is called `name` there.
    #[must_use]
    pub fn link(&self, policy: PolicyId, value: &Value, (t, b): BucketId, name: &Text) -> Link {
        let text = match &value.data {
            Data::Unknown(_) if !self.within(policy, t, b) || !self.is_near(policy, t) => return Link::None,
            Data::Unknown(unknown) => return Link::Possible(Unknown::clone(unknown)),
            Data::Absent | Data::Null | Data::List(_) | Data::Map(_) | Data::Json(_) | Data::Choice { .. } => {
                return Link::None;
            }
            Data::Text(_) | Data::Bool(_) | Data::Number(_) => value.scalar_text().unwrap_or_default(),
        };
        match text.equals(name) {
            Truth::No => Link::None,
            Truth::Maybe if names_none(&text) => Link::None,
            Truth::Maybe if !self.within(policy, t, b) => Link::None,
            // Beyond what is deployed together only names tie of which something is known.
            Truth::Maybe if !(self.is_near(policy, t) || self.listed.is_known(&text) && self.listed.is_known(name)) => {
                Link::None
            }
            Truth::Yes => match self.deployment.doubt(policy, t, b) {
                Some(unknown) => Link::Possible(unknown.clone()),
                None => Link::Certain,
            },
            Truth::Maybe => {
                let made_up = |symbol: &&Symbol| *symbol.kind() != SymbolKind::BucketName;
                let symbol = text.symbols().chain(name.symbols()).find(made_up);
                symbol.map_or(Link::None, |symbol| Link::Possible(symbol.unknown().clone()))
            }
        }
    }

    /// Whether a policy of which it is not known where it is can be on a bucket, by what its front end knows.
    fn within(&self, policy: PolicyId, t: usize, b: usize) -> bool {
        let templates = &self.deployment.templates;
        let reach = policy.find(templates).and_then(|policy| policy.reach.as_deref());
        let bucket = templates.get(t).and_then(|template| template.buckets.get(b));
        reach.is_none_or(|reach| bucket.is_some_and(|bucket| reach.holds(&bucket.symbol)))
    }

    /// Whether what is deployed with a policy, as far as its unknowns reach, holds a template.
    fn is_near(&self, policy: PolicyId, template: usize) -> bool {
        let places = &self.deployment.places;
        let (Some(from), Some(to)) = (places.get(policy.template()), places.get(template)) else { return false };
        zones(self.deployment, to).contains(&reach(self.deployment, from))
    }

    /// The templates that are deployed together with a bucket and are not whole: what they lack, and whether that may
    /// change what is written as well.
    pub fn incomplete(&self, template: usize) -> impl Iterator<Item = (&'a Unknown, bool)> {
        let zones = self.deployment.places.get(template).map(|place| zones(self.deployment, place)).unwrap_or_default();
        zones
            .into_iter()
            .filter_map(|zone| self.incomplete.get(&zone))
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The nested stacks that are handed a bucket, or that a limit has kept from being followed, and that may hold a
    /// policy for it.
    #[must_use]
    pub(crate) fn carriers(&self, (t, b): BucketId) -> Vec<&'a Unfollowed> {
        let Some(bucket) = self.deployment.templates.get(t).and_then(|template| template.buckets.get(b)) else {
            return Vec::new();
        };
        if self.deployment.unfollowed.is_empty() {
            return Vec::new();
        }
        let name = name(bucket);
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for symbol in name.symbols().chain([&bucket.symbol]) {
            found.extend(self.carriers.by_symbol.get(symbol).into_iter().flatten());
        }
        if let Some(literal) = name.as_literal() {
            found.extend(self.carriers.by_name.get(literal).into_iter().flatten());
        }
        let root = |place: usize| self.deployment.places.get(place).map(|place| place.root);
        let of_tree = |&&at: &&usize| {
            self.deployment.unfollowed.get(at).is_some_and(|unfollowed| root(unfollowed.place) == root(t))
        };
        found.extend(self.carriers.limits.iter().filter(of_tree));
        found.into_iter().filter_map(|at| self.deployment.unfollowed.get(at)).collect()
    }
}

impl Carriers {
    fn new(unfollowed: &[Unfollowed]) -> Self {
        let mut all = Self::default();
        for (at, one) in unfollowed.iter().enumerate() {
            if one.limit {
                all.limits.push(at);
            }
            one.arguments.visit(&mut |met| {
                if let Met::Text(text) = met {
                    for symbol in text.symbols() {
                        all.by_symbol.entry(symbol.clone()).or_default().push(at);
                    }
                    for piece in text.pieces() {
                        if let Piece::Literal(literal) = piece {
                            // A name, or an ARN, of the bucket or of what is in it.
                            let name = literal.rsplit(":::").next().unwrap_or(literal);
                            let name = name.split('/').next().unwrap_or(name);
                            all.by_name.entry(name.to_owned()).or_default().push(at);
                        }
                    }
                }
                true
            });
        }
        all
    }
}

/// Whether a text is no bucket's name: it is an ARN or an address, or ends in what S3 keeps for other kinds of buckets
/// and for access points (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
fn names_none(name: &Text) -> bool {
    const ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if name.is_arn_or_address() {
        return true;
    }
    let Some(Piece::Literal(last)) = name.pieces().last() else { return false };
    ENDS.iter().any(|end| last.ends_with(end))
}

/// What a policy's name is when its unknown is what is likely.
fn likely_name(text: &Text) -> Option<Text> {
    let likely = text.substitute(&|symbol| symbol.unknown().likely.as_ref()?.scalar_text());
    (likely != *text).then_some(likely)
}

/// The canonical name of a bucket.
#[must_use]
pub fn name(bucket: &Bucket) -> Text {
    bucket.name.clone().unwrap_or_else(|| Text::hole(bucket.symbol.clone()))
}

/// Calls `visit` with each text that a value may be; with `None` for one that is not known.
pub(super) fn each_text(deployment: &Deployment, value: &Value, visit: &mut impl FnMut(Option<&Text>)) {
    /// A chosen text may hold chosen ones.
    const DEEPEST: u32 = 8;
    /// The most texts that one value may be, before it counts as unknown.
    const MOST: u32 = 64;
    fn go(deployment: &Deployment, value: &Value, depth: u32, left: &mut u32, visit: &mut dyn FnMut(Option<&Text>)) {
        let Some(fewer) = left.checked_sub(1) else { return visit(None) };
        *left = fewer;
        match &value.data {
            Data::Choice { then, otherwise, .. } => {
                go(deployment, then, depth, left, visit);
                go(deployment, otherwise, depth, left, visit);
            }
            Data::Text(text) => {
                let chosen = text.symbols().find_map(|symbol| Some((symbol, deployment.choices.get(symbol)?)));
                match chosen {
                    None => visit(Some(text)),
                    Some(_) if depth == 0 => visit(None),
                    Some((symbol, choice)) => {
                        let mut sides = Vec::new();
                        go(deployment, choice, depth - 1, left, &mut |side| sides.push(side.cloned()));
                        for side in sides {
                            let Some(side) = side else {
                                visit(None);
                                continue;
                            };
                            let put_in = text.substitute(&|other| (other == symbol).then(|| side.clone()));
                            go(deployment, &Value::new(value.span, Data::Text(put_in)), depth - 1, left, visit);
                        }
                    }
                }
            }
            Data::Bool(_) | Data::Number(_) => visit(value.scalar_text().as_ref()),
            Data::Unknown(_) => visit(None),
            Data::Absent | Data::Null | Data::List(_) | Data::Map(_) | Data::Json(_) => {}
        }
    }
    let mut left = MOST;
    go(deployment, value, DEEPEST, &mut left, visit);
}

/// The name of the bucket that an orphan is on; a name of its own where it cannot be told.
#[must_use]
pub fn orphan_name(address: &str, bucket: &Value) -> Text {
    match (bucket.scalar_text(), &bucket.data) {
        (Some(text), _) => text,
        (None, Data::Unknown(unknown)) => unnamed(address, Unknown::clone(unknown)),
        (None, _) => unnamed(address, Unknown::new("the policy names no bucket", bucket.span, "name a bucket")),
    }
}

fn unnamed(address: &str, unknown: Unknown) -> Text {
    let shown = format!("<bucket of {address}>");
    Text::hole(Symbol::new(Name::BucketOf(address.into()), SymbolKind::Free, shown, unknown))
}
