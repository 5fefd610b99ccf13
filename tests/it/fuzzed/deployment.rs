//! A deployment of several templates: no panic, the same in YAML and in JSON and in any order, and a sufficient Deny in
//! every policy makes no verdict worse.

use super::rendering;
use arbitrary::{Arbitrary, Unstructured};
use bucketlint::frontend::Files;
use bucketlint::lint::{OfSettings, Options, Session};
use bucketlint::report::{FileReport, Verdict};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A text that both sides of a link may have.
#[derive(Clone, Copy, Debug, Arbitrary)]
enum Name {
    Literal(bool),
    Parameter,
    Composed(bool),
    PerRegion,
    Mapped,
    Conditional,
    OtherBucket,
    Imported(bool),
    None,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Exists {
    Always,
    InProduction,
    Elsewhere,
    Opposite,
}

#[derive(Clone, Debug, Arbitrary)]
struct Bucket {
    name: Name,
    exists: Exists,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Covers {
    Everything,
    Objects,
    OneEach,
    ByName(Name),
}

#[derive(Clone, Debug, Arbitrary)]
struct Policy {
    of: Name,
    is_reference: bool,
    exists: Exists,
    covers: Covers,
    is_allow: bool,
    in_production_only: bool,
}

#[derive(Clone, Debug, Arbitrary)]
struct Stack {
    file: u8,
    argument: Name,
    exists: Exists,
}

#[derive(Clone, Debug, Arbitrary)]
struct Template {
    buckets: Vec<Bucket>,
    policies: Vec<Policy>,
    stacks: Vec<Stack>,
    exports: Vec<(Name, Name)>,
    is_bounded: bool,
    in_folder: bool,
}

#[derive(Debug, Arbitrary)]
struct Deployment {
    templates: Vec<Template>,
    is_group: bool,
}

/// So many of each are written: what is wrong between two is wrong between many.
const MOST: usize = 3;

impl Name {
    fn written(self) -> Option<Value> {
        Some(match self {
            Self::Literal(one) => json!(if one { "acme-data" } else { "acme-logs" }),
            Self::Parameter => json!({"Ref": "Name"}),
            Self::Composed(true) => json!({"Fn::Sub": "${Env}-data"}),
            Self::Composed(false) => json!({"Fn::Join": ["-", [{"Ref": "Env"}, "logs"]]}),
            Self::PerRegion => json!({"Fn::Sub": "acme-${AWS::Region}-${AWS::AccountId}"}),
            Self::Mapped => json!({"Fn::FindInMap": ["Names", {"Ref": "Env"}, "Name"]}),
            Self::Conditional => json!({"Fn::If": ["IsProduction", "acme-data", {"Ref": "Name"}]}),
            Self::OtherBucket => json!({"Ref": "B0"}),
            Self::Imported(true) => json!({"Fn::ImportValue": "acme-data"}),
            Self::Imported(false) => json!({"Fn::ImportValue": {"Fn::Sub": "${Env}-data"}}),
            Self::None => return None,
        })
    }
}

impl Exists {
    fn put(self, resource: &mut Value) {
        let condition = match self {
            Self::Always => return,
            Self::InProduction => "IsProduction",
            Self::Elsewhere => "IsElsewhere",
            Self::Opposite => "IsNot",
        };
        resource["Condition"] = json!(condition);
    }
}

fn deny(resources: &[Value]) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources,
           "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}

impl Policy {
    fn written(&self, is_sufficient: bool) -> Value {
        let of = if self.is_reference { Some(json!({"Ref": "B0"})) } else { self.of.written() };
        let of = of.unwrap_or_else(|| json!({"Ref": "B1"}));
        let (bucket, objects) = (json!("arn:aws:s3:::acme-data"), json!({"Fn::Sub": "arn:aws:s3:::${Name}/*"}));
        let mut statements = match self.covers {
            Covers::Everything => vec![deny(&[json!("*")])],
            Covers::Objects => vec![deny(&[json!("arn:aws:s3:::*/*")])],
            Covers::OneEach => vec![deny(&[bucket]), deny(&[objects])],
            Covers::ByName(name) => {
                let name = name.written().unwrap_or_else(|| json!("acme-data"));
                vec![deny(&[
                    json!({"Fn::Join": ["", ["arn:aws:s3:::", name]]}),
                    json!({"Fn::Join": ["", ["arn:aws:s3:::", name, "/*"]]}),
                ])]
            }
        };
        if self.is_allow {
            statements.iter_mut().for_each(|statement| statement["Effect"] = json!("Allow"));
        }
        if self.in_production_only {
            let all = std::mem::take(&mut statements);
            let otherwise = json!({"Ref": "AWS::NoValue"});
            statements.extend(all.into_iter().map(|one| json!({"Fn::If": ["IsProduction", one, otherwise]})));
            statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject",
                                   "Resource": "arn:aws:s3:::acme-data/*"}));
        }
        if is_sufficient {
            statements.push(deny(&[json!("*")]));
        }
        let mut policy = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": of,
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}});
        self.exists.put(&mut policy);
        policy
    }
}

