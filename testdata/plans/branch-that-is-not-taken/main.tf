provider "aws" { region = "us-east-1" }
resource "aws_s3_bucket" "this" { bucket = "acme-this" }
variable "spare" {
  type    = bool
  default = false
}
resource "aws_s3_bucket" "extra" {
  count  = var.spare ? 1 : 0
  bucket = "acme-extra"
}
resource "aws_s3_bucket" "other" { bucket = "acme-other" }
resource "aws_s3_bucket_policy" "p" {
  bucket = var.spare ? aws_s3_bucket.extra[0].id : aws_s3_bucket.this.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["arn:aws:s3:::acme-this", "arn:aws:s3:::acme-this/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
