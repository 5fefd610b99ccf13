provider "aws" { region = "us-east-1" }

resource "aws_s3_bucket" "b" {
  count  = 3
  bucket = "acme-${count.index}"
}
resource "aws_s3_bucket_policy" "b" {
  count  = 2
  bucket = aws_s3_bucket.b[count.index + 1].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
