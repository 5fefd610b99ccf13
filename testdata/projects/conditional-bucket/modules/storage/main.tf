variable "name" { type = string }
variable "existing_bucket" {
  type    = string
  default = null
}
variable "directory" {
  type    = bool
  default = false
}
variable "create" {
  type    = bool
  default = true
}
locals {
  create = var.create
  bucket = try(var.directory ? aws_s3_directory_bucket.this[0].bucket : local.create ? aws_s3_bucket.this[0].id : var.existing_bucket, null)
}
resource "aws_s3_bucket" "this" {
  count  = local.create && !var.directory ? 1 : 0
  bucket = var.name
}
resource "aws_s3_directory_bucket" "this" {
  count  = var.directory ? 1 : 0
  bucket = "${var.name}--euw1-az1--x-s3"
  location {
    name = "euw1-az1"
  }
}
resource "aws_s3_bucket_policy" "this" {
  count  = var.directory ? 0 : 1
  bucket = local.bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
