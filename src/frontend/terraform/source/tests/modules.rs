//! Modules: arguments, outputs, instances, places.

use super::{Memory, Plan, load, shown};
use crate::frontend::terraform::source::{Configuration, InstanceKey};
use crate::source::Sources;
use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = r#"
module "outer" {
  source   = "./mods/outer"
  for_each = { "k.1" = "p1", "k.2" = "p2" }
  prefix   = each.value
}
module "policy" {
  source     = "./mods/policy"
  bucket_arn = module.outer["k.1"].bucket_arn
}
resource "aws_s3_bucket_policy" "two" {
  bucket = module.outer["k.2"].bucket_id
  policy = jsonencode({ Resource = [for k, m in module.outer : m.bucket_arn], Prefix = values(module.outer)[*].prefix })
}
"#;
const OUTER: &str = r#"
variable "prefix" {}
module "inner" {
  source = "../inner"
  name   = "${var.prefix}-data"
}
output "bucket_arn" { value = module.inner.arn }
output "bucket_id" { value = module.inner.id }
output "prefix" { value = var.prefix }
"#;
const INNER: &str = r#"
variable "name" {}
resource "aws_s3_bucket" "this" { bucket = var.name }
output "arn" { value = aws_s3_bucket.this.arn }
output "id" { value = aws_s3_bucket.this.id }
"#;
const POLICY: &str = r#"
variable "bucket_arn" {}
resource "aws_s3_bucket_policy" "this" {
  policy = jsonencode({ Resource = var.bucket_arn })
}
"#;

#[test]
fn values_travel_through_arguments_and_outputs_by_instance() {
    let loaded = load(&[
        ("infra/main.tf", ROOT),
        ("infra/mods/outer/main.tf", OUTER),
        ("infra/mods/inner/main.tf", INNER),
        ("infra/mods/policy/main.tf", POLICY),
    ]);
    assert_eq!(loaded.notices, []);
    let get = |address: &str, argument: &str| shown(&loaded.argument(address, argument, &Plan::default()));
    let first = r#"<module.outer[\"k.1\"].module.inner.aws_s3_bucket.this>"#;
    let second = r#"<module.outer[\"k.2\"].module.inner.aws_s3_bucket.this>"#;
    assert_eq!(
        get("module.policy.aws_s3_bucket_policy.this", "policy"),
        format!("{{Resource:\"arn:aws:s3:::{first}\"}}")
    );
    assert_eq!(get("aws_s3_bucket_policy.two", "bucket"), format!("\"{second}\""));
    assert_eq!(
        get("aws_s3_bucket_policy.two", "policy"),
        format!("{{Resource:[\"arn:aws:s3:::{first}\",\"arn:aws:s3:::{second}\"],Prefix:[\"p1\",\"p2\"]}}")
    );
    let name = r#"module.outer["k.2"].module.inner.aws_s3_bucket.this"#;
    assert_eq!(get(name, "bucket"), "\"p2-data\"");
    assert_eq!(
        loaded.configuration.blocks().into_iter().collect::<Vec<_>>(),
        [
            "aws_s3_bucket_policy.two",
            "module.outer.module.inner.aws_s3_bucket.this",
            "module.policy.aws_s3_bucket_policy.this"
        ]
    );
    let place = loaded.configuration.place(name).unwrap();
    assert_eq!(loaded.text(place.span), "resource \"aws_s3_bucket\" \"this\"");
    assert_eq!(place.made_at, None);
}

#[test]
fn modules_from_elsewhere_are_placed_at_their_call() {
    let manifest = r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."},
        {"Key": "logs", "Source": "registry.terraform.io/acme/s3/aws", "Version": "1.0.0", "Dir": ".terraform/modules/logs"},
        {"Key": "logs.inner", "Source": "./inner", "Dir": ".terraform/modules/logs/inner"}]}"#;
    let main = "module \"logs\" {\n  source = \"acme/s3/aws\"\n}\nmodule \"gone\" {\n  source = \"acme/gone/aws\"\n}\n\
                resource \"x\" \"x\" {\n  value = module.gone.arn\n}\n";
    let remote =
        "variable \"attach_deny_insecure_transport_policy\" {}\nmodule \"inner\" {\n  source = \"./inner\"\n}\n";
    let loaded = load(&[
        ("infra/main.tf", main),
        ("infra/.terraform/modules/modules.json", manifest),
        ("infra/.terraform/modules/logs/main.tf", remote),
        ("infra/.terraform/modules/logs/inner/main.tf", INNER),
    ]);
    let place = loaded.configuration.place("module.logs.module.inner.aws_s3_bucket.this[0]").unwrap();
    assert_eq!(loaded.text(place.span), "module \"logs\"");
    assert_eq!(loaded.text(place.made_at.unwrap()), "resource \"aws_s3_bucket\" \"this\"");
    assert_eq!(loaded.text(place.switch.unwrap()), "module \"logs\"");
    let gone = loaded.configuration.place("module.gone.aws_s3_bucket.this").unwrap();
    assert_eq!((loaded.text(gone.span), gone.made_at), ("module \"gone\"", None));
    let value = shown(&loaded.argument("x.x", "value", &Plan::default()));
    assert_eq!(value, "?(the source of `module.gone` is not at hand)");
}

