resource "aws_s3_bucket" "prefixed" {
  bucket_prefix = "acme-"
}

resource "aws_s3_bucket" "named_by_other" {
  bucket = "copy-of-${aws_s3_bucket.prefixed.id}"
}

data "aws_iam_policy_document" "tls" {
  for_each = {
    prefixed       = aws_s3_bucket.prefixed.arn
    named_by_other = aws_s3_bucket.named_by_other.arn
  }

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

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

resource "aws_s3_bucket_policy" "prefixed" {
  bucket = aws_s3_bucket.prefixed.id
  policy = data.aws_iam_policy_document.tls["prefixed"].json
}

resource "aws_s3_bucket_policy" "named_by_other" {
  bucket = aws_s3_bucket.named_by_other.bucket
  policy = data.aws_iam_policy_document.tls["named_by_other"].json
}
