//! What is known of condition keys.

use super::{cells, spans};
use std::sync::{LazyLock, OnceLock};

/// The type of a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are IAM's own")]
pub enum KeyKind {
    String,
    Arn,
    Numeric,
    Date,
    Bool,
    Ip,
    Binary,
    /// A key that no table has.
    Unknown,
}

/// The kinds of those who ask, as far as the tables tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asker {
    /// A request that is not signed.
    Anonymous,
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    Role,
    /// A federated user of STS (`GetFederationToken`).
    FederatedUser,
    /// An AWS service by its own principal.
    Service,
}

/// Whether a key is in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In each.
    Always,
    /// In none.
    Never,
    /// In some, or no page says.
    Maybe,
}

/// Which way a request has to come for a key to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Any.
    Any,
    /// Not through a VPC endpoint.
    Public,
    /// Through a VPC endpoint.
    Endpoint,
    /// By a service with an IAM principal's credentials (forward access sessions).
    Forwarded,
}

/// What settles the value of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Nothing: any value of its type.
    Nothing,
    /// Whether the request came over TLS.
    Transport,
    /// The moment of the request.
    Time,
    /// The ARN of the principal (of a role, not of its session).
    PrincipalArn,
    /// The account of the principal.
    PrincipalAccount,
    /// The kind of the principal.
    PrincipalType,
    /// Whether the principal is a service.
    PrincipalIsService,
    /// The name of the service that is the principal.
    ServiceName,
    /// The unique id of the principal.
    UserId,
    /// The name of the IAM user that is the principal.
    UserName,
    /// Whether a service forwards the request.
    Forwarded,
    /// The account that owns the bucket.
    BucketAccount,
    /// The bucket, in some way.
    Bucket,
}

impl By {
    /// Whether the principal settles such keys.
    #[must_use]
    pub(crate) fn is_of_principal(self) -> bool {
        matches!(
            self,
            Self::PrincipalArn
                | Self::PrincipalAccount
                | Self::PrincipalType
                | Self::PrincipalIsService
                | Self::ServiceName
                | Self::UserId
                | Self::UserName
        )
    }
}

/// The actions on a bucket or an object that have a key of S3's own table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnActions {
    /// Every one.
    All,
    /// These (names without `s3:`, as AWS writes them); perhaps none.
    Only(Vec<&'static str>),
    /// All known ones but these.
    AllBut(Vec<&'static str>),
}

impl OnActions {
    /// Whether the known action of that name (without `s3:`, in any case) has the key.
    #[must_use]
    pub fn has(&self, action: &str) -> bool {
        let in_list = |list: &[&str]| list.iter().any(|name| name.eq_ignore_ascii_case(action));
        match self {
            Self::All => true,
            Self::Only(list) => in_list(list),
            Self::AllBut(list) => !in_list(list),
        }
    }
}

/// What is known of one condition key.
#[derive(Clone, Debug)]
pub struct KeyFact {
    /// Its name as AWS writes it; ends in `/` where a tag key of the user's choice follows. Empty for a key that no
    /// table has.
    pub name: &'static str,
    /// Its type.
    pub kind: KeyKind,
    /// Whether a request can hold several values.
    pub multi_valued: bool,
    /// Who carries it, by [`Asker`].
    pub who: [Presence; 6],
    /// The way that a request with it comes.
    pub way: Way,
    /// What settles its value.
    pub by: By,
    /// The actions that have it; `None` where that is not limited.
    pub actions: Option<OnActions>,
}

/// A key that no table has: a request may hold it or not, with any value.
const FREE: KeyFact = KeyFact {
    name: "",
    kind: KeyKind::Unknown,
    multi_valued: false,
    who: [Presence::Maybe; 6],
    way: Way::Any,
    by: By::Nothing,
    actions: None,
};

impl KeyFact {
    /// Whether a request of that kind of principal holds the key, whatever else is true of the request.
    #[must_use]
    pub(crate) fn carried_by(&self, asker: Asker) -> Presence {
        self.who.get(asker as usize).copied().unwrap_or(Presence::Maybe)
    }

    /// Whether every request holds the key.
    #[must_use]
    pub(crate) fn is_always_there(&self) -> bool {
        let always = self.who.iter().all(|carried| *carried == Presence::Always);
        always && self.way == Way::Any && self.actions.is_none()
    }

    /// Whether a table has it.
    #[must_use]
    pub(crate) fn is_known(&self) -> bool {
        !self.name.is_empty()
    }
}

/// What is known of the key `key_lower` (in lower case: condition keys are case-insensitive).
#[must_use]
pub fn key(key_lower: &str) -> &'static KeyFact {
    let exact = || Known::find(key_lower).filter(|known| !known.name.ends_with('/'));
    let with_tag = || Known::find(key_lower.get(..=key_lower.find('/')?)?);
    exact().or_else(with_tag).map_or(&FREE, Known::fact)
}

