//! The source that a plan was made from: found, held against the plan, and asked.

use super::super::PlanInputs;
use super::super::address::Address;
use super::super::plan::view::View;
use super::super::plan::{Kind, archive, is_archive};
use super::super::source::Configuration;
use super::build::{Origin, Place};
use super::facts::PlanFacts;
use crate::model::{Body, Notice, Value};
use crate::source::{Sources, Span};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The source beside a plan, with what the plan knows.
pub(crate) struct Written<'x, 'v> {
    pub(crate) configuration: &'x Configuration,
    pub(crate) facts: PlanFacts<'x, 'v>,
}

impl Origin for Written<'_, '_> {
    fn argument(&self, address: &str, name: &str) -> Option<Value> {
        self.configuration.argument(address, name, &self.facts)
    }

    fn place(&self, address: &str) -> Option<Place> {
        let place = self.configuration.place(address)?;
        Some(Place { span: place.span, made_at: place.made_at, switch: place.switch })
    }

    fn text(&self, address: &str, name: &str) -> Option<Body> {
        self.configuration.text(address, name, &self.facts)
    }
}

/// Finds the source that fits the plan: in the binary plan that the user names, in the folder, in a binary plan that
/// lies beside its JSON.
pub(crate) fn find(
    view: &View<'_>,
    inputs: &PlanInputs<'_>,
    sources: &mut Sources,
) -> (Option<Configuration>, Vec<Notice>) {
    let search = Search { view, inputs, planned: planned_blocks(view) };
    let (configuration, mut notices) = search.find(sources);
    notices.extend(configuration.iter().flat_map(|configuration| search.not_read(configuration)));
    (configuration, notices)
}

struct Search<'y, 'v> {
    view: &'y View<'v>,
    inputs: &'y PlanInputs<'y>,
    planned: BTreeSet<String>,
}

impl Search<'_, '_> {
    fn find(&self, sources: &mut Sources) -> (Option<Configuration>, Vec<Notice>) {
        let mut notices = Vec::new();
        if let Some(path) = &self.inputs.binary_plan {
            match self.binary(path, sources) {
                Some(found) if self.fits(&found.0) => return (Some(found.0), found.1),
                Some(_) => notices.push(self.notice("the binary plan is of another configuration than this plan")),
                None => notices.push(self.notice("the binary plan cannot be read, or holds no source")),
            }
        }
        if let Some(folder) = &self.inputs.source_dir {
            match Configuration::load(self.inputs.files, folder, sources) {
                Some((configuration, mut found)) if self.fits(&configuration) => {
                    found.extend(notices);
                    return (Some(configuration), found);
                }
                Some(_) => notices.push(self.notice("the .tf files are not those that this plan was made from")),
                None if self.inputs.explicit_dir => {
                    notices.push(self.notice("the folder of the source holds no .tf files"));
                }
                None => {}
            }
            for path in self.beside() {
                match self.binary(&path, sources) {
                    Some((configuration, mut found)) if self.fits(&configuration) => {
                        found.extend(notices);
                        return (Some(configuration), found);
                    }
                    // Nobody said that it is this plan's.
                    _ => {}
                }
            }
        }
        (None, notices)
    }

    /// The modules that hold buckets or policies of the plan, and whose source is not at hand.
    fn not_read(&self, configuration: &Configuration) -> Vec<Notice> {
        let concerned: BTreeSet<Vec<String>> = self
            .view
            .skeleton
            .instances
            .iter()
            .filter_map(|element| Address::parse(&element.address))
            .flat_map(|address| {
                let names = address.module_names();
                (1..=names.len()).filter_map(move |length| names.get(..length).map(<[String]>::to_vec))
            })
            .collect();
        let missing = configuration.missing().iter().filter(|missing| concerned.contains(&missing.names));
        missing.map(|missing| Notice { message: missing.message.clone(), span: missing.span }).collect()
    }

    fn notice(&self, message: &str) -> Notice {
        Notice { message: message.to_owned(), span: Span::at(self.view.source.id(), 0) }
    }

    fn binary(&self, path: &Path, sources: &mut Sources) -> Option<(Configuration, Vec<Notice>)> {
        let bytes = self.inputs.files.read(path).ok()?;
        if !is_archive(&bytes) {
            return None;
        }
        Some(Configuration::from_snapshot(archive::snapshot(&bytes)?, sources))
    }

    /// Whether the source has the plan's blocks, and no others that concern buckets. A source that was changed since
    /// must not speak for the plan.
    fn fits(&self, configuration: &Configuration) -> bool {
        let is_state = self.view.skeleton.is_state;
        let known = |address: &String| self.planned.contains(address) || !concerns_us(address);
        configuration.fits(&self.planned) && (is_state || configuration.blocks().iter().all(known))
    }

    /// Files beside the plan that are called like a binary plan.
    fn beside(&self) -> Vec<PathBuf> {
        let path = Path::new(self.view.source.path());
        let (Some(stem), Some(folder)) = (path.file_stem(), path.parent()) else { return Vec::new() };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let stem = stem.to_string_lossy();
        let is_named_so = |file: &PathBuf| {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let ending = name.strip_prefix(&*stem);
            matches!(ending, Some("" | ".tfplan" | ".plan" | ".out" | ".bin" | ".binary" | ".zip"))
                || matches!(
                    name.as_str(),
                    "tfplan" | "plan" | "plan.out" | "plan.tfplan" | "tf.plan" | "terraform.tfplan"
                )
        };
        let files = self.inputs.files.list(folder).unwrap_or_default();
        files.into_iter().filter(is_named_so).collect()
    }
}

fn concerns_us(block: &str) -> bool {
    let resource = Address::parse(block).and_then(|address| address.resource);
    resource.is_some_and(|resource| Kind::of(if resource.data { "data" } else { "managed" }, &resource.kind).is_some())
}

/// The blocks that the source must have: those of the configuration; of a state, those of its instances.
fn planned_blocks(view: &View<'_>) -> BTreeSet<String> {
    if !view.skeleton.is_state {
        return view.blocks();
    }
    let managed = view.skeleton.instances.iter().filter(|element| element.kind != Kind::Document);
    managed.filter_map(|element| Address::parse(&element.address)).map(|it| it.without_keys().to_string()).collect()
}
