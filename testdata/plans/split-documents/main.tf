resource "aws_s3_bucket" "both" {
  bucket = "acme-both"
}

resource "aws_s3_bucket" "half" {
  bucket = "acme-half"
}

data "aws_iam_policy_document" "listing" {
  statement {
    sid       = "DenyInsecureListing"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.both.arn]

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

data "aws_iam_policy_document" "objects" {
  statement {
    sid       = "DenyInsecureObjects"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.both.arn}/*"]

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

data "aws_iam_policy_document" "both" {
  source_policy_documents = [
    data.aws_iam_policy_document.listing.json,
    data.aws_iam_policy_document.objects.json,
  ]
}

resource "aws_s3_bucket_policy" "both" {
  bucket = aws_s3_bucket.both.id
  policy = data.aws_iam_policy_document.both.json
}

data "aws_iam_policy_document" "half_listing" {
  statement {
    sid       = "DenyInsecureListing"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.half.arn]

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

data "aws_iam_policy_document" "half" {
  source_policy_documents = [data.aws_iam_policy_document.half_listing.json]

  statement {
    sid       = "AllowRead"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.half.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

resource "aws_s3_bucket_policy" "half" {
  bucket = aws_s3_bucket.half.id
  policy = data.aws_iam_policy_document.half.json
}