impl Template {
    fn written(&self, is_sufficient: bool) -> Value {
        let mut resources = Map::new();
        for (number, bucket) in self.buckets.iter().take(MOST).enumerate() {
            let mut resource = json!({"Type": "AWS::S3::Bucket", "Properties": {}});
            if let Some(name) = bucket.name.written() {
                resource["Properties"]["BucketName"] = name;
            }
            bucket.exists.put(&mut resource);
            resources.insert(format!("B{number}"), resource);
        }
        for (number, policy) in self.policies.iter().take(MOST).enumerate() {
            resources.insert(format!("P{number}"), policy.written(is_sufficient));
        }
        for (number, stack) in self.stacks.iter().take(MOST).enumerate() {
            let url = format!("./{}", path(usize::from(stack.file) % 4, false));
            let mut nested = json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url,
                "Parameters": {"Name": stack.argument.written(), "Env": {"Ref": "Env"}}}});
            stack.exists.put(&mut nested);
            resources.insert(format!("S{number}"), nested);
        }
        let mut outputs = Map::new();
        for (number, (name, value)) in self.exports.iter().take(MOST).enumerate() {
            if let (Some(name), Some(value)) = (name.written(), value.written()) {
                outputs.insert(format!("O{number}"), json!({"Value": value, "Export": {"Name": name}}));
            }
        }
        let mut env = json!({"Type": "String"});
        if self.is_bounded {
            env["AllowedValues"] = json!(["dev", "prod"]);
        }
        json!({
            "Parameters": {"Name": {"Type": "String"}, "Env": env},
            "Mappings": {"Names": {"prod": {"Name": "acme-data"}, "dev": {"Name": "acme-logs"}}},
            "Conditions": {
                "IsProduction": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
                "IsNot": {"Fn::Not": [{"Condition": "IsProduction"}]},
                "IsElsewhere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
            },
            "Resources": resources,
            "Outputs": outputs
        })
    }
}

fn path(number: usize, in_folder: bool) -> String {
    format!("{}t{number}.yaml", if in_folder { "deep/" } else { "" })
}

#[derive(Clone, Default)]
struct Texts(BTreeMap<PathBuf, String>);

impl Files for Texts {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.keys().filter(|path| path.parent() == Some(folder)).cloned().collect())
    }
}

impl Deployment {
    fn reports(&self, print: fn(&Value) -> String, is_sufficient: bool) -> Vec<FileReport> {
        let mut texts = Texts::default();
        for (number, template) in self.templates.iter().take(4).enumerate() {
            texts.0.insert(path(number, template.in_folder).into(), print(&template.written(is_sufficient)));
        }
        let group = self.is_group;
        let settings = move |_: &Path| OfSettings {
            deployments: group.then(|| "group".to_owned()).into_iter().collect(),
            ..OfSettings::default()
        };
        let options = Options::default();
        let paths = texts.0.keys().map(|path| (path.to_string_lossy().into_owned(), true));
        let mut session = Session::new(&options, settings, &texts);
        session.open(paths);
        session.take_reports()
    }
}

/// The verdict of each bucket in each of its places.
fn verdicts(reports: &[FileReport]) -> Vec<(String, Option<String>, Verdict)> {
    let all = reports.iter().flat_map(|report| &report.buckets);
    let mut verdicts: Vec<_> = all
        .map(|bucket| (format!("{} {}", bucket.input, bucket.address), bucket.deployment.clone(), bucket.verdict))
        .collect();
    verdicts.sort_by(|one, two| (&one.0, &one.1).cmp(&(&two.0, &two.1)));
    verdicts
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Enforced => 0,
        Verdict::Undecided(_) => 1,
        Verdict::Exposed => 2,
    }
}

pub fn target(data: &[u8]) {
    let Ok(deployment) = Deployment::arbitrary(&mut Unstructured::new(data)) else { return };
    let before = deployment.reports(|template| template.to_string(), false);
    rendering::check(&before);
    // What starts with a comment is read as YAML.
    let as_yaml = deployment.reports(|template| format!("# YAML\n{template:#}\n"), false);
    assert_eq!(verdicts(&before), verdicts(&as_yaml));
    let after = deployment.reports(|template| template.to_string(), true);
    for (before, after) in verdicts(&before).into_iter().zip(verdicts(&after)) {
        assert!(rank(after.2) <= rank(before.2), "{before:?} becomes {after:?}: {deployment:#?}");
    }
}
