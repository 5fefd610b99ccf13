//! One deployment out of the templates of a run: what is deployed together, in one canonical form.
//!
//! A template that others deploy is unfolded once for each place that deploys it, with that place's arguments. What a
//! resource is carried by (its own condition, the stacks above it, the outputs that it imports) becomes one condition.
//! References to buckets, outputs of nested stacks, imports and stack outputs become what they stand for. After this
//! nobody asks in which file something stood, except to point at it.
//!
//! Steps, each in its own file: `locate` finds the files of nested templates, `nested` unfolds them, `exports` joins
//! imports with exports, `names` puts in what is known of symbols, `attach` finds the policies that may be on a bucket.

mod alternatives;
mod attach;
mod denied;
mod deployment;
mod exports;
mod index;
mod listed;
mod locate;
mod names;
mod nested;
mod offers;
mod said;
mod shared;
mod ties;
mod web;
mod zones;

pub use attach::{Attachments, Link, name, orphan_name};
pub use denied::{bucket_of, with_resources};
pub use deployment::{Deployment, Group, Library, Member, Place, PolicyId, Stack, Ties, Unfollowed};
pub use nested::shown;
pub use ties::{FileTies, Names, Standing};
pub use web::Web;

/// Templates as they stand, each deployed by itself.
#[cfg(any(test, feature = "internals"))]
#[must_use]
pub fn side_by_side(templates: Vec<crate::model::Template>) -> Deployment {
    struct Nothing;
    impl Library for Nothing {
        fn read_in(&self, _: usize, _: crate::model::Deployed) -> Option<crate::model::Template> {
            None
        }

        fn read_body(
            &self,
            _: usize,
            _: &crate::model::Body,
            _: crate::model::Deployed,
        ) -> Result<crate::model::Template, String> {
            Err("it is not at hand".to_owned())
        }
    }
    let member = |(at, template): (usize, crate::model::Template)| Member {
        path: std::path::PathBuf::from(format!("{at}")),
        file: crate::source::FileId::of(u32::try_from(at).unwrap_or(u32::MAX), 0),
        template,
        whole: false,
        nested_only: false,
        stacks: Vec::new(),
        groups: Vec::new(),
    };
    link(templates.into_iter().enumerate().map(member).collect(), &Nothing)
}

/// Links the templates of a run.
#[must_use]
pub fn link(members: Vec<Member>, library: &dyn Library) -> Deployment {
    let mut deployment = nested::unfold(members, library);
    names::settle(&mut deployment);
    deployment
}
