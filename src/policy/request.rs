//! One concrete request.

use super::facts::Asker;
use crate::model::{Piece, Text};
use std::collections::BTreeMap;

/// Who asks. Shown in reports as `*` for anonymous, else as an ARN, account id or service name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// Nobody in particular: a request without credentials.
    Anonymous,
    /// An IAM principal by its ARN (`arn:aws:iam::123456789012:user/any`, `…:root`). The ARN may hold holes.
    Arn(Text),
    /// An AWS service (`logging.s3.amazonaws.com`).
    Service(Text),
    /// A federated principal.
    Federated(Text),
    /// A canonical user id.
    CanonicalUser(Text),
}

/// What is asked for: the bucket or an object in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The bucket itself.
    Bucket,
    /// The object with that (non-empty) key.
    Object(String),
}

/// Condition keys (lower case) and their values. A key that is not here is absent. A single-valued key has one value.
pub type Context = BTreeMap<String, Vec<Text>>;

/// One request on one bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Who.
    pub principal: Principal,
    /// The action as AWS writes it (`s3:GetObject`).
    pub action: String,
    /// The bucket's name, holes included.
    pub bucket: Text,
    /// On what.
    pub resource: Resource,
    /// Condition keys; always holds `aws:securetransport`.
    pub context: Context,
}

impl Principal {
    /// The kinds of asker that it may be, the likeliest first.
    ///
    /// An identity provider's users act in sessions of a role, and a canonical user is an account by another name:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
    #[must_use]
    pub(crate) fn askers(&self) -> &'static [Asker] {
        match self {
            Self::Anonymous => &[Asker::Anonymous],
            Self::Service(_) => &[Asker::Service],
            Self::Federated(_) => &[Asker::Role],
            Self::CanonicalUser(_) => &[Asker::Role, Asker::User, Asker::Root, Asker::FederatedUser],
            Self::Arn(arn) => {
                let literals = || {
                    arn.pieces().iter().filter_map(|piece| match piece {
                        Piece::Literal(text) => Some(text.as_str()),
                        Piece::Hole(_) => None,
                    })
                };
                let holds = |part: &str| literals().any(|text| text.contains(part));
                if literals().next_back().is_some_and(|text| text.ends_with(":root")) {
                    &[Asker::Root]
                } else if holds(":user/") {
                    &[Asker::User]
                } else if holds(":federated-user/") {
                    &[Asker::FederatedUser]
                } else if holds(":role/") || holds(":assumed-role/") {
                    &[Asker::Role]
                } else {
                    &[Asker::Role, Asker::User]
                }
            }
        }
    }

    /// How reports show it: `*` for anonymous, else an ARN, an account id or a service name.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Anonymous => "*".to_owned(),
            Self::Arn(text) | Self::Service(text) | Self::Federated(text) | Self::CanonicalUser(text) => text.shown(),
        }
    }
}

impl Request {
    /// The ARN that is asked for. Where the bucket's name is not known, `unnamed` stands for it.
    ///
    /// The partition is written as `aws`: which one it is makes no difference to a verdict.
    #[must_use]
    pub fn arn(&self, unnamed: &str) -> String {
        let name = self.bucket.as_literal().unwrap_or(unnamed);
        match &self.resource {
            Resource::Bucket => format!("arn:aws:s3:::{name}"),
            Resource::Object(key) => format!("arn:aws:s3:::{name}/{key}"),
        }
    }
}
