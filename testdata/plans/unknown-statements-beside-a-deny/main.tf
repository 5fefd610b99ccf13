provider "aws" { region = "us-east-1" }
resource "aws_s3_bucket" "b" { bucket = "acme-b" }
resource "terraform_data" "x" {}
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }], length(terraform_data.x.id) > 3 ? [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] : []) })
}
