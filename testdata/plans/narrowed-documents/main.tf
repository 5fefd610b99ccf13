resource "aws_s3_bucket" "condition" {
  bucket = "acme-condition"
}

resource "aws_s3_bucket" "principal" {
  bucket = "acme-principal"
}

resource "aws_s3_bucket" "actions" {
  bucket = "acme-actions"
}

data "aws_iam_policy_document" "condition" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.condition.arn, "${aws_s3_bucket.condition.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpc"
      values   = ["vpc-0a1b2c3d4e5f67890"]
    }
  }
}

resource "aws_s3_bucket_policy" "condition" {
  bucket = aws_s3_bucket.condition.id
  policy = data.aws_iam_policy_document.condition.json
}

data "aws_iam_policy_document" "principal" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.principal.arn, "${aws_s3_bucket.principal.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "principal" {
  bucket = aws_s3_bucket.principal.id
  policy = data.aws_iam_policy_document.principal.json
}

data "aws_iam_policy_document" "actions" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [aws_s3_bucket.actions.arn, "${aws_s3_bucket.actions.arn}/*"]

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

resource "aws_s3_bucket_policy" "actions" {
  bucket = aws_s3_bucket.actions.id
  policy = data.aws_iam_policy_document.actions.json
}
