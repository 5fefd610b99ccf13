//! Nested stacks, unfolded: each template once for each place that deploys it.

use super::deployment::{Deployment, Group, Library, Member, Place, Stack, Ties, Unfollowed};
use super::locate::{Found, Paths, locate};
use crate::model::{Condition, Data, Deployed, NestedStack, Pseudo, Scope, Template, Unknown, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// How deep stacks may be nested. CloudFormation takes far fewer.
const MAX_DEPTH: usize = 32;
/// The most places of a run. Templates that deploy each other twice ask for any number.
const MAX_PLACES: usize = 20_000;

/// Unfolds all templates of a run.
pub(super) fn unfold(members: Vec<Member>, library: &dyn Library) -> Deployment {
    let paths = Paths::new(members.iter().map(|member| (member.path.as_path(), !member.whole)));
    let (nested, perhaps_nested) = nested(&members, &paths);
    let (out, deployed, rest) = (Deployment::default(), BTreeSet::new(), Vec::new());
    let mut unfold = Unfold { library, paths, perhaps_nested, out, deployed, rest };
    unfold.out.paths = members.iter().map(|member| member.path.clone()).collect();
    let (mut roots, mut children) = (Vec::new(), Vec::new());
    for (index, mut member) in members.into_iter().enumerate() {
        let nothing = Template::nothing(member.template.format);
        let template = std::mem::replace(&mut member.template, nothing);
        unfold.rest.push(member);
        let list = if nested.contains(&index) { &mut children } else { &mut roots };
        list.push((index, template));
    }
    for (index, template) in roots {
        unfold.roots(index, template);
    }
    // Templates that deploy each other and are deployed by nothing else, and those that a limit has left out.
    for (index, template) in children {
        if !unfold.deployed.contains(&index) && unfold.rest.get(index).is_some_and(|member| !member.nested_only) {
            unfold.roots(index, template);
        }
    }
    unfold.out
}

/// The members that another one deploys for certain; and those that another one deploys perhaps, with what is not known
/// of that.
fn nested(members: &[Member], paths: &Paths) -> (BTreeSet<usize>, BTreeMap<usize, Unknown>) {
    let (mut nested, mut perhaps) = (BTreeSet::new(), BTreeMap::new());
    for (index, member) in members.iter().enumerate() {
        if member.nested_only {
            nested.insert(index);
        }
        for stack in &member.template.nested {
            for found in member.as_stacks().flat_map(|known| locate(&member.path, stack, known, paths)) {
                match found.1 {
                    Found::Certain(child) if child != index && !stack.is_set => {
                        nested.insert(child);
                    }
                    Found::Certain(child) if child != index => {
                        perhaps.entry(child).or_insert_with(|| perhaps_nowhere(stack));
                    }
                    Found::Possible(child, doubt) if child != index => {
                        perhaps.entry(child).or_insert(doubt);
                    }
                    Found::Certain(_) | Found::Possible(..) | Found::Inside | Found::Nowhere(_) => {}
                }
            }
        }
    }
    (nested, perhaps)
}

/// One of the deployments of a template that is deployed by itself.
struct Root {
    group: Option<u32>,
    stack: Option<Stack>,
    /// What tells it apart from others of the same template.
    label: Option<Arc<str>>,
}

/// The deployments of a member that is deployed by itself.
fn roots_of(member: &Member) -> Vec<Root> {
    let groups: Vec<Option<&Group>> = match member.groups.as_slice() {
        [] => vec![None],
        groups => groups.iter().map(Some).collect(),
    };
    let (by_group, by_stack) = (groups.len() > 1, member.stacks.len() > 1);
    let root = |(group, stack): (Option<&Group>, Option<&Stack>)| {
        let group_name = group.filter(|_| by_group).map(|group| group.name.to_string());
        let stack_name = stack.filter(|_| by_stack).map(|stack| named_apart(stack, &member.stacks));
        let names: Vec<String> = group_name.into_iter().chain(stack_name).collect();
        let label = (!names.is_empty()).then(|| names.join(", ").into());
        Root { group: group.map(|group| group.number), stack: stack.cloned(), label }
    };
    let each = groups.into_iter().flat_map(|group| member.as_stacks().map(move |stack| (group, stack)));
    each.map(root).collect()
}

/// The name of a stack, with where it is deployed if others of one template have that name.
fn named_apart(stack: &Stack, all: &[Stack]) -> String {
    let of_name = all.iter().filter(|other| other.name == stack.name).count();
    if of_name > 1 { format!("{} ({})", stack.name, stack.environment) } else { stack.name.clone() }
}

struct Unfold<'a> {
    library: &'a dyn Library,
    paths: Paths,
    /// Members that another one deploys perhaps: it is not known whether they are deployed by themselves too.
    perhaps_nested: BTreeMap<usize, Unknown>,
    out: Deployment,
    /// Members that are deployed in a place of which it is certain.
    deployed: BTreeSet<usize>,
    /// The members, without their templates.
    rest: Vec<Member>,
}

