//! A bucket and its policies, with a choice in every place.

use super::inputs::Inputs;
use crate::support::random::Random;
use serde_json::{Value, json};

/// What choices are made of.
pub struct Sources<'a> {
    pub conditions: usize,
    pub inputs: &'a Inputs,
}

impl Sources<'_> {
    pub fn resources(&self, random: &mut Random) -> Value {
        let mut data = json!({"Type": "AWS::S3::Bucket"});
        let by_name = random.below(4) == 0;
        if by_name {
            let name = self.choice(random, 4, &|_, random| json!(random.one(&["data", "data", "other"])));
            data["Properties"] = json!({ "BucketName": name });
        }
        if random.below(3) == 0 {
            data["Condition"] = self.condition(random);
        }
        let mut resources = json!({ "Data": data });
        for name in ["Policy", "Another"].iter().take(1 + usize::from(random.below(4) == 0)) {
            let bucket = match random.below(6) {
                0 if by_name => data["Properties"]["BucketName"].clone(),
                1 => self.choice(random, 2, &|_, random| {
                    if random.below(2) == 0 { json!({"Ref": "Data"}) } else { json!("somebody-elses") }
                }),
                _ => json!({"Ref": "Data"}),
            };
            let mut policy = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": bucket,
                "PolicyDocument": self.document(random, by_name)}});
            if random.below(3) == 0 {
                policy["Condition"] = self.condition(random);
            }
            resources[*name] = policy;
        }
        resources
    }

    fn condition(&self, random: &mut Random) -> Value {
        json!(format!("C{}", random.below(self.conditions)))
    }

    /// Something, or by a condition one thing or another: the rarer, the greater `rare`.
    fn choice(&self, random: &mut Random, rare: usize, make: &dyn Fn(&Self, &mut Random) -> Value) -> Value {
        if random.below(rare) > 0 {
            return make(self, random);
        }
        let condition = self.condition(random);
        let (then, otherwise) = (self.choice(random, rare + 1, make), self.choice(random, rare + 1, make));
        json!({ "Fn::If": [condition, then, otherwise] })
    }

    fn document(&self, random: &mut Random, by_name: bool) -> Value {
        self.choice(random, 6, &|sources, random| {
            let id = format!("D{:08}", random.clone().below(100_000_000));
            let statements = sources.choice(random, 6, &|sources, random| {
                let count = 1 + random.below(3);
                (0..count).map(|_| sources.statement(random, by_name)).collect()
            });
            json!({"Id": id, "Version": "2012-10-17", "Statement": statements})
        })
    }

    fn statement(&self, random: &mut Random, by_name: bool) -> Value {
        self.choice(random, 3, &|sources, random| {
            if random.below(7) == 0 {
                return json!({"Ref": "AWS::NoValue"});
            }
            let mut statement = json!({
                "Sid": format!("S{}", random.below(1_000_000)),
                "Effect": sources.effect(random),
                "Principal": sources.choice(random, 8, &|_, random| match random.below(6) {
                    0 => json!({"AWS": "444455556666"}),
                    1 => json!({"AWS": "*"}),
                    _ => json!("*"),
                }),
                "Action": sources.choice(random, 8, &|_, random| match random.below(6) {
                    0 => json!("s3:GetObject"),
                    1 => json!(["s3:Get*", "s3:*"]),
                    _ => json!("s3:*"),
                }),
                "Resource": sources.resource(random, by_name),
            });
            if random.below(8) > 0 {
                statement["Condition"] = sources.narrowing(random);
            }
            statement
        })
    }

    fn effect(&self, random: &mut Random) -> Value {
        self.choice(random, 8, &|sources, random| match random.below(12) {
            0 => json!("Allow"),
            1 => sources.held(random, "Deny").unwrap_or(json!("Deny")),
            2 => json!({"Fn::FindInMap": ["M", {"Ref": sources.parameter(random)}, "effect"]}),
            3 => json!({"Ref": "AWS::NoValue"}),
            _ => json!("Deny"),
        })
    }

    fn resource(&self, random: &mut Random, by_name: bool) -> Value {
        let literal = by_name && random.below(2) == 0;
        let bucket = if literal { json!("arn:aws:s3:::data") } else { json!({"Fn::GetAtt": ["Data", "Arn"]}) };
        let objects = if literal { json!("arn:aws:s3:::data/*") } else { json!({"Fn::Sub": "${Data.Arn}/*"}) };
        self.choice(random, 5, &|sources, random| match random.below(8) {
            0 => bucket.clone(),
            1 => objects.clone(),
            2 => json!([{"Fn::If": [sources.condition(random), bucket, {"Ref": "AWS::NoValue"}]}, objects]),
            _ => json!([bucket, objects]),
        })
    }

    fn narrowing(&self, random: &mut Random) -> Value {
        self.choice(random, 9, &|sources, random| {
            if random.below(9) == 0 {
                return json!({"Ref": "AWS::NoValue"});
            }
            let transport = sources.choice(random, 9, &|sources, random| match random.below(9) {
                0 => json!("true"),
                1 => json!(false),
                2 => sources.held(random, "true").unwrap_or(json!("false")),
                _ => json!("false"),
            });
            let operator = json!({ "aws:SecureTransport": transport });
            json!({ "Bool": sources.choice(random, 9, &|_, _| operator.clone()) })
        })
    }

    fn parameter(&self, random: &mut Random) -> String {
        format!("P{}", random.below(self.inputs.parameters.len()))
    }

    /// A parameter that lists values of a kind.
    fn held(&self, random: &mut Random, kind: &str) -> Option<Value> {
        let of_kind = |(_, one): &(usize, &super::inputs::Parameter)| one.holds == Some(kind);
        let places: Vec<usize> = self.inputs.parameters.iter().enumerate().filter(of_kind).map(|(at, _)| at).collect();
        (!places.is_empty()).then(|| json!({"Ref": format!("P{}", places[random.below(places.len())])}))
    }
}
