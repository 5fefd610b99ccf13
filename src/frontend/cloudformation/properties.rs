//! Properties of resources: those that loops make, and those that are almost called as one that is read, and so are none:
//! what they say would be gone without a word.

use super::choice;
use super::loops::{has_mark, is_loop};
use super::reader::Reader;
use crate::frontend::suggest;
use crate::model::{Condition, Data, Notice, Unknown, Value};
use crate::syntax::Node;

/// A type of resource, and its properties that are read.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// The type in words.
    what: &'static str,
    properties: &'static [&'static str],
    /// Whether it has a verdict of its own, beside which a notice is seen.
    is_judged: bool,
}

/// Those of a bucket.
pub(super) const OF_BUCKET: Known = Known {
    what: "a bucket",
    properties: &[
        "BucketName",
        "BucketNamePrefix",
        "BucketNamespace",
        "PublicAccessBlockConfiguration",
        "WebsiteConfiguration",
    ],
    is_judged: true,
};
/// Those of a bucket policy.
pub(super) const OF_POLICY: Known =
    Known { what: "a bucket policy", properties: &["Bucket", "PolicyDocument"], is_judged: true };
/// Those of a nested stack.
pub(super) const OF_STACK: Known =
    Known { what: "a nested stack", properties: &["Parameters", "TemplateBody", "TemplateURL"], is_judged: false };
/// Those of a stack set.
pub(super) const OF_SET: Known = Known {
    what: "a stack set",
    properties: &["Parameters", "StackInstancesGroup", "TemplateBody", "TemplateURL"],
    is_judged: false,
};
/// Those of a nested application.
pub(super) const OF_APPLICATION: Known =
    Known { what: "a nested application", properties: &["Location", "Parameters"], is_judged: false };

/// Properties that buckets have and that are not read.
const COMMON: [&str; 8] = [
    "AccessControl",
    "BucketEncryption",
    "LifecycleConfiguration",
    "LoggingConfiguration",
    "NotificationConfiguration",
    "OwnershipControls",
    "Tags",
    "VersioningConfiguration",
];

impl<'a> Reader<'a> {
    /// A property, as it is written or as a loop among the properties makes it; `None` where there is none.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.
    pub(super) fn property(
        &mut self,
        properties: Option<Node<'a>>,
        name: &str,
        read: &mut dyn FnMut(&mut Self, Node<'a>) -> Value,
    ) -> Option<Value> {
        let properties = properties?;
        if properties.entries().any(|(key, _)| is_loop(key)) {
            return self.looped_property(properties, name, read);
        }
        properties.get(name).map(|node| read(self, node))
    }

    /// The same where loops are among the properties. A loop over what is not known may make any of them.
    fn looped_property(
        &mut self,
        properties: Node<'a>,
        name: &str,
        read: &mut dyn FnMut(&mut Self, Node<'a>) -> Value,
    ) -> Option<Value> {
        let around = self.loops.len();
        let entries = self.entries(properties);
        let open = entries.list.iter().find(|entry| has_mark(&entry.key())).map(|entry| {
            let cause = format!("a loop over what is not known may make the property `{name}`");
            Unknown::new(cause, entry.key_span(), format!("write `{name}` out, or loop over a list of literals"))
        });
        let Some(entry) = entries.list.into_iter().find(|entry| entry.key() == name) else {
            return entries.unknown.or(open).map(Value::unknown);
        };
        let made = entry.loops.iter().skip(around).map(|turn| turn.exists().clone());
        let exists = made.fold(Condition::Always, Condition::and);
        let (node, span) = (entry.value, entry.key_span());
        let value = self.within(entry.loops, |reader| reader.under(&exists, |reader| read(reader, node)));
        match exists {
            Condition::Always => Some(value),
            exists => Some(choice::choose(exists, value, Value::new(span, Data::Absent), span)),
        }
    }

    /// Tells the keys among `properties` that are almost called as one that is read: by case, by a letter or two, or by a
    /// part of the name. CloudFormation refuses them (`Encountered unsupported property bucketName`).
    ///
    /// What a bucket most often has besides is passed over at once: comparing names letter by letter takes longer than
    /// reading the bucket.
    pub(super) fn tell_misnamed(&mut self, properties: Node<'a>, of: Known) {
        let Known { what, properties: known, is_judged } = of;
        for (key, _) in properties.entries() {
            let Some(text) = key.text().filter(|text| !known.contains(text) && !COMMON.contains(text)) else {
                continue;
            };
            let begun = |name: &str| text.len() >= 4 && name.starts_with(text);
            let part = known.iter().copied().find(|name| begun(name) && properties.get(name).is_none());
            if let Some(near) = suggest::nearest(text, known.iter().copied()).or(part) {
                let message = format!("`{text}` is no property of {what}: did you mean `{near}`?");
                if is_judged {
                    self.notice(message, key.span());
                } else {
                    self.errors.push(Notice { message, span: key.span() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::frontend::cloudformation::{Inputs, read};
    use crate::source::Sources;
    use crate::syntax;

    fn told(kind: &str, properties: &str) -> Vec<String> {
        let text = format!("Resources: {{R: {{Type: 'AWS::{kind}', Properties: {properties}}}}}");
        let template = read(&syntax::parse(&Sources::default().add("t.yaml", text)), &Inputs::default());
        template.notices.into_iter().chain(template.errors).map(|notice| notice.message).collect()
    }

    #[test]
    fn properties_with_other_names_are_told() {
        for (kind, properties, meant) in [
            ("S3::Bucket", "{bucketName: data}", "BucketName"),
            ("S3::Bucket", "{Bucket: data}", "BucketName"),
            ("S3::Bucket", "{BucketName: data, bucketname: other}", "BucketName"),
            ("S3::Bucket", "!If [C, {bucketNamePrefix: data}, {}]", "BucketNamePrefix"),
            ("S3::BucketPolicy", "{bucket: data, PolicyDocument: {}}", "Bucket"),
            ("S3::BucketPolicy", "{Bucket: data, PolicyDoc: {}}", "PolicyDocument"),
            ("CloudFormation::Stack", "{TemplateUrl: a.yaml}", "TemplateURL"),
            ("CloudFormation::StackSet", "{TemplateURL: a.yaml, parameters: []}", "Parameters"),
            ("CloudFormation::StackSet", "{TemplateURL: a.yaml, stackInstancesGroup: []}", "StackInstancesGroup"),
            ("Serverless::Application", "{location: a.yaml}", "Location"),
        ] {
            let told = told(kind, properties);
            let is_told = |one: &String| one.ends_with(&format!("did you mean `{meant}`?"));
            assert_eq!(told.iter().filter(|one| is_told(one)).count(), 1, "{kind} {properties}: {told:?}");
        }
    }

    #[test]
    fn other_properties_are_not_told() {
        for (kind, properties) in [
            ("S3::Bucket", "{BucketName: data, BucketEncryption: {}, AccessControl: Private, Tags: []}"),
            ("S3::BucketPolicy", "{Bucket: data, PolicyDocument: {}}"),
            ("CloudFormation::Stack", "{TemplateURL: a.yaml, NotificationARNs: [], TimeoutInMinutes: 5, Tags: []}"),
            (
                "CloudFormation::StackSet",
                "{TemplateURL: a.yaml, StackSetName: a, PermissionModel: b, Capabilities: []}",
            ),
        ] {
            assert_eq!(told(kind, properties), [] as [String; 0], "{kind} {properties}");
        }
    }
}
