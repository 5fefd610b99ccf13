variable "enforce_tls" {
  type    = bool
  default = false
}

variable "readers" {
  type    = list(string)
  default = ["arn:aws:iam::111122223333:role/reader"]
}

resource "aws_s3_bucket" "always" {
  bucket = "acme-always"
}

resource "aws_s3_bucket" "optional" {
  bucket = "acme-optional"
}

resource "aws_s3_bucket" "dynamic" {
  bucket = "acme-dynamic"
}

resource "aws_s3_bucket_policy" "always" {
  bucket = aws_s3_bucket.always.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyInsecureTransport"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.always.arn, "${aws_s3_bucket.always.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      length(var.readers) > 0 ? [{
        Sid       = "AllowRead"
        Effect    = "Allow"
        Principal = { AWS = var.readers }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.always.arn}/*"
      }] : [],
    )
  })
}

resource "aws_s3_bucket_policy" "optional" {
  bucket = aws_s3_bucket.optional.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "AllowRead"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.optional.arn}/*"
      }],
      var.enforce_tls ? [{
        Sid       = "DenyInsecureTransport"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.optional.arn, "${aws_s3_bucket.optional.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }] : [],
    )
  })
}

data "aws_iam_policy_document" "dynamic" {
  statement {
    sid       = "AllowRead"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.dynamic.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = var.readers
    }
  }

  dynamic "statement" {
    for_each = var.enforce_tls ? [1] : []

    content {
      sid       = "DenyInsecureTransport"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [aws_s3_bucket.dynamic.arn, "${aws_s3_bucket.dynamic.arn}/*"]

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
}

resource "aws_s3_bucket_policy" "dynamic" {
  bucket = aws_s3_bucket.dynamic.id
  policy = data.aws_iam_policy_document.dynamic.json
}
