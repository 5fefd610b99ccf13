//! SAM: CloudFormation with a transform of AWS's own.
//!
//! The transform is not run. It makes functions, APIs, roles and tables out of its own resource types, and neither
//! adds nor changes an S3 bucket or a bucket policy, so those are read as they stand. What it does add are resources
//! under names of its own (`FunctionRole`, `ServerlessRestApi`): a reference to a name that the template does not
//! hold is no error here.
//!
//! See <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>.

use crate::model::Format;

/// The name of the kind of input.
pub(super) const FORMAT: Format = Format::named("sam");

/// The name of the transform.
pub(super) const TRANSFORM: &str = "AWS::Serverless-2016-10-31";
