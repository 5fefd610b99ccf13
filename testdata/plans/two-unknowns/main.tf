provider "aws" { region = "us-east-1" }
resource "terraform_data" "id" {}
resource "terraform_data" "other" {}
resource "aws_s3_bucket" "u" { bucket = "acme-${terraform_data.id.id}" }
resource "aws_s3_bucket_policy" "u" {
  bucket = aws_s3_bucket.u.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["arn:aws:s3:::acme-${terraform_data.other.id}", "arn:aws:s3:::acme-${terraform_data.other.id}/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
