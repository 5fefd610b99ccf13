//! Plans and states as a front end: how they are recognised.

use super::folder::{self, called_folders};
use super::source::concerns;
use super::{PlanError, PlanInputs, is_archive, read_all, writer};
use crate::finding::Intent;
use crate::frontend::{Document, Frontend, Glance, Inputs, Read, ReadError, Recognised, Refusal};
use crate::model::{Format, Notice};
use crate::source::{Edit, SourceFile, Sources, Span};
use crate::syntax::{Kind, Node, SyntaxError};
use std::path::{Path, PathBuf};

/// A plan.
pub(super) const PLAN: Format = Format::named("terraform-plan").of_records();
/// A state.
pub(super) const STATE: Format = Format::named("terraform-state").of_records();

/// The JSON of Terraform's and `OpenTofu`'s plans and states.
pub struct Terraform;

/// What a file starts with that `gzip` wrote.
const GZIP: &[u8] = &[0x1F, 0x8B];

const SHOW: &str = "lint what `terraform show -json` prints";

impl Frontend for Terraform {
    fn edits(&self, sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
        writer::edits(sources, intents)
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "tf", "tofu"]
    }

    fn words(&self) -> &'static [&'static str] {
        &["planned_values", "root_module", "resource_changes", "terraform_version", "aws_s3_bucket", "awscc_s3_bucket"]
    }

    fn keys(&self) -> &'static [&'static str] {
        &[
            "format_version",
            "planned_values",
            "resource_changes",
            "prior_state",
            "terraform_version",
            "tfplan",
            "lineage",
            "@level",
        ]
    }

    fn sure_keys(&self) -> &'static [&'static str] {
        &["planned_values", "resource_changes"]
    }

    fn is_streamed(&self) -> bool {
        true
    }

    fn is_confidential(&self) -> bool {
        true
    }

    fn no_text(&self, bytes: &[u8]) -> Option<&'static str> {
        if bytes.starts_with(GZIP) {
            return Some("this is compressed: lint what `gzip -dc` prints");
        }
        is_archive(bytes).then_some("this is a binary plan: run `terraform show -json` on it and lint what that prints")
    }

    fn types(&self) -> (&'static str, &'static [&'static str]) {
        ("type", &["aws_s3_bucket", "aws_s3_bucket_policy", "awscc_s3_bucket", "awscc_s3_bucket_policy"])
    }

    fn is_of_folder(&self, name: &str) -> bool {
        [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end))
    }

    fn glance(&self, folder: &Path, text: &[u8]) -> Glance {
        // It names buckets, or calls modules that may.
        Glance { concerns: concerns(text), calls: called_folders(folder, &String::from_utf8_lossy(text)) }
    }

    fn read_folder(&self, folder: &Path, inputs: &Inputs<'_>, sources: &mut Sources) -> Option<Read> {
        folder::read(folder, inputs, sources)
    }

    fn instead(&self, name: &str) -> Option<&'static str> {
        name.ends_with(".tfstate").then_some("a raw state: lint what `terraform show -json` prints")
    }

    /// What comes here is none that can be read: those were claimed by their keys.
    fn recognise(&self, root: Node<'_>) -> Recognised {
        let first = root.items().next();
        let told = match root.kind() {
            Kind::Sequence if first.is_some_and(is_plan) => {
                "it is a list of plans: lint each as a file of its own".to_owned()
            }
            Kind::Mapping if is_plan(root) => format!("it is a plan or a state, but not in JSON: {SHOW}"),
            Kind::Mapping => match root.entries().find(|(_, value)| is_plan(*value)) {
                Some((key, _)) => {
                    format!(
                        "a plan stands under its key `{}`: lint that as a file of its own",
                        key.text().unwrap_or("")
                    )
                }
                None => return Recognised::No,
            },
            _ => return Recognised::No,
        };
        Recognised::Told(told)
    }

    fn read(&self, document: Document, inputs: &Inputs<'_>, sources: &mut Sources) -> Result<Read, ReadError> {
        let file = document.file();
        let own_folder = Path::new(file.path())
            .parent()
            .map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() });
        let inputs = PlanInputs {
            files: inputs.files,
            source_dir: inputs.terraform_dir.map(Path::to_owned).or(own_folder),
            explicit_dir: inputs.terraform_dir.is_some(),
            binary_plan: inputs.terraform_plan.map(Path::to_owned),
        };
        match read_all(file, &inputs, sources) {
            Ok(Read { template, errors, covers, .. }) => {
                let seen = !template.buckets.is_empty() || !template.policies.is_empty() || !template.nested.is_empty();
                let said = seen || template.incomplete.is_some() || !errors.is_empty();
                let unread = if said { None } else { unread(file, "nothing of it is there after apply") };
                Ok(Read { template, errors, covers, unread })
            }
            Err(PlanError { message, is_plan: false, .. }) => {
                Err(ReadError::NotMine { unread: unread(file, &message), reason: message })
            }
            Err(PlanError { message, span, help, .. }) => {
                let unread = unread(file, "the file cannot be parsed");
                Err(ReadError::Broken { errors: vec![SyntaxError { message, span, help }], unread })
            }
        }
    }
}

/// The first type of a bucket or a bucket policy in a text that has no tree. `why` says why it is not read.
fn unread(file: &SourceFile, why: &str) -> Option<Notice> {
    let bytes = file.text().as_bytes();
    let first = |kind: &&str| Some((memchr::memmem::find(bytes, format!("\"{kind}\"").as_bytes())?, kind.len()));
    let (at, length) = Terraform.types().1.iter().filter_map(first).min()?;
    let span = Span::new(file.id(), at, at + length + 2);
    let kind = file.slice(span).trim_matches('"');
    Some(Notice { message: format!("`{kind}` stands here and is not read: {why}"), span })
}

/// Whether what stands there has the keys of a plan.
fn is_plan(node: Node<'_>) -> bool {
    let has = |key| node.get(key).is_some();
    has("format_version") && (has("planned_values") || has("resource_changes") || has("values"))
}
