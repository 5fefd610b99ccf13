module "whole" {
  source = "./modules/bucket"
  name   = "acme-whole"
  policy = data.aws_iam_policy_document.whole.json
}

data "aws_iam_policy_document" "whole" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::acme-whole", "arn:aws:s3:::acme-whole/*"]

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

module "objects" {
  source = "./modules/bucket"
  name   = "acme-objects"
  policy = data.aws_iam_policy_document.objects.json
}

data "aws_iam_policy_document" "objects" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::acme-objects/*"]

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

# The policy names the bucket that the same module makes: no cycle, as arguments and outputs are nodes of their own.
module "own" {
  source = "./modules/bucket"
  name   = "acme-own"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [module.own.arn, "${module.own.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
