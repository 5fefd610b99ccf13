provider "aws" { region = "us-east-1" }
resource "aws_s3_bucket" "b" { bucket_prefix = "acme-data-" }
resource "aws_s3_bucket_policy" "p" {
  bucket = replace(aws_s3_bucket.b.id, "acme", "other")
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
