//! `Ref` and `Fn::GetAtt`.

use super::call::Call;
use super::loops::{Expanded, has_mark};
use super::nested;
use super::reader::{Reader, Resource};
use crate::frontend::suggest;
use crate::model::{Data, Name, Pseudo, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::Kind;

/// What settles the name of a bucket. No edit does: which name is for people to choose, and the bucket of another name is
/// another bucket.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>
pub(super) const NAME_IT: &str =
    "give the bucket a name, `BucketName: NAME` in its `Properties` (one that is deployed already is replaced)";

/// The type of a bucket.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

/// What `Fn::GetAtt` gives of a bucket besides its ARN: the addresses under which S3 serves it, and what S3 says of its
/// tables of metadata.
///
/// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>.
const ADDRESSES: [&str; 4] = ["DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"];
const OF_TABLES: [&str; 2] = ["MetadataTableConfiguration.", "MetadataConfiguration."];

/// The types of IAM principals, and what stands before the path and the name in their ARNs.
const PRINCIPALS: [(&str, &str); 2] = [("AWS::IAM::Role", ":role/"), ("AWS::IAM::User", ":user/")];

impl<'a> Reader<'a> {
    /// `Ref`.
    pub(super) fn reference(&mut self, call: &Call<'a>) -> Value {
        let name = self.argument(call);
        self.lift(call, vec![name], &mut |reader, parts| match parts.first().and_then(Value::scalar_text) {
            Some(name) => reader.reference_by(call, &name),
            None => reader.dynamic_reference(call),
        })
    }

    /// `Fn::GetAtt`.
    pub(super) fn attribute(&mut self, call: &Call<'a>) -> Value {
        let argument = call.argument;
        if argument.kind() != Kind::Sequence {
            let value = self.argument(call);
            let text = value.scalar_text().map(|text| self.marked(&text));
            return match text.as_ref().and_then(|text| text.split_once('.')) {
                Some((id, attribute)) if !has_mark(attribute) => self.attribute_by(call, id, attribute),
                _ => self.malformed_text(call, "takes a resource and an attribute"),
            };
        }
        let parts: Vec<_> = call.items().into_iter().map(|item| self.value(item)).collect();
        self.lift(call, parts, &mut |reader, parts| {
            let texts: Vec<_> = parts.iter().filter_map(Value::scalar_text).collect();
            let marked: Vec<_> = texts.iter().map(|text| reader.marked(text)).collect();
            match marked.as_slice() {
                [id, attribute @ ..]
                    if marked.len() == parts.len()
                        && !attribute.is_empty()
                        && !attribute.iter().any(|part| has_mark(part)) =>
                {
                    reader.attribute_by(call, id, &attribute.join("."))
                }
                _ if parts.len() < 2 => reader.malformed_text(call, "takes a resource and an attribute"),
                _ => reader.dynamic_reference(call),
            }
        })
    }

    /// What a `Ref` gives whose name may be made of what is not known: what a loop makes under that very name.
    fn reference_by(&mut self, call: &Call<'a>, name: &Text) -> Value {
        let name = self.marked(name);
        if has_mark(&name) && self.resource(&name).is_none() {
            return self.dynamic_reference(call);
        }
        self.reference_to(&name, call.span)
    }

    /// [`Reader::reference_by`] for an `Fn::GetAtt`.
    fn attribute_by(&mut self, call: &Call<'a>, id: &str, attribute: &str) -> Value {
        if has_mark(id) && self.resource(id).is_none() {
            return self.dynamic_reference(call);
        }
        self.attribute_of(id, attribute, call.span)
    }

    /// What a `Ref` to `name` gives.
    pub(super) fn reference_to(&mut self, name: &str, span: Span) -> Value {
        if let Some(text) = self.loop_variable(name) {
            return Value::new(span, Data::Text(text));
        }
        if name.starts_with("AWS::") {
            return self.pseudo(name, span);
        }
        if self.parameters.contains_key(name) {
            return self.parameter(name, span);
        }
        let Some(resource) = self.resource(name) else {
            return self.undeclared(name, "", span);
        };
        let symbol =
            if resource.kind == BUCKET { self.bucket_symbol(&resource) } else { self.other(&resource, "", span) };
        Value::new(span, Data::Text(Text::hole(symbol)))
    }

    /// What an `Fn::GetAtt` of that attribute gives.
    pub(super) fn attribute_of(&mut self, id: &str, attribute: &str, span: Span) -> Value {
        let Some(resource) = self.resource(id) else {
            return self.undeclared(id, attribute, span);
        };
        if resource.kind == BUCKET && attribute == "Arn" {
            let mut text = Text::literal("arn:");
            text.push(&self.pseudo_text(Pseudo::Partition, span));
            text.push_str(":s3:::");
            text.push(&Text::hole(self.bucket_symbol(&resource)));
            return Value::new(span, Data::Text(text));
        }
        if let Some(text) = self.arn_of_principal(&resource, attribute, span) {
            return Value::new(span, Data::Text(text));
        }
        let mut text = Text::default();
        if resource.kind == BUCKET && OF_TABLES.iter().any(|start| attribute.starts_with(start)) {
            // The ARN of a table or of a bucket of tables is none of a bucket.
            if attribute.ends_with("Arn") {
                text.push_str("arn:");
                text.push(&self.pseudo_text(Pseudo::Partition, span));
                text.push_str(":s3tables:");
            }
        } else if resource.kind == BUCKET && !ADDRESSES.contains(&attribute) {
            self.notice(format!("`{BUCKET}` has no attribute `{attribute}`"), span);
        }
        text.push(&Text::hole(self.other(&resource, attribute, span)));
        Value::new(span, Data::Text(text))
    }

    /// The ARN of an IAM principal that the template makes: whose account and which kind it is of is known, and its
    /// name is what a `Ref` gives.
    ///
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
    fn arn_of_principal(&self, resource: &Resource<'a>, attribute: &str, span: Span) -> Option<Text> {
        let (_, kind) = PRINCIPALS.iter().find(|(of, _)| *of == resource.kind).filter(|_| attribute == "Arn")?;
        let properties = resource.node.get("Properties");
        let has_path = properties.is_some_and(|properties| properties.get("Path").is_some());
        let mut text = Text::literal("arn:");
        text.push(&self.pseudo_text(Pseudo::Partition, span));
        text.push_str(":iam::");
        text.push(&self.pseudo_text(Pseudo::AccountId, span));
        text.push_str(kind);
        // A path stands before the name.
        text.push(&Text::hole(self.other(resource, if has_path { attribute } else { "" }, span)));
        Some(text)
    }

    /// The symbol that stands for a bucket's name: one, however often it is referred to.
    pub(super) fn bucket_symbol(&mut self, bucket: &Resource<'a>) -> Symbol {
        if let Some(known) = self.buckets.get(&bucket.id) {
            return known.clone();
        }
        let unknown = Unknown::new(
            format!("the name of bucket `{}` is made at deploy time", bucket.address),
            bucket.key_span,
            NAME_IT,
        );
        let name = Name::Bucket(bucket.id.as_str().into());
        let symbol = self.symbol(name, SymbolKind::BucketName, format!("${{{}}}", bucket.address), unknown);
        self.buckets.insert(bucket.id.clone(), symbol.clone());
        symbol
    }

    /// A reference, or an attribute, of any other resource.
    fn other(&self, resource: &Resource<'a>, attribute: &str, span: Span) -> Symbol {
        let dotted = |id: &str| if attribute.is_empty() { id.to_owned() } else { format!("{id}.{attribute}") };
        let shown = dotted(&resource.address);
        let kind = match attribute {
            _ if resource.kind == BUCKET && ADDRESSES.contains(&attribute) => SymbolKind::Address,
            _ if is_plain(&resource.kind, attribute) => SymbolKind::Attribute,
            _ => SymbolKind::Free,
        };
        let unknown = Unknown::new(format!("`{shown}` is known after deployment"), span, "write its value");
        let name = match attribute.strip_prefix("Outputs.").filter(|_| nested::is_nested(&resource.kind)) {
            Some(output) => Name::NestedOutput(resource.id.as_str().into(), output.into()),
            None => Name::Attribute(resource.id.as_str().into(), attribute.into()),
        };
        self.symbol(name, kind, format!("${{{shown}}}"), unknown)
    }

    /// A reference whose name is put together from what is not known.
    fn dynamic_reference(&mut self, call: &Call<'a>) -> Value {
        let unknown = Unknown::new("what it refers to is not known", call.span, "refer to a name");
        self.opaque(call, SymbolKind::Free, unknown)
    }

    /// A name that the template does not hold: one unknown, the same wherever it stands. Where a transform adds
    /// resources it may be one of those, else CloudFormation refuses the template; that is told once, where it stands
    /// first.
    fn undeclared(&mut self, name: &str, attribute: &str, span: Span) -> Value {
        let name = &self.legible(name);
        let shown = if attribute.is_empty() { name.clone() } else { format!("{name}.{attribute}") };
        let unknown = if self.macros.adds_resources {
            Unknown::new(format!("`{name}` is made by a transform"), span, "write its value")
        } else {
            let message = format!("`{name}` is declared nowhere in this template");
            if self.told.insert(name.clone()) {
                let near = self.near(name).map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
                self.notice(format!("{message}{near}"), span);
            }
            Unknown::new(message, span, "refer to a resource or a parameter of the template")
        };
        let made = Name::Attribute(name.as_str().into(), attribute.into());
        let symbol = self.symbol(made, SymbolKind::Free, format!("${{{shown}}}"), unknown);
        Value::new(span, Data::Text(Text::hole(symbol)))
    }

    /// The declared name that was most probably meant.
    fn near(&self, name: &str) -> Option<String> {
        let declared: Vec<_> = self.resources.iter().map(Expanded::shown).collect();
        let declared = declared.iter().map(AsRef::as_ref);
        suggest::nearest(name, declared.chain(self.parameters.keys().map(String::as_str))).map(str::to_owned)
    }

    fn pseudo(&mut self, name: &str, span: Span) -> Value {
        match name {
            "AWS::NoValue" => Value::new(span, Data::Absent),
            "AWS::NotificationARNs" => Value::unknown(Unknown::new(
                "the notification topics of a stack are known at deploy time",
                span,
                "write them as a list",
            )),
            _ => match Pseudo::named(name) {
                Some(pseudo) => Value::new(span, Data::Text(self.pseudo_text(pseudo, span))),
                None => self.undeclared(name, "", span),
            },
        }
    }

    /// What a pseudo parameter is. Account, Region and partition are those of the outermost stack.
    pub(super) fn pseudo_text(&self, pseudo: Pseudo, span: Span) -> Text {
        let deployed = self.inputs.deployed.as_ref();
        if let Some(known) = deployed.and_then(|deployed| deployed.known.get(&pseudo)) {
            return Text::literal(known.as_str());
        }
        let account = deployed.filter(|_| pseudo.is_of_the_account()).map_or(self.scope, |deployed| deployed.account);
        let kind = if pseudo == Pseudo::Partition { SymbolKind::Partition } else { SymbolKind::Pseudo };
        let name = pseudo.name();
        let unknown = Unknown::new(format!("`{name}` is known at deploy time"), span, "write its value");
        Text::hole(Symbol::scoped(account, Name::Pseudo(pseudo), kind, format!("${{{name}}}"), unknown))
    }
}

/// Whether a reference gives fixed text without glob characters: identifiers, names and ARNs that AWS makes or
/// checks. Not so the ARN of a log group, which ends in `:*`, DNS names, and what custom resources, nested stacks,
/// parameters and third-party types return.
fn is_plain(kind: &str, attribute: &str) -> bool {
    const OPEN: [&str; 4] = ["AWS::Logs::", "AWS::Route53::", "AWS::CloudFormation::", "AWS::SSM::"];
    const NAMED: [&str; 8] = [
        "AWS::IAM::",
        "AWS::CloudFront::",
        "AWS::KMS::",
        "AWS::Lambda::",
        "AWS::SNS::",
        "AWS::SQS::",
        "AWS::EC2::",
        "AWS::DynamoDB::",
    ];
    let any = |prefixes: &[&str]| prefixes.iter().any(|prefix| kind.starts_with(prefix));
    if attribute.is_empty() {
        return any(&NAMED);
    }
    kind.starts_with("AWS::") && !any(&OPEN) && (attribute.ends_with("Arn") || attribute.ends_with("Id"))
}