impl Unfold<'_> {
    /// A template that is deployed by itself: once, or once for each group that it is in and each stack that assemblies
    /// make of it.
    fn roots(&mut self, index: usize, template: Template) {
        let roots = self.rest.get(index).map(roots_of).unwrap_or_default();
        let (alone, last) = (roots.len() == 1, roots.len().saturating_sub(1));
        let mut template = Some(template);
        for (at, root) in roots.into_iter().enumerate() {
            let as_written = if at == last { template.take() } else { template.clone() };
            let instance = if alone { 0 } else { u32::try_from(self.out.places.len()).unwrap_or(u32::MAX) };
            let says_more = root.stack.as_ref().is_some_and(Stack::says_more);
            let read = (!alone || says_more).then(|| self.read_root(index, instance, root.stack.as_ref())).flatten();
            if let Some(template) = read.or(as_written) {
                self.root(index, template, instance, root);
            }
        }
    }

    /// A template that is deployed by itself, read in place number `instance`.
    fn read_root(&self, index: usize, instance: u32, stack: Option<&Stack>) -> Option<Template> {
        let account = Scope { file: self.rest.get(index)?.file, instance };
        let known = stack.map(|stack| stack.known.clone()).unwrap_or_default();
        let given = stack.map(|stack| stack.parameters.clone()).unwrap_or_default();
        self.library.read_in(index, Deployed { instance, account, known, given, arguments: None })
    }

    fn root(&mut self, index: usize, template: Template, instance: u32, Root { group, stack, label }: Root) {
        let Some(member) = self.rest.get(index) else { return };
        let root = self.out.places.len();
        let place = Place {
            member: index,
            scope: Scope { file: member.file, instance },
            label,
            path: "".into(),
            parent: None,
            root,
            site: root,
            in_tree: false,
            whole: member.whole,
            stack,
            group,
            unsure: self.perhaps_nested.contains_key(&index).then_some(root).into_iter().collect(),
            doubt: self.perhaps_nested.get(&index).cloned(),
            exists: Condition::Always,
            policies: Vec::new(),
            buckets: Vec::new(),
        };
        self.place(place, template);
        let mut open = vec![(root, vec![index])];
        // Depth first, in the order of the templates.
        while let Some((at, above)) = open.pop() {
            let mut below = self.children(at, &above);
            below.reverse();
            open.extend(below);
        }
        if self.out.places.len() > root + 1 {
            self.out.places.iter_mut().skip(root).for_each(|place| place.in_tree = true);
        }
    }

    /// Adds a place. What carries it carries all that is in it.
    fn place(&mut self, mut place: Place, mut template: Template) -> usize {
        let carried = &place.exists;
        if *carried != Condition::Always {
            let buckets = template.buckets.iter_mut().map(|one| &mut one.exists);
            let policies = template.policies.iter_mut().map(|one| &mut one.exists);
            let outputs = Arc::make_mut(&mut template.outputs).iter_mut().map(|one| &mut one.exists);
            let nested = template.nested.iter_mut().map(|one| &mut one.exists);
            for exists in buckets.chain(policies).chain(outputs).chain(nested) {
                *exists = carried.clone().and(exists.clone());
            }
            for assertion in &mut template.assertions {
                assertion.only_where(carried);
            }
        }
        let ties = Ties { unsure: place.unsure.clone(), ..Ties::default() };
        place.policies = vec![ties.clone(); template.policies.len()];
        place.buckets = vec![ties; template.buckets.len()];
        if place.unsure.is_empty() {
            self.deployed.insert(place.member);
        }
        self.out.places.push(place);
        self.out.templates.push(template);
        self.out.places.len() - 1
    }

    /// Adds what a place deploys; gives the new places, each with the members from the outermost one down to it.
    fn children(&mut self, at: usize, above: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let nested = self.out.templates.get(at).map(|template| template.nested.clone()).unwrap_or_default();
        let mut added = Vec::new();
        for stack in nested {
            let Some(place) = self.out.places.get(at) else { break };
            let path = self.out.paths.get(place.member).cloned().unwrap_or_default();
            let known = place.stack.clone();
            for (holds, found) in locate(&path, &stack, known.as_ref(), &self.paths) {
                let exists = stack.exists.clone().and(holds);
                match self.follow(at, &stack, found, above, &exists) {
                    Ok(child) => added.push(child),
                    Err((unknown, limit)) => {
                        let (address, arguments) = (stack.address.clone(), stack.arguments.clone());
                        self.out.unfollowed.push(Unfollowed { place: at, address, unknown, arguments, exists, limit });
                    }
                }
            }
        }
        added
    }

    /// Adds the place that a nested stack makes of a template, or says why it cannot be followed, and whether that is
    /// for a limit.
    fn follow(
        &mut self,
        at: usize,
        stack: &NestedStack,
        found: Found,
        above: &[usize],
        exists: &Condition,
    ) -> Result<(usize, Vec<usize>), (Unknown, bool)> {
        let (child, doubt) = match found {
            Found::Certain(child) => (Some(child), stack.is_set.then(|| perhaps_nowhere(stack))),
            Found::Possible(child, doubt) => (Some(child), Some(doubt)),
            Found::Inside => (None, stack.is_set.then(|| perhaps_nowhere(stack))),
            Found::Nowhere(unknown) => return Err((unknown, false)),
        };
        let stop = |why: String, limit: bool| {
            let cause = format!("nested stack `{}` is not followed: {why}", stack.address);
            Err((Unknown::new(cause, stack.span, "lint the template that it deploys by itself"), limit))
        };
        if child.is_some_and(|child| above.contains(&child)) {
            return stop("its template deploys itself".to_owned(), false);
        }
        if above.len() >= MAX_DEPTH {
            return stop(format!("stacks are nested more than {MAX_DEPTH} deep"), true);
        }
        let number = self.out.places.len();
        if number >= MAX_PLACES {
            return stop(format!("there are more than {MAX_PLACES} stacks in the run"), true);
        }
        let Some(parent) = self.out.places.get(at) else { return stop("it is not at hand".to_owned(), false) };
        let holder = child.unwrap_or(parent.member);
        let Some(member) = self.rest.get(holder) else { return stop("it is not at hand".to_owned(), false) };
        let Some(root) = self.out.places.get(parent.root) else { return stop("it has no root".to_owned(), false) };
        let site = if stack.is_set { number } else { parent.site };
        let above_it = self.out.places.get(site);
        let instance = u32::try_from(number).unwrap_or(u32::MAX);
        let scope = Scope { file: member.file, instance };
        let account = above_it.map_or(scope, |place| place.scope);
        let known = above_it.and_then(Place::known).map(known).unwrap_or_default();
        let deployed = |arguments| {
            let (known, given) = (known.clone(), BTreeMap::new());
            Deployed { instance, account, known, given, arguments: Some(arguments) }
        };
        let name = stack.group.iter().fold(stack.address.clone(), |name, group| format!("{name}.{group}"));
        let path = if parent.path.is_empty() { name } else { format!("{}/{name}", parent.path) };
        let root_path = self.out.paths.get(root.member).map(|path| shown(path)).unwrap_or_default();
        let root_path = if root_path.is_empty() { ".".to_owned() } else { root_path };
        let mut unsure = parent.unsure.clone();
        if doubt.is_some() {
            unsure.insert(number);
        }
        let place = Place {
            member: holder,
            scope,
            label: Some(format!("{root_path}#{path}").into()),
            path: path.into(),
            parent: Some(at),
            root: parent.root,
            site,
            in_tree: true,
            whole: child.is_none() && parent.whole,
            stack: parent.stack.clone(),
            group: parent.group,
            unsure,
            doubt,
            exists: exists.clone(),
            policies: Vec::new(),
            buckets: Vec::new(),
        };
        let read = |arguments: BTreeMap<String, Value>| match (child, &stack.body) {
            (None, Some(body)) => self.library.read_body(holder, body, deployed(arguments)),
            _ => self.library.read_in(holder, deployed(arguments)).ok_or_else(|| NO_TEMPLATE.to_owned()),
        };
        let read = read(arguments(&stack.arguments)).and_then(|template| match not_known(&stack.arguments) {
            // It may be handed anything for each of its parameters.
            Some(unknown) => {
                let each = template.declared.into_iter().map(|one| (one.name, Value::unknown(unknown.clone())));
                read(each.collect())
            }
            None => Ok(template),
        });
        let template = match read {
            Ok(template) => template,
            Err(why) => return stop(why, false),
        };
        let above = above.iter().copied().chain([holder]).collect();
        Ok((self.place(place, template), above))
    }
}

