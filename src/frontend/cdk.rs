//! CDK cloud assemblies: the folder that `cdk synth` writes, with a manifest of what is deployed from it.
//!
//! See <https://docs.aws.amazon.com/cdk/v2/guide/deploy.html> and the schema of `manifest.json` in the package
//! `@aws-cdk/cloud-assembly-schema`.

use super::cloudformation::partition;
use crate::model::Pseudo;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// The name of a manifest.
pub(super) const MANIFEST: &str = "manifest.json";
/// How the names of templates end.
pub(super) const TEMPLATE: &str = ".template.json";
/// How the names of manifests of assets end.
pub(super) const ASSETS: &str = ".assets.json";

/// What an assembly deploys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembly {
    /// Its folder.
    pub folder: PathBuf,
    /// Its stacks.
    pub stacks: Vec<Stack>,
    /// The manifests of assets.
    pub assets: Vec<PathBuf>,
    /// The manifests of the assemblies inside of it: its stages.
    pub nested: Vec<PathBuf>,
}

/// A stack of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The file of its template.
    pub template: PathBuf,
    /// Its name.
    pub name: String,
    /// Its account and Region, as the manifest writes them.
    pub environment: String,
    /// What AWS fills in, as far as the manifest says it.
    pub known: BTreeMap<Pseudo, String>,
    /// The values that it is deployed with, by its parameters.
    pub parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "version")]
    _version: String,
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    environment: Option<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
    file: Option<String>,
    directory_name: Option<String>,
    parameters: BTreeMap<String, serde_json::Value>,
}

/// Reads a manifest that lies in `folder`; `None` for a file of that name that is something else.
#[must_use]
pub(super) fn assembly(text: &str, folder: &Path) -> Option<Assembly> {
    let manifest: Manifest = serde_json::from_str(text).ok()?;
    let (stacks, assets, nested) = (Vec::new(), Vec::new(), Vec::new());
    let mut assembly = Assembly { folder: folder.to_owned(), stacks, assets, nested };
    let mut ours = false;
    for (id, artifact) in manifest.artifacts {
        let Properties { template_file, stack_name, file, directory_name, parameters } = artifact.properties;
        match artifact.kind.as_str() {
            "aws:cloudformation:stack" => {
                ours = true;
                // Without a template it deploys nothing.
                let Some(template) = template_file else { continue };
                let environment = artifact.environment.unwrap_or_default();
                let name = stack_name.unwrap_or(id);
                let mut known = known(&environment);
                known.insert(Pseudo::StackName, name.clone());
                // What is no string is not known.
                let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
                let parameters = given.collect();
                assembly.stacks.push(Stack { template: folder.join(template), name, environment, known, parameters });
            }
            "cdk:asset-manifest" => {
                ours = true;
                assembly.assets.extend(file.map(|file| folder.join(file)));
            }
            // Its own manifest says what is in it.
            "cdk:cloud-assembly" => {
                ours = true;
                assembly.nested.extend(directory_name.map(|name| super::normal(&folder.join(name).join(MANIFEST))));
            }
            "cdk:tree" => ours = true,
            // Nothing else deploys a template; one that is named by nothing here is read as a file of its own.
            _ => {}
        }
    }
    ours.then_some(assembly)
}

/// What `aws://ACCOUNT/REGION` says. An account or a Region that is left to whoever deploys is `unknown-…`.
fn known(environment: &str) -> BTreeMap<Pseudo, String> {
    let mut known = BTreeMap::new();
    let Some((account, region)) = environment.strip_prefix("aws://").and_then(|rest| rest.split_once('/')) else {
        return known;
    };
    if !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit()) {
        known.insert(Pseudo::AccountId, account.to_owned());
    }
    if !region.is_empty() && !region.starts_with("unknown") {
        known.insert(Pseudo::Region, region.to_owned());
        known.insert(Pseudo::Partition, partition(region).to_owned());
    }
    known
}

#[derive(Deserialize)]
struct Assets {
    #[serde(default)]
    files: BTreeMap<String, FileAsset>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileAsset {
    source: Source,
    #[serde(default)]
    destinations: BTreeMap<String, Destination>,
}

#[derive(Deserialize)]
struct Source {
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    object_key: Option<String>,
}

impl Assembly {
    /// The files of a manifest of its assets, by the last part of the key that each is uploaded under.
    #[must_use]
    pub(crate) fn files_of(&self, text: &str) -> HashMap<String, PathBuf> {
        assets(text, &self.folder)
    }
}

fn assets(text: &str, folder: &Path) -> HashMap<String, PathBuf> {
    // What it would say of addresses stays unknown.
    let Ok(assets) = serde_json::from_str::<Assets>(text) else { return HashMap::new() };
    let mut found = HashMap::new();
    for asset in assets.files.into_values() {
        let Some(path) = asset.source.path else { continue };
        for key in asset.destinations.into_values().filter_map(|destination| destination.object_key) {
            let name = key.rsplit('/').next().unwrap_or(&key).to_owned();
            found.insert(name, super::normal(&folder.join(&path)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_its_stacks() {
        let text = r#"{"version": "36.0.0", "artifacts": {
            "A": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
                  "properties": {"templateFile": "A.template.json", "stackName": "prod-a",
                                 "parameters": {"Env": "prod"}}},
            "B": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
                  "properties": {"templateFile": "B.template.json"}},
            "A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}},
            "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}}"#;
        let assembly = assembly(text, Path::new("cdk.out")).unwrap();
        assert_eq!(assembly.assets, [PathBuf::from("cdk.out/A.assets.json")]);
        let [a, b] = assembly.stacks.as_slice() else { panic!("two stacks") };
        assert_eq!((a.name.as_str(), a.template.as_path()), ("prod-a", Path::new("cdk.out/A.template.json")));
        assert_eq!(a.known.get(&Pseudo::AccountId).map(String::as_str), Some("111122223333"));
        assert_eq!(a.known.get(&Pseudo::Partition).map(String::as_str), Some("aws"));
        assert_eq!(a.parameters.get("Env").map(String::as_str), Some("prod"));
        assert_eq!(b.known.keys().collect::<Vec<_>>(), [&Pseudo::StackName]);
        assert_eq!(super::assembly(r#"{"version": "1", "artifacts": {}}"#, Path::new("")), None);
        assert_eq!(super::assembly(r#"{"name": "extension", "manifest_version": 3}"#, Path::new("")), None);
    }

    #[test]
    fn assets_are_found_by_their_keys() {
        let text = r#"{"version": "36.0.0", "files": {"0123": {"source": {"path": "Nest.nested.template.json",
            "packaging": "file"}, "destinations": {"current": {"bucketName": "b", "objectKey": "x/0123.json"}}}}}"#;
        let found = assets(text, Path::new("cdk.out"));
        assert_eq!(found.get("0123.json"), Some(&PathBuf::from("cdk.out/Nest.nested.template.json")));
    }
}
