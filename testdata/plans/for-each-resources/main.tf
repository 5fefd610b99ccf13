locals {
  stores = {
    "a.raw"   = { deny = "s3:*" }
    "b.clean" = { deny = "s3:Get*" }
  }
}

resource "aws_s3_bucket" "store" {
  for_each = local.stores
  bucket   = "acme-${each.key}"
}

resource "aws_s3_bucket_policy" "store" {
  for_each = aws_s3_bucket.store

  bucket = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = local.stores[each.key].deny
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
