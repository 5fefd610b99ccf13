module "data" {
  source = "./modules/bucket"
  name   = "acme-data"
}

module "shared" {
  source = "./modules/bucket"
  name   = "acme-shared"
}

data "aws_iam_policy_document" "data" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.data.arn, "${module.data.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = module.data.id
  policy = data.aws_iam_policy_document.data.json
}

resource "aws_s3_bucket_policy" "shared" {
  bucket = module.shared.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AllowRead"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "s3:GetObject"
      Resource  = "${module.shared.arn}/*"
    }]
  })
}