/// All known keys, sorted by name in lower case.
#[must_use]
pub fn all() -> Vec<&'static KeyFact> {
    KEYS.iter().map(Known::fact).collect()
}

/// IAM's table of global keys, and S3's own.
const TABLES: [&str; 2] = [include_str!("global-keys.tsv"), include_str!("s3-keys.tsv")];

/// The same in lower case.
static LOWER: LazyLock<[String; 2]> = LazyLock::new(|| TABLES.map(str::to_ascii_lowercase));

/// The known keys, sorted by name. Most runs ask for one of them, and so each row is read when it is asked for.
static KEYS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut known: Vec<Known> = Vec::new();
    for ((at, table), lower) in TABLES.iter().enumerate().zip(LOWER.iter()) {
        for span in spans(table) {
            let Some((row, lower)) = table.get(span.clone()).zip(lower.get(span)) else { continue };
            let name = memchr::memchr(b'\t', lower.as_bytes()).and_then(|end| lower.get(..end)).unwrap_or(lower);
            let mut rows = [None; 2];
            if let Some(own) = rows.get_mut(at) {
                *own = Some(row);
            }
            known.push(Known { name, rows, fact: OnceLock::new() });
        }
    }
    known.sort_by_key(|known| known.name);
    known.dedup_by(|second, first| {
        let is_same = first.name == second.name;
        if is_same {
            first.rows = [first.rows[0].or(second.rows[0]), first.rows[1].or(second.rows[1])];
        }
        is_same
    });
    known
});

/// A key that a table has.
struct Known {
    /// Its name in lower case.
    name: &'static str,
    /// What each table says of it.
    rows: [Option<&'static str>; 2],
    fact: OnceLock<KeyFact>,
}

impl Known {
    fn find(name: &str) -> Option<&'static Self> {
        KEYS.get(KEYS.binary_search_by(|known| known.name.cmp(name)).ok()?)
    }

    fn fact(&self) -> &KeyFact {
        self.fact.get_or_init(|| {
            let [global, of_s3] = self.rows.map(|row| row.map(cells).unwrap_or_default());
            let global = match *global {
                [name, kind, values, who, way, by, _] => {
                    Some(KeyFact { way: read_way(way), ..fact(name, kind, values, who, by) })
                }
                _ => None,
            };
            match *of_s3 {
                [name, kind, values, actions, who, by, _] => {
                    let known = global.unwrap_or_else(|| fact(name, kind, values, who, by));
                    KeyFact { actions: Some(read_actions(actions)), ..known }
                }
                _ => global.unwrap_or(FREE),
            }
        })
    }
}

fn fact(name: &'static str, kind: &str, values: &str, who: &str, by: &str) -> KeyFact {
    let mut carried = [Presence::Maybe; 6];
    for (place, sign) in carried.iter_mut().zip(who.chars()) {
        *place = match sign {
            '+' => Presence::Always,
            '-' => Presence::Never,
            _ => Presence::Maybe,
        };
    }
    KeyFact {
        name,
        kind: match kind {
            "string" => KeyKind::String,
            "arn" => KeyKind::Arn,
            "numeric" => KeyKind::Numeric,
            "date" => KeyKind::Date,
            "bool" => KeyKind::Bool,
            "ip" => KeyKind::Ip,
            "binary" => KeyKind::Binary,
            _ => KeyKind::Unknown,
        },
        multi_valued: values == "many",
        who: carried,
        way: Way::Any,
        by: read_by(by),
        actions: None,
    }
}

fn read_way(way: &str) -> Way {
    match way {
        "public" => Way::Public,
        "endpoint" => Way::Endpoint,
        "forwarded" => Way::Forwarded,
        _ => Way::Any,
    }
}