#[test]
fn the_source_must_fit_the_plan() {
    let loaded = load(&[("infra/main.tf", "resource \"a\" \"b\" {}\nmodule \"m\" {\n  source = \"x/y/z\"\n}\n")]);
    let fits =
        |blocks: &[&str]| loaded.configuration.fits(&blocks.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    assert!(fits(&["a.b"]));
    assert!(fits(&["a.b", "module.m.a.b"]), "the module is not at hand");
    assert!(!fits(&["a.b", "a.c"]));
    let broken = load(&[("infra/a.tf", "resource \"a\" \"b\" {}\n"), ("infra/b.tf", "resource {{{\n")]);
    assert_eq!(broken.notices.len(), 1);
    assert!(broken.configuration.fits(&["a.c".to_owned()].into()), "the broken file may hold it");
}

#[test]
fn override_files_are_laid_over() {
    let loaded = load(&[
        ("infra/a_override.tf", "resource \"a\" \"b\" {\n  value = 2\n}\n"),
        ("infra/main.tf", "\u{feff}resource \"a\" \"b\" {\n  value = 1\n  other = 3\n}\n"),
    ]);
    assert_eq!(loaded.notices, []);
    let get = |argument: &str| shown(&loaded.argument("a.b", argument, &Plan::default()));
    assert_eq!((get("value"), get("other")), ("2".to_owned(), "3".to_owned()));
    let place = loaded.configuration.place("a.b").unwrap();
    assert_eq!(loaded.text(place.span), "resource \"a\" \"b\"", "a byte-order mark moves nothing");
}

#[test]
fn a_snapshot_needs_no_folder() {
    let modules = vec![
        (String::new(), vec![("main.tf".to_owned(), ROOT.to_owned())]),
        ("outer".to_owned(), vec![("mods/outer/main.tf".to_owned(), OUTER.to_owned())]),
        ("outer.inner".to_owned(), vec![("mods/inner/main.tf".to_owned(), INNER.to_owned())]),
    ];
    let mut sources = Sources::default();
    let (configuration, notices) = Configuration::from_snapshot(modules, &mut sources);
    assert_eq!(notices, []);
    let plan = Plan::default().instances("module.outer", &[InstanceKey::Text("k.2".into())]);
    let value = configuration.argument("aws_s3_bucket_policy.two", "bucket", &plan).unwrap();
    assert_eq!(shown(&value), r#""<module.outer[\"k.2\"].module.inner.aws_s3_bucket.this>""#);
}

#[test]
fn the_current_folder_is_a_root_too() {
    let main =
        "resource \"a\" \"b\" {\n  value = file(\"${path.module}/p/x.txt\")\n  other = file(\"../p/x.txt\")\n}\n";
    let files = Memory::of(&[("./main.tf", main), ("p/x.txt", "in"), ("../p/x.txt", "out")]);
    let mut sources = Sources::default();
    let (configuration, _) = Configuration::load(&files, Path::new("."), &mut sources).unwrap();
    let get = |name: &str| shown(&configuration.argument("a.b", name, &Plan::default()).unwrap());
    assert_eq!(get("value"), "\"in\"");
    assert!(get("other").starts_with("?(the file is not at hand"));
    assert_eq!(sources.iter().count(), 2, "nothing outside is read");
}

#[test]
fn no_source_is_no_configuration() {
    let files = Memory::of(&[("infra/plan.json", "{}")]);
    assert!(Configuration::load(&files, Path::new("infra"), &mut Sources::default()).is_none());
}
