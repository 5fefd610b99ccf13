//! Properties that are almost called as those that are read, and so are none: what they say would be gone without a word.

use super::reader::Reader;
use crate::frontend::suggest;
use crate::model::Notice;
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
