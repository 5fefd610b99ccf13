variable "secret" {
  default   = "s3cr3t-token"
  sensitive = true
}

resource "aws_s3_bucket" "known" {
  bucket = "acme-known"
}

resource "aws_s3_bucket_policy" "known" {
  bucket = "acme-known"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.secret
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-known", "arn:aws:s3:::acme-known/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }, {
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-known", "arn:aws:s3:::acme-known/*"]
      Condition = { StringNotEquals = { "aws:UserAgent" = var.secret } }
    }]
  })
}

resource "aws_s3_bucket" "narrowed" {
  bucket = "acme-narrowed"
}

resource "aws_s3_bucket_policy" "narrowed" {
  bucket = "acme-narrowed"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = { AWS = var.secret }
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-narrowed", "arn:aws:s3:::acme-narrowed/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
