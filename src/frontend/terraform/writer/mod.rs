//! Writes into Terraform source: a bucket policy for a bucket that has none, the statement that a policy lacks, or the
//! argument of a module call that turns the Deny on, as edits of the original text.
//!
//! A writer sees the files of one module. What cannot be written without guessing is refused, with a reason; whether the
//! edit does what it is meant to is for whoever asks to try.

mod json;
mod layout;
mod policy;

use super::address::Address;
use crate::finding::{Intent, Target};
use crate::frontend::normal;
use crate::frontend::writing::{self, Refusal, SID};
use crate::source::{Edit, SourceFile, Sources};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use layout::Layout;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The type of a bucket policy.
const POLICY: &str = "aws_s3_bucket_policy";

/// A file of the module, with what it holds.
struct File {
    source: Arc<SourceFile>,
    body: Body,
}

impl File {
    fn layout(&self) -> Layout<'_> {
        Layout { file: self.source.id(), text: self.source.text() }
    }

    fn text(&self, span: Range<usize>) -> &str {
        self.source.text().get(span).unwrap_or("")
    }

    /// The block with that word and those labels.
    fn block(&self, word: &str, labels: &[&str]) -> Option<Found<'_>> {
        let mut blocks = self.body.blocks();
        let block = blocks.find(|block| block.has_ident(word) && block.has_exact_labels(labels))?;
        Some(Found { file: self, block })
    }

    /// Whether its arguments replace those of the blocks of the same names in other files.
    /// <https://developer.hashicorp.com/terraform/language/files/override>
    fn overrides(&self) -> bool {
        let name = Path::new(self.source.path()).file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        name == "override" || name.ends_with("_override")
    }
}

/// What is to be written into the source among `sources` for each of `intents`. Each module is read once: the files of
/// one folder.
pub(in crate::frontend) fn edits(sources: &Sources, intents: &[&Intent]) -> Vec<Result<Vec<Edit>, Refusal>> {
    let folder = |path: &str| Path::new(path).parent().map(Path::to_owned).unwrap_or_default();
    let mut writers: BTreeMap<PathBuf, Writer> = BTreeMap::new();
    let write = |intent: &&Intent| {
        let source = sources.get(intent.file()).ok_or(Refusal::Layout)?;
        let module = folder(source.path());
        let writer = writers.entry(module.clone()).or_insert_with(|| {
            let own = |file: &&Arc<SourceFile>| file.id().input() == intent.file().input();
            let in_module = |file: &Arc<SourceFile>, ends: [&str; 2]| {
                ends.iter().any(|end| file.path().ends_with(end)) && folder(file.path()) == module
            };
            let own: Vec<&Arc<SourceFile>> = sources.iter().filter(own).collect();
            let json = own.iter().copied().filter(|file| in_module(file, [".tf.json", ".tofu.json"]));
            let (files, others): (Vec<_>, Vec<_>) =
                own.iter().copied().cloned().partition(|file| in_module(file, [".tf", ".tofu"]));
            let json = json::Writer::new(json);
            Writer { folder: module.clone(), others, json, ..Writer::new(&files) }
        });
        writer.write(intent, sources)
    };
    intents.iter().map(write).collect()
}

/// The name of a resource in its own module: the address without modules and instance keys.
fn local_name(address: &str) -> Option<String> {
    let resource = Address::parse(address)?.resource?;
    (!resource.data).then(|| format!("{}.{}", resource.kind, resource.name))
}

/// The label of a resource that is named without instance keys.
fn label(address: &str) -> &str {
    address.split_once('.').map_or(address, |(_, label)| label)
}

/// Edits the source of one module.
pub(super) struct Writer {
    files: Vec<File>,
    folder: PathBuf,
    /// The files in Terraform's JSON syntax.
    json: json::Writer,
    /// Files that are no source of the module, texts that it reads among them.
    others: Vec<Arc<SourceFile>>,
}

/// A block with the file that it stands in.
#[derive(Clone, Copy)]
struct Found<'a> {
    file: &'a File,
    block: &'a Block,
}

impl<'a> Found<'a> {
    fn argument(self, name: &str) -> Option<&'a Expression> {
        self.block.body.get_attribute(name).map(|attribute| &attribute.value)
    }

    /// An argument as it is written, where it is short and in one line.
    fn written(self, name: &str) -> Option<&'a str> {
        const LONGEST: usize = 200;
        let text = self.text(self.argument(name)?)?;
        (text.len() <= LONGEST && !text.contains('\n')).then_some(text)
    }

    fn text(self, expression: &Expression) -> Option<&'a str> {
        self.file.source.text().get(expression.span()?).map(str::trim)
    }
}

