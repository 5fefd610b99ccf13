# Old modules hand the deprecated inline policy through a variable that is null by default.
module "without" {
  source = "./bucket"
  name   = "acme-without"
}

module "with" {
  source = "./bucket"
  name   = "acme-with"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-with", "arn:aws:s3:::acme-with/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
