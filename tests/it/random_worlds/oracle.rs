//! What is denied in each deployment, one by one.
//!
//! Requests over plain HTTP come down to six cells: asked by the account `444455556666` or not, and `s3:GetObject` on
//! an object, another action on an object, or an action on the bucket.

use super::formula::Formula;
use super::inputs::{Inputs, mapped};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// All cells.
pub const ALL: u8 = 0b11_1111;

/// A deployment.
pub struct State {
    /// The values of its parameters, and its Region.
    pub values: Vec<&'static str>,
    /// What its bucket comes to; `None` where there is none.
    pub bucket: Option<Guarded>,
}

/// What the policies of a bucket come to.
#[derive(Clone, Default)]
pub struct Guarded {
    /// The cells in which they all deny.
    pub denied: u8,
    /// The statements that AWS rejects, by their `Sid`, and a document without any by its `Id`.
    pub rejected: Vec<String>,
}

pub struct Oracle<'a> {
    pub inputs: &'a Inputs,
    pub conditions: &'a [Formula],
    pub resources: &'a Value,
}

/// The cell of a witness.
pub fn cell(witness: &Value) -> u8 {
    let on_object = witness["resource"].as_str().unwrap().contains('/');
    let place = match (on_object, witness["action"] == "s3:GetObject") {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => 2,
    };
    let inside = witness["principal"].as_str().unwrap().contains("444455556666");
    1 << (place + if inside { 3 } else { 0 })
}

/// What a deployment comes to; failed ones are none.
type Failed = Option<Option<Guarded>>;

impl Oracle<'_> {
    pub fn states(&self) -> Vec<State> {
        let mut known: HashMap<(Vec<bool>, Vec<&'static str>), Failed> = HashMap::new();
        // Most parameters stand in conditions only, and make no difference where these are the same.
        let written = self.resources.to_string();
        let stands = |at: usize| written.contains(&format!("{{\"Ref\":\"P{at}\"}}"));
        let places: Vec<usize> = (0..self.inputs.parameters.len()).filter(|at| stands(*at)).collect();
        let mut states = Vec::new();
        for values in self.inputs.all() {
            let mut held = Vec::new();
            let holds = |held: &mut Vec<bool>, one: &Formula| one.holds(&values, held).map(|it| held.push(it));
            if !self.conditions.iter().all(|one| holds(&mut held, one).is_some()) {
                continue;
            }
            let key = (held.clone(), places.iter().map(|at| values[*at]).collect());
            let world = World { held: &held, values: &values };
            if let Some(bucket) = known.entry(key).or_insert_with(|| world.guarded(self.resources)).clone() {
                states.push(State { values, bucket });
            }
        }
        states
    }
}

struct World<'a> {
    held: &'a [bool],
    values: &'a [&'static str],
}

impl World<'_> {
    fn holds(&self, name: &Value) -> bool {
        self.held[name.as_str().unwrap()[1..].parse::<usize>().unwrap()]
    }

    fn exists(&self, resource: &Value) -> bool {
        resource["Condition"].is_null() || self.holds(&resource["Condition"])
    }

    fn guarded(&self, resources: &Value) -> Failed {
        let data = &resources["Data"];
        let mut guarded = Guarded { denied: ALL, rejected: Vec::new() };
        let mut any = false;
        let name = self.chosen(&data["Properties"]["BucketName"])?.unwrap_or(json!("<made up>"));
        for policy in ["Policy", "Another"].iter().map(|name| &resources[*name]).filter(|policy| !policy.is_null()) {
            if !self.exists(policy) {
                continue;
            }
            let document = self.chosen(&policy["Properties"]["PolicyDocument"])?.unwrap_or_default();
            let bucket = self.chosen(&policy["Properties"]["Bucket"])?.unwrap_or_default();
            if bucket["Ref"] == "Data" || bucket == name {
                any = true;
                guarded.denied &= denies(&document, name.as_str().unwrap(), &mut guarded.rejected);
            }
        }
        if !self.exists(data) {
            return Some(None);
        }
        Some(Some(if any { guarded } else { Guarded::default() }))
    }

    /// A value with all its choices made: `None` where the deployment fails, and inside of that what is left out.
    fn chosen(&self, value: &Value) -> Option<Option<Value>> {
        if let Some(parts) = value["Fn::If"].as_array() {
            return self.chosen(&parts[if self.holds(&parts[0]) { 1 } else { 2 }]);
        }
        if value["Ref"] == "AWS::NoValue" {
            return Some(None);
        }
        let parameter = |name: &Value| name.as_str()?.strip_prefix('P')?.parse::<usize>().ok();
        if let Some(at) = parameter(&value["Ref"]) {
            return Some(Some(json!(self.values[at])));
        }
        if let Some(at) = parameter(&value["Fn::FindInMap"][1]["Ref"]) {
            return Some(Some(json!(mapped(self.values[at], value["Fn::FindInMap"][2].as_str()?)?)));
        }
        Some(match value {
            Value::Null => None,
            Value::Array(items) => {
                let mut kept = Vec::new();
                for item in items {
                    kept.extend(self.chosen(item)?);
                }
                Some(Value::Array(kept))
            }
            Value::Object(entries) => {
                let mut kept = Map::new();
                for (key, value) in entries {
                    kept.extend(self.chosen(value)?.map(|value| (key.clone(), value)));
                }
                Some(Value::Object(kept))
            }
            other => Some(other.clone()),
        })
    }
}

/// The cells that a document denies.
fn denies(document: &Value, name: &str, rejected: &mut Vec<String>) -> u8 {
    let statements = document["Statement"].as_array().unwrap();
    let before = rejected.len();
    let mut denied = 0;
    for statement in statements {
        match cells(statement, name) {
            Some(cells) if statement["Effect"] == "Deny" => denied |= cells,
            Some(_) => {}
            None => rejected.push(statement["Sid"].as_str().unwrap().to_owned()),
        }
    }
    if statements.is_empty() {
        rejected.push(document["Id"].as_str().unwrap().to_owned());
    }
    if rejected.len() == before { denied } else { 0 }
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The cells that a statement matches; `None` where AWS rejects it.
fn cells(statement: &Value, name: &str) -> Option<u8> {
    let effect = statement["Effect"].as_str()?;
    if !["Allow", "Deny"].contains(&effect) {
        return None;
    }
    let who = if statement["Principal"] == json!({"AWS": "444455556666"}) { 0b11_1000 } else { ALL };
    let actions = list(&statement["Action"]);
    let what = if actions.contains(&&json!("s3:*")) { ALL } else { 0b00_1001 };
    let own = format!("arn:aws:s3:::{name}");
    let mut places = 0;
    let resources = list(&statement["Resource"]);
    if resources.is_empty() {
        return None;
    }
    for resource in resources {
        places |= match resource {
            it if it["Fn::GetAtt"].is_array() || *it == json!(own) => 0b10_0100,
            it if it["Fn::Sub"].is_string() || *it == json!(format!("{own}/*")) => 0b01_1011,
            Value::String(_) => 0,
            _ => return None,
        };
    }
    let condition = &statement["Condition"];
    let matches = match &condition["Bool"]["aws:SecureTransport"] {
        _ if condition.is_null() => true,
        Value::Bool(over_tls) => !over_tls,
        Value::String(over_tls) => over_tls == "false",
        other => panic!("{other}"),
    };
    Some(if matches { who & what & places } else { 0 })
}
