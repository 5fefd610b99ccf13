//! Files that other tools write: nobody edits them, as the next run of the tool undoes it.

use std::path::Path;

/// Where the change is to be made instead, as the end of a sentence that says which; `None` for a file that people write.
///
/// The folders are those that the tools write to by default:
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-build.html>,
/// <https://www.serverless.com/framework/docs/providers/aws/guide/packaging>,
/// <https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html>,
/// <https://developer.hashicorp.com/terraform/cdktf/cli-reference/commands>.
#[must_use]
pub fn written_by_a_tool(path: &Path) -> Option<&'static str> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let below = |folder: &str| path.components().any(|part| part.as_os_str() == folder);
    let of_serverless = ["cloudformation-template-create-stack.json", "cloudformation-template-update-stack.json"];
    if below(".aws-sam") {
        Some("in the template that `sam build` was run on: this file is what it wrote")
    } else if below(".serverless") || of_serverless.contains(&name) {
        Some("under `resources` in `serverless.yml`: this file is what the Serverless Framework wrote")
    } else if below("cdk.out") {
        Some("in the app (`enforceSSL: true` on the bucket): this file is what `cdk synth` wrote")
    } else if below("cdktf.out") {
        Some("in the app: this file is what `cdktf synth` wrote")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_output_is_written_by_a_tool() {
        for path in [
            ".aws-sam/build/template.yaml",
            "a/.serverless/cloudformation-template-update-stack.json",
            "cloudformation-template-create-stack.json",
            "cdk.out/Stack.template.json",
            "cdktf.out/stacks/x/cdk.tf.json",
        ] {
            assert!(written_by_a_tool(Path::new(path)).is_some(), "{path}");
        }
        for path in ["template.yaml", "aws-sam/template.yaml", "serverless.yml", "cdk.output/a.json", "cdk.out.yaml"] {
            assert_eq!(written_by_a_tool(Path::new(path)), None, "{path}");
        }
    }
}