impl Writer {
    /// A writer for the files of one module, those left out that do not parse. A byte-order mark is no part of the
    /// source, and a file that has one is left alone.
    pub(super) fn new(files: &[Arc<SourceFile>]) -> Self {
        let read = |source: &Arc<SourceFile>| {
            let body = hcl_edit::parser::parse_body(source.text()).ok()?;
            Some(File { source: Arc::clone(source), body })
        };
        Self {
            files: files.iter().filter_map(read).collect(),
            folder: PathBuf::new(),
            others: Vec::new(),
            json: json::Writer::new([].iter()),
        }
    }

    fn write(&self, intent: &Intent, sources: &Sources) -> Result<Vec<Edit>, Refusal> {
        let name =
            |target: &Target| local_name(&target.address).ok_or_else(|| Refusal::NotWrittenOut(target.address.clone()));
        match intent {
            Intent::AddPolicy { bucket } => {
                let bucket = name(bucket)?;
                if self.json.has(&bucket) { self.json.add_policy(&bucket) } else { self.add_policy(&bucket) }
            }
            Intent::AddStatement { policy } => {
                let policy = name(policy)?;
                if self.json.has(&policy) { self.json.add_statement(&policy) } else { self.add_statement(&policy) }
            }
            Intent::SwitchOn { call, argument } => {
                let header = sources.get(call.file).map_or("", |source| source.slice(*call));
                let module = header.split('"').nth(1).ok_or(Refusal::Layout)?;
                let is_json = sources.get(call.file).is_some_and(|source| source.has_extension(&["json"]));
                if is_json { self.json.switch_on(module, argument) } else { self.switch_on(module, argument) }
            }
            Intent::Replace(changes) => writing::replaced(sources, changes),
            Intent::AddPrincipal { statement } => writing::add_principal(sources, *statement),
            Intent::AlignCondition { policy, bucket } => {
                let (policy, bucket) = (name(policy)?, name(bucket)?);
                if self.json.has(&policy) { self.json.align(&policy, &bucket) } else { self.align(&policy, &bucket) }
            }
            // What is not made in some deployments is counted there.
            Intent::AddPolicyWhere { .. } | Intent::AddCounterpart { .. } => Err(Refusal::Computed("count")),
            Intent::All(all) => {
                let each: Result<Vec<_>, _> = all.iter().map(|intent| self.write(intent, sources)).collect();
                Ok(each?.concat())
            }
        }
    }

