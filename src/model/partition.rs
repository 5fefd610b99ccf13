//! The partitions of AWS with their Regions, as AWS's SDKs have them.
//!
//! From `partitions.json` of AWS's SDK endpoint data (`awssdk_config_default`, `aws_partition` of every SDK), see
//! <https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json>. The list of
//! partitions is closed, that of Regions is open: each partition may get more, of names that its expression matches.

/// One partition.
pub(crate) struct Partition {
    /// Its name, as in ARNs.
    pub(crate) name: &'static str,
    /// The ends of its host names.
    pub(crate) suffix: &'static str,
    /// The start and the middle of the names of its Regions: `REGION-DIRECTION-NUMBER`.
    regions: &'static [&'static str],
    /// One of its Regions.
    pub(crate) example: &'static [&'static str],
}

/// All partitions.
pub(crate) const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        suffix: "amazonaws.com",
        regions: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        example: &["us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-south-1", "sa-east-1", "ca-central-1"],
    },
    Partition {
        name: "aws-cn",
        suffix: "amazonaws.com.cn",
        regions: &["cn"],
        example: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        name: "aws-us-gov",
        suffix: "amazonaws.com",
        regions: &["us-gov"],
        example: &["us-gov-west-1", "us-gov-east-1"],
    },
    Partition {
        name: "aws-iso",
        suffix: "c2s.ic.gov",
        regions: &["us-iso"],
        example: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        name: "aws-iso-b",
        suffix: "sc2s.sgov.gov",
        regions: &["us-isob"],
        example: &["us-isob-east-1", "us-isob-west-1"],
    },
    Partition { name: "aws-iso-e", suffix: "cloud.adc-e.uk", regions: &["eu-isoe"], example: &["eu-isoe-west-1"] },
    Partition {
        name: "aws-iso-f",
        suffix: "csp.hci.ic.gov",
        regions: &["us-isof"],
        example: &["us-isof-south-1", "us-isof-east-1"],
    },
    Partition { name: "aws-eusc", suffix: "amazonaws.eu", regions: &["eusc"], example: &["eusc-de-east-1"] },
];

/// The partition that a Region of this name is in, or would be; `None` for what is the name of no Region.
pub(crate) fn partition_of(region: &str) -> Option<&'static Partition> {
    let (place, number) = region.rsplit_once('-')?;
    let (start, direction) = place.rsplit_once('-')?;
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) || !letters(direction) {
        return None;
    }
    // `eusc-de-east-1` has a country in between.
    let start = start.strip_suffix("-de").unwrap_or(start);
    PARTITIONS.iter().find(|partition| partition.regions.contains(&start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_in_partitions() {
        for partition in &PARTITIONS {
            for region in partition.example {
                assert_eq!(partition_of(region).map(|one| one.name), Some(partition.name), "{region}");
            }
        }
        assert_eq!(partition_of("us-north-7").map(|one| one.name), Some("aws"), "there may be more");
        assert!(["", "prod", "us-east", "east-1", "moon-base-1"].iter().all(|name| partition_of(name).is_none()));
    }
}
