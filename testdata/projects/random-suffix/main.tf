provider "aws" { region = "eu-west-1" }

resource "terraform_data" "suffix" {}

locals {
  name = "acme-${terraform_data.suffix.id}"
}

resource "aws_s3_bucket" "named" {
  bucket = local.name
}

resource "aws_s3_bucket_policy" "named" {
  bucket = aws_s3_bucket.named.id
  policy = data.aws_iam_policy_document.named.json
}

data "aws_iam_policy_document" "named" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${local.name}", "arn:aws:s3:::${local.name}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [false]
    }
  }
}

resource "aws_s3_bucket" "other" {
  bucket = "other-${terraform_data.suffix.id}"
}

resource "aws_s3_bucket_policy" "other" {
  bucket = aws_s3_bucket.other.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "arn:aws:s3:::${local.name}/*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