/// Why no stack can be made of what is at hand.
const NO_TEMPLATE: &str = "it is no template that a stack can be made of";

/// A stack set is deployed where its instances say, which may be nowhere.
fn perhaps_nowhere(stack: &NestedStack) -> Unknown {
    let cause = format!("it is not known to which accounts stack set `{}` is deployed", stack.address);
    Unknown::new(cause, stack.span, "put the policy where the bucket is declared")
}

/// A path as reports show it.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// What an assembly knows of the account and Region of a stack, in nested ones too. Their names are their own.
fn known(stack: &Stack) -> BTreeMap<Pseudo, String> {
    let of_the_account = stack.known.iter().filter(|(pseudo, _)| pseudo.is_of_the_account());
    of_the_account.map(|(pseudo, value)| (*pseudo, value.clone())).collect()
}

/// What is not known of arguments as a whole, where it is not known which there are.
fn not_known(arguments: &Value) -> Option<Unknown> {
    arguments.sides().into_iter().find_map(|(_, side)| match side.data {
        Data::Unknown(unknown) => Some(*unknown),
        _ => None,
    })
}

/// Arguments by the parameters that they are handed to. Where their mapping is one of two, so is each.
fn arguments(value: &Value) -> BTreeMap<String, Value> {
    match &value.data {
        Data::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect(),
        Data::Choice { condition, then, otherwise } => {
            let (mut yes, mut no) = (arguments(then), arguments(otherwise));
            let names: BTreeSet<String> = yes.keys().chain(no.keys()).cloned().collect();
            let absent = || Value::new(value.span, Data::Absent);
            let each = names.into_iter().map(|name| {
                let (then, otherwise) = (yes.remove(&name), no.remove(&name));
                let (then, otherwise) = (then.unwrap_or_else(absent), otherwise.unwrap_or_else(absent));
                let data =
                    Data::Choice { condition: condition.clone(), then: then.into(), otherwise: otherwise.into() };
                (name, Value::new(value.span, data))
            });
            each.collect()
        }
        _ => BTreeMap::new(),
    }
}
