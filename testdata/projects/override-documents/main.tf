provider "aws" { region = "eu-west-1" }

module "kept" {
  source = "./modules/bucket"
  name   = "acme-kept"
}

module "replaced" {
  source    = "./modules/bucket"
  name      = "acme-replaced"
  overrides = [data.aws_iam_policy_document.weaker.json]
}

module "added" {
  source    = "./modules/bucket"
  name      = "acme-added"
  overrides = [data.aws_iam_policy_document.other.json]
}

data "aws_iam_policy_document" "weaker" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::acme-replaced/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "other" {
  statement {
    sid       = "Other"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = ["arn:aws:s3:::acme-added"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
