provider "aws" { region = "us-east-1" }
locals {
  x = "a"
  m = { for k in ["a"] : k => local.x == "none" ? "1" : local.x == "title" ? "2" :
    "3"
  }
}
resource "aws_s3_bucket" "b" { bucket = "acme-b" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
