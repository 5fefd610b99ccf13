variable "bucket" { type = string }
variable "arn" { type = string }
resource "aws_s3_bucket_policy" "this" {
  bucket = var.bucket
  policy = templatefile("${path.module}/tls.json.tftpl", { arn = var.arn })
}