    /// A policy for a bucket of the module, named without instance keys (`aws_s3_bucket.logs`), right after its block.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_policy(&self, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let found = self.resource(bucket)?;
        let mut instance = bucket.to_owned();
        let mut arguments: Vec<(&str, String)> = Vec::new();
        if found.argument("count").is_some() {
            let count = found.written("count").map_or_else(|| format!("length({bucket})"), str::to_owned);
            arguments.push(("count", count));
            instance.push_str("[count.index]");
        } else if found.argument("for_each").is_some() {
            arguments.push(("for_each", found.written("for_each").unwrap_or(bucket).to_owned()));
            instance.push_str("[each.key]");
        }
        for argument in ["provider", "region"] {
            arguments.extend(found.written(argument).map(|text| (argument, text.to_owned())));
        }
        arguments.push(("bucket", format!("{instance}.id")));
        // As `terraform fmt` has it: what takes several lines is not aligned with its neighbours.
        let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut lines = vec![format!("resource \"{POLICY}\" \"{}\" {{", self.free_label(label(bucket)))];
        lines.extend(arguments.iter().map(|(name, value)| format!("  {name:width$} = {value}")));
        lines.extend(
            ["  policy = jsonencode({", "    Version = \"2012-10-17\"", "    Statement = ["].map(str::to_owned),
        );
        let statement = policy::object(&policy::Arns::of(&instance), SID, true);
        lines.extend(statement.lines().map(|line| format!("      {line}")));
        lines.extend(["    ]", "  })", "}"].map(str::to_owned));
        let end = found.block.span().ok_or(Refusal::Layout)?.end;
        Ok(vec![found.file.layout().below(end, &lines)])
    }

    /// The statement that denies every insecure request, joined to a policy of the module, named without instance keys
    /// (`aws_s3_bucket_policy.logs`, or a bucket with a `policy` of its own).
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn add_statement(&self, policy: &str) -> Result<Vec<Edit>, Refusal> {
        let found = self.resource(policy)?;
        let holder = self.overriding(policy, "policy").unwrap_or(found);
        let document = holder.argument("policy").ok_or(Refusal::Lacks("policy"))?;
        // A bucket with a policy of its own cannot refer to itself there: its name is written once more.
        let bucket = found.argument("bucket").and_then(|bucket| found.text(bucket)).ok_or(Refusal::NoArn)?;
        policy::add(self, holder, document, &policy::Arns::of_reference(bucket)?, 0)
    }

    /// Lets a policy exist wherever its bucket does: the bucket's `count` or `for_each` in the place of its own, or none.
    ///
    /// # Errors
    /// Where it cannot be written without guessing; why.
    pub(super) fn align(&self, policy: &str, bucket: &str) -> Result<Vec<Edit>, Refusal> {
        let guarded = self.resource(bucket)?;
        let guarding = self.resource(policy)?;
        let layout = guarding.file.layout();
        for name in ["count", "for_each"] {
            let Some(own) = guarding.block.body.get_attribute(name) else { continue };
            if guarded.argument(name).is_some() {
                // What is too long to be written twice is referred to: a resource with `for_each` is a map.
                let by_reference = (name == "for_each").then_some(bucket);
                let wanted = guarded.written(name).or(by_reference).ok_or(Refusal::Computed("count"))?;
                let span = own.value.span().ok_or(Refusal::Layout)?;
                let written = guarding.file.text(span.clone()).trim_end().len();
                return Ok(vec![layout.replace(span.start..span.start + written, wanted)]);
            }
            let is_single = guarded.argument("count").is_none() && guarded.argument("for_each").is_none();
            if name == "for_each" || !is_single || self.is_counted(policy) {
                return Err(Refusal::Computed(name));
            }
            return layout.without_line(own.span().ok_or(Refusal::Layout)?).map(|edit| vec![edit]);
        }
        Err(Refusal::Carried)
    }

    /// Whether instances of a resource are told apart somewhere.
    fn is_counted(&self, resource: &str) -> bool {
        let by_key = format!("{resource}[");
        let of_own = |found: Found<'_>| found.file.text(found.block.span().unwrap_or_default()).contains("count.index");
        self.resource(resource).is_ok_and(of_own) || self.files.iter().any(|file| file.source.text().contains(&by_key))
    }

    /// The block that has the last word on an argument of a resource, where that is in an override file.
    fn overriding(&self, address: &str, argument: &str) -> Option<Found<'_>> {
        let (kind, name) = address.split_once('.')?;
        let files = self.files.iter().rev().filter(|file| file.overrides());
        let mut found = files.filter_map(|file| file.block("resource", &[kind, name]));
        found.find(|found| found.argument(argument).is_some())
    }

    /// All source of the module.
    fn text(&self) -> String {
        self.files.iter().map(|file| file.source.text()).collect()
    }

    /// The block of a resource that is named without instance keys.
    fn resource(&self, address: &str) -> Result<Found<'_>, Refusal> {
        let missing = || Refusal::NotWrittenOut(address.to_owned());
        let (kind, name) = address.split_once('.').ok_or_else(missing)?;
        self.block("resource", &[kind, name]).ok_or_else(missing)
    }

    /// Sets an argument of a module call to `true`.
    ///
    /// # Errors
    /// Where the call is not in these files.
    pub(super) fn switch_on(&self, module: &str, argument: &str) -> Result<Vec<Edit>, Refusal> {
        let missing = || Refusal::NotWrittenOut(format!("module.{module}"));
        let found = self.block("module", &[module]).ok_or_else(missing)?;
        let layout = found.file.layout();
        if let Some(value) = found.argument(argument) {
            return Ok(vec![layout.replace(value.span().ok_or(Refusal::Layout)?, "true")]);
        }
        let span = found.block.span().ok_or(Refusal::Layout)?;
        // In a group of its own, `terraform fmt` aligns it with nothing.
        Ok(vec![layout.at_end_of_block(span, &[format!("\n{argument} = true")])?])
    }

    /// The block with that word and those labels.
    fn block(&self, word: &str, labels: &[&str]) -> Option<Found<'_>> {
        self.files.iter().find_map(|file| file.block(word, labels))
    }

    /// The file that a quoted path in the module's source leads to.
    fn file(&self, path: &str) -> Option<&Arc<SourceFile>> {
        let path = path.strip_prefix('"')?.strip_suffix('"')?;
        let path = path.strip_prefix("${path.module}/").unwrap_or(path);
        let path = normal(&self.folder.join(path));
        self.others.iter().find(|file| normal(Path::new(file.path())) == path)
    }

    /// The ARN of a bucket of the module whose name is written out.
    fn literal_arn(&self, bucket: &str) -> Option<String> {
        let name = self.resource(bucket).ok()?.argument("bucket")?.as_str()?;
        Some(format!("arn:aws:s3:::{name}"))
    }

    /// The value of a local, with its file.
    fn local(&self, name: &str) -> Option<(&File, &Expression)> {
        self.files.iter().find_map(|file| {
            let mut locals = file.body.blocks().filter(|block| block.has_ident("locals"));
            locals.find_map(|block| block.body.get_attribute(name)).map(|attribute| (file, &attribute.value))
        })
    }

    /// A label for the policy of the bucket with that label.
    fn free_label(&self, bucket: &str) -> String {
        let taken = |label: &str| self.block("resource", &[POLICY, label]).is_some();
        policy_name(bucket, taken)
    }
}

/// What the policy of a bucket is called: as the bucket where that is free.
fn policy_name(bucket: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let names = [bucket.to_owned(), format!("{bucket}_policy")];
    writing::free_name(names, &format!("{bucket}_policy_"), is_taken)
}

#[cfg(test)]
mod tests;
