//! Whether a policy can matter at all on a bucket of which it is not known that it is there.
//!
//! Nobody has to weigh it for each bucket where it lets something through whatever the bucket is called: it is weighed
//! once, as if its resources were those of the one bucket that it is on, in every world.

use super::assumed::if_on;
use super::judge::Judge;
use super::worlds::{NONE, Variant};
use crate::link::{PolicyId, bucket_of, with_resources};
use crate::model::{BucketPolicy, Data, Name, Symbol, SymbolKind, Text, Unknown, Value};

/// The steps that this look at a policy may take; past them it may matter.
const STEPS: u64 = 50_000;

impl Judge<'_> {
    /// Whether a policy could keep plain HTTP from some bucket.
    pub(super) fn may_guard(&self, id: PolicyId) -> bool {
        let PolicyId::Resource(t, p) = id else { return true };
        let known = self.guards.get(t).and_then(|policies| policies.get(p));
        known.is_none_or(|known| *known.get_or_init(|| self.guards_some(id)))
    }

    fn guards_some(&self, id: PolicyId) -> bool {
        let Some(policy) = id.find(&self.deployment.templates) else { return true };
        let name = some_name(policy);
        let own = if_on(&policy.document, &policy.bucket, &name);
        let Some(document) = with_resources(&own, &mut |value| Some(about(value, &name))) else { return true };
        let (mut space, there) = self.worlds_of(id, policy, STEPS);
        let names = [Variant { worlds: there, value: name }];
        let (weighed, _) = self.weigh_alone(&mut space, id, &document, &names, there);
        let open = weighed.exposed.iter().fold(there, |left, (set, _)| space.diagram.without(left, *set));
        open != NONE || space.is_exhausted()
    }
}

/// The name of a bucket that is no other's.
fn some_name(policy: &BucketPolicy) -> Text {
    let unknown = Unknown::new("it is not known on which bucket the policy is", policy.span, "name the bucket");
    let name = Name::BucketOf(policy.address.as_str().into());
    Text::hole(Symbol::new(name, SymbolKind::BucketName, "<bucket>", unknown))
}

/// A resource as if it were that bucket, or something in it: all that it may be on any bucket is that on this one.
fn about(resource: &Value, name: &Text) -> Value {
    let named = resource.scalar_text().as_ref().and_then(bucket_of).map(|(_, rest)| {
        let mut arn = Text::literal("arn:aws:s3:::");
        arn.push(name);
        arn.push(&rest);
        arn
    });
    Value { data: Data::Text(named.unwrap_or_else(|| Text::literal("*"))), ..resource.clone() }
}
