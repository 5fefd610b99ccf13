//! Without a plan: variables that have no value, instances that are not known, modules that are not at hand.

use super::{Loaded, load, nowhere, shown};
use crate::frontend::terraform::source::{Facts, InstanceKey, Shape};
use crate::model::{Condition, Data, Symbol, SymbolKind, Text, Unknown, Value};
use std::collections::BTreeMap;

/// Every variable is free.
struct Free(BTreeMap<String, Value>);

impl Facts for Free {
    fn variable(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn attribute(&self, _: &str, _: &str) -> Option<Value> {
        None
    }

    fn instances(&self, _: &str) -> Option<Vec<InstanceKey>> {
        None
    }

    fn is_free(&self) -> bool {
        true
    }
}

fn symbol(name: &str) -> Symbol {
    let unknown = Unknown::new(format!("`{name}` is not given"), nowhere(), "");
    Symbol::new(format!("var.{name}"), SymbolKind::Free, format!("${{var.{name}}}"), unknown)
}

fn free(names: &[&str]) -> Free {
    let value = |name: &&str| ((*name).to_owned(), Value::new(nowhere(), Data::Text(Text::hole(symbol(name)))));
    Free(names.iter().map(value).collect())
}

fn is(name: &str, text: &str) -> Condition {
    Condition::equals(Text::hole(symbol(name)), Text::literal(text))
}

/// The instances of the buckets of a root module, each with where it exists.
fn buckets(loaded: &Loaded, facts: &Free) -> Vec<(String, Condition, usize)> {
    let layout = loaded.configuration.lay_out(facts, &|kind| kind == "aws_s3_bucket");
    layout.laid.into_iter().map(|one| (one.address.to_string(), one.exists, one.some.len())).collect()
}

fn buckets_of(main: &str, names: &[&str]) -> Vec<(String, Condition, usize)> {
    buckets(&load(&[("infra/main.tf", main)]), &free(names))
}

#[test]
fn a_count_over_a_free_variable_is_a_condition() {
    let bucket = |count: &str| {
        let main = format!("variable \"on\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n  count = {count}\n}}\n");
        buckets_of(&main, &["on"])
    };
    let first = || "aws_s3_bucket.b[0]".to_owned();
    assert_eq!(bucket("var.on ? 1 : 0"), [(first(), is("on", "true"), 0)]);
    assert_eq!(bucket("var.on ? 0 : 1"), [(first(), Condition::not(is("on", "true")), 0)]);
    assert_eq!(bucket("var.on == \"prod\" ? 1 : 0"), [(first(), is("on", "prod"), 0)]);
    assert_eq!(
        bucket("var.on == \"prod\" || var.on == \"stage\" ? 1 : 0"),
        [(first(), Condition::any(vec![is("on", "prod"), is("on", "stage")]), 0)]
    );
    assert_eq!(bucket("false ? 1 : 0"), []);
    let second = "aws_s3_bucket.b[1]".to_owned();
    assert_eq!(
        bucket("var.on ? 2 : 1").iter().map(|(address, ..)| address.clone()).collect::<Vec<_>>(),
        [first(), second]
    );
}

#[test]
fn what_is_gone_through_and_not_known_is_one_instance_for_all() {
    let main = r#"
variable "names" {}
variable "count_of" {}
resource "aws_s3_bucket" "each" {
  for_each = var.names
  bucket   = "acme-${each.key}"
}
resource "aws_s3_bucket" "counted" {
  count = var.count_of
}
resource "aws_s3_bucket" "chosen" {
  for_each = var.names == "x" ? toset(["a", "b"]) : toset(["b"])
}
"#;
    let laid = buckets_of(main, &["names", "count_of"]);
    let found: Vec<(&str, usize)> = laid.iter().map(|(address, _, some)| (address.as_str(), *some)).collect();
    assert_eq!(
        found,
        [
            ("aws_s3_bucket.chosen[\"a\"]", 0),
            ("aws_s3_bucket.chosen[\"b\"]", 0),
            ("aws_s3_bucket.counted[count.index]", 1),
            ("aws_s3_bucket.each[each.key]", 1),
        ]
    );
    assert_eq!(laid[0].1, is("names", "x"));
}

#[test]
fn blocks_over_one_collection_have_one_turn() {
    let main = r#"
variable "names" {}
resource "aws_s3_bucket" "b" {
  for_each = var.names
  bucket   = "acme-${each.value}"
}
resource "aws_s3_bucket_policy" "same" {
  for_each = aws_s3_bucket.b
  bucket   = "acme-${each.value.bucket}"
  policy   = each.key
}
resource "aws_s3_bucket_policy" "by_key" {
  for_each = var.names
  bucket   = aws_s3_bucket.b[each.key].bucket
}
resource "aws_s3_bucket_policy" "first" {
  bucket = aws_s3_bucket.b["first"].bucket
}
"#;
    let loaded = load(&[("infra/main.tf", main)]);
    let facts = free(&["names"]);
    let get = |address: &str, argument: &str| loaded.configuration.argument(address, argument, &facts).unwrap();
    let own = get("aws_s3_bucket.b[each.key]", "bucket");
    assert_eq!(shown(&own), "\"acme-${each.value}\"");
    let by_key = get("aws_s3_bucket_policy.by_key[each.key]", "bucket");
    assert_eq!(by_key.scalar_text(), own.scalar_text(), "one turn goes with the other's of the same key");
    let first = get("aws_s3_bucket_policy.first", "bucket");
    assert_ne!(first.scalar_text(), own.scalar_text(), "one instance is not the one that stands for all");
}

#[test]
fn a_module_that_is_not_at_hand_is_told_with_what_it_is_handed() {
    let main = r#"
variable "on" {}
module "tls" {
  source  = "acme/tls/aws"
  version = "~> 2.1"
  count   = var.on ? 1 : 0
  bucket  = aws_s3_bucket.b.id
  name    = "x-${var.on}"
}
resource "aws_s3_bucket" "b" {}
"#;
    let loaded = load(&[("infra/main.tf", main)]);
    let layout = loaded.configuration.lay_out(&free(&["on"]), &|_| false);
    let [handed] = layout.handed.as_slice() else { panic!("{:?}", layout.handed) };
    assert_eq!(handed.module.source.as_deref(), Some("acme/tls/aws"));
    assert_eq!(handed.module.version.as_deref(), Some("~> 2.1"));
    assert!(handed.module.message.contains("`tls` (`acme/tls/aws`) is not at hand"), "{}", handed.module.message);
    assert_eq!(handed.address.to_string(), "module.tls[0]");
    assert_eq!(handed.exists, is("on", "true"));
    assert_eq!(handed.argument("name").map(shown), Some("\"x-${var.on}\"".to_owned()));
    assert_eq!(handed.argument("bucket").map(shown), Some("\"${aws_s3_bucket.b.id}\"".to_owned()));
    assert_eq!(handed.argument("other"), None);
}

#[test]
fn the_shape_of_a_variable_is_its_type_unless_it_may_be_null() {
    let main = r#"
variable "flag" {
  type    = bool
  default = true
}
variable "guessed" { default = false }
variable "object" {
  type    = object({ tls = bool, name = optional(string) })
  default = { tls = true }
}
variable "null_object" {
  type    = object({ tls = bool })
  default = null
}
variable "text" { type = string }
"#;
    let loaded = load(&[("infra/main.tf", main)]);
    let variables = loaded.configuration.variables();
    let shapes: Vec<(&str, String)> =
        variables.iter().map(|one| (one.name.as_str(), format!("{:?}", one.shape))).collect();
    let object = format!("{:?}", Shape::Object(vec![("tls".to_owned(), Shape::Flag), ("name".to_owned(), Shape::Any)]));
    assert_eq!(
        shapes,
        [
            ("flag", "Flag".to_owned()),
            ("guessed", "Flag".to_owned()),
            ("null_object", "Any".to_owned()),
            ("object", object),
            ("text", "Any".to_owned()),
        ]
    );
}