fn read_by(by: &str) -> By {
    match by {
        "transport" => By::Transport,
        "time" => By::Time,
        "principal-arn" => By::PrincipalArn,
        "principal-account" => By::PrincipalAccount,
        "principal-type" => By::PrincipalType,
        "principal-is-service" => By::PrincipalIsService,
        "service-name" => By::ServiceName,
        "user-id" => By::UserId,
        "user-name" => By::UserName,
        "forwarded" => By::Forwarded,
        "bucket-account" => By::BucketAccount,
        "bucket" => By::Bucket,
        _ => By::Nothing,
    }
}

fn read_actions(actions: &'static str) -> OnActions {
    match actions {
        "all" => OnActions::All,
        "none" => OnActions::Only(Vec::new()),
        list => match list.strip_prefix("all but ") {
            Some(but) => OnActions::AllBut(but.split(',').collect()),
            None => OnActions::Only(list.split(',').collect()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{actions, rows};
    use super::*;

    #[test]
    fn known_keys_have_their_types() {
        let kind = |name: &str| key(name).kind;
        assert_eq!(kind("aws:securetransport"), KeyKind::Bool);
        assert_eq!(kind("s3:tlsversion"), KeyKind::Numeric);
        assert_eq!(kind("aws:sourceip"), KeyKind::Ip);
        assert_eq!(kind("aws:principalarn"), KeyKind::Arn);
        assert_eq!(kind("aws:currenttime"), KeyKind::Date);
        assert_eq!(kind("aws:principaltag/team"), KeyKind::String);
        assert_eq!(kind("s3:existingobjecttag/a/b"), KeyKind::String);
        assert_eq!(kind("aws:principaltag"), KeyKind::Unknown);
        assert_eq!(kind("aws:nosuchkey"), KeyKind::Unknown);
        assert!(key("aws:tagkeys").multi_valued && key("aws:principalorgpaths").multi_valued);
        assert!(!key("aws:securetransport").multi_valued);
    }

    /// Every word of a table is one that the code knows: a slip of the pen is not read as "free".
    #[test]
    fn every_row_is_read_as_it_is_written() {
        let kinds = ["string", "arn", "numeric", "date", "bool", "ip", "binary"];
        let mut names = Vec::new();
        for row in rows(include_str!("global-keys.tsv")) {
            let [name, kind, values, who, way, by, _] = *row else { panic!("{row:?}") };
            assert!(kinds.contains(&kind) && ["one", "many"].contains(&values), "{row:?}");
            assert!(who.len() == 6 && who.chars().all(|sign| "+-?".contains(sign)), "{row:?}");
            assert!(way == "any" || read_way(way) != Way::Any, "{row:?}");
            assert!(by == "-" || read_by(by) != By::Nothing, "{row:?}");
            names.push(name.to_ascii_lowercase());
        }
        let global = names.len();
        for row in rows(include_str!("s3-keys.tsv")) {
            let [name, kind, values, actions, who, by, _] = *row else { panic!("{row:?}") };
            assert!(kinds.contains(&kind) && ["one", "many"].contains(&values), "{row:?}");
            assert!(who.len() == 6 && who.chars().all(|sign| "+-?".contains(sign)), "{row:?}");
            assert!(by == "-" || read_by(by) != By::Nothing, "{row:?}");
            if let OnActions::Only(list) | OnActions::AllBut(list) = read_actions(actions) {
                for action in list {
                    assert!(actions::lookup(action).is_some_and(|one| one.on_bucket || one.on_object), "{action}");
                }
            }
            names.push(name.to_ascii_lowercase());
        }
        assert!(global > 50 && names.len() > global + 50);
        names.sort_unstable();
        names.dedup();
        assert_eq!(all().len(), names.len());
    }

    #[test]
    fn keys_are_bound_as_their_pages_say() {
        let arn = key("aws:principalarn");
        assert_eq!(arn.carried_by(Asker::Anonymous), Presence::Never);
        assert_eq!(arn.carried_by(Asker::Role), Presence::Always);
        assert_eq!(key("aws:sourcevpce").way, Way::Endpoint);
        let prefix = key("s3:prefix").actions.as_ref().unwrap();
        assert!(prefix.has("listbucket") && !prefix.has("GetObject"));
        let version = key("s3:authtype").actions.as_ref().unwrap();
        assert!(version.has("GetObject") && !version.has("InitiateReplication"));
        assert!(key("aws:sourceip").actions.is_none());
        assert!(key("s3:requestjoboperation").actions.as_ref().is_some_and(|actions| !actions.has("PutObject")));
    }
}
