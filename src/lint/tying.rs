//! What ties the files of a session besides what each says by itself: what an assembly says of them, and what they say
//! where another one deploys them.

use super::Session;
use super::assembly::{Manifest, by_template};
use super::opened::State;
use super::over::Texts;
use super::run;
use crate::link::{FileTies, Names};
use crate::threads;
use std::collections::{BTreeMap, BTreeSet};

impl Session<'_> {
    /// Ties stacks of assemblies that are new, by what their manifests say of the templates that they deploy.
    pub(super) fn tie_stacks(&mut self, new: &mut Vec<u32>) {
        let manifests = new.iter().filter_map(|file| self.entries.get(file)?.manifest());
        for (path, stacks) in by_template(manifests.flat_map(|manifest| manifest.stacks(0))) {
            let Some(&file) = self.numbers.get(path.to_string_lossy().as_ref()) else { continue };
            let Some(State::Read(input)) = self.entries.get(&file).map(|entry| &entry.state) else { continue };
            if !input.template.nested.is_empty() {
                let ties = stacks.iter().map(|stack| input.ties(Some(stack), self.options, &self.files));
                self.web.insert(file, ties.reduce(FileTies::and).unwrap_or_default());
                new.push(file);
            }
        }
    }

    /// Ties files by the names that templates have where they are deployed: what they are handed, or have for a default,
    /// may be all of a name. What is tied to some of `changed` is looked at.
    pub(super) fn tie_deployed(&mut self, changed: &BTreeSet<u32>) {
        let sets = self.sets(changed).into_iter();
        let deploying = sets.filter(|set| set.iter().any(|file| self.deploys_others(*file))).collect();
        let named = threads::each(deploying, 2, |set| self.names_where_deployed(&set));
        for (file, names) in named.into_iter().flatten() {
            self.web.deploys(file, names);
        }
    }

    /// Whether a file says more of other templates than they do.
    fn deploys_others(&self, file: u32) -> bool {
        self.entries.get(&file).is_some_and(|entry| match &entry.state {
            State::Read(input) => !input.template.nested.is_empty(),
            State::Assembly(_) => true,
            State::Quiet(_) | State::Done(_) | State::Nothing(_) => false,
        })
    }

    /// What is said of names where files are deployed together, by the file that is deployed by itself.
    fn names_where_deployed(&self, files: &BTreeSet<u32>) -> BTreeMap<u32, Names> {
        let entries = || files.iter().filter_map(|file| Some((*file, self.entries.get(file)?)));
        let manifests: Vec<Manifest> = entries().filter_map(|(_, entry)| entry.manifest().cloned()).collect();
        let none = Texts::new();
        let inputs = entries().filter_map(|(number, entry)| self.input(number, entry, &none)).collect();
        run::names(inputs, &manifests, self.options, &self.files)
    }
}
