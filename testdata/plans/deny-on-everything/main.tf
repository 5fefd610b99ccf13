provider "aws" { region = "us-east-1" }
resource "aws_s3_bucket" "a" { bucket = "acme-a" }
resource "aws_s3_bucket" "b" { bucket = "acme-b" }
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.a.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
