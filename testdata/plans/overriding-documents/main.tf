resource "aws_s3_bucket" "mended" {
  bucket = "acme-mended"
}

resource "aws_s3_bucket" "broken" {
  bucket = "acme-broken"
}

resource "aws_s3_bucket" "allowed" {
  bucket = "acme-allowed"
}

# Objects only, but a statement of the same sid replaces it.
data "aws_iam_policy_document" "mended_base" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.mended.arn}/*"]

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

data "aws_iam_policy_document" "mended_override" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.mended.arn, "${aws_s3_bucket.mended.arn}/*"]

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

data "aws_iam_policy_document" "mended" {
  source_policy_documents   = [data.aws_iam_policy_document.mended_base.json]
  override_policy_documents = [data.aws_iam_policy_document.mended_override.json]
}

resource "aws_s3_bucket_policy" "mended" {
  bucket = aws_s3_bucket.mended.id
  policy = data.aws_iam_policy_document.mended.json
}

# The other way round: both ARNs, replaced by objects only.
data "aws_iam_policy_document" "broken_override" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.broken.arn}/*"]

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

data "aws_iam_policy_document" "broken" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.broken.arn, "${aws_s3_bucket.broken.arn}/*"]

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

  override_policy_documents = [data.aws_iam_policy_document.broken_override.json]
}

resource "aws_s3_bucket_policy" "broken" {
  bucket = aws_s3_bucket.broken.id
  policy = data.aws_iam_policy_document.broken.json
}

# Known while planning: an Allow of the same sid takes the place of the Deny.
data "aws_iam_policy_document" "allowed_override" {
  statement {
    sid       = "DenyInsecureTransport"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::acme-allowed/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

data "aws_iam_policy_document" "allowed" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.allowed.arn, "${aws_s3_bucket.allowed.arn}/*"]

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

  override_policy_documents = [data.aws_iam_policy_document.allowed_override.json]
}

resource "aws_s3_bucket_policy" "allowed" {
  bucket = aws_s3_bucket.allowed.id
  policy = data.aws_iam_policy_document.allowed.json
}
