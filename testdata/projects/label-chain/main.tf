provider "aws" { region = "eu-west-1" }

module "base" {
  source      = "./modules/label"
  namespace   = "acme"
  environment = "prod"
}

module "logs" {
  source     = "./modules/bucket"
  name       = "logs"
  attributes = ["access"]
  context    = module.base.context
}

module "open" {
  source       = "./modules/bucket"
  name         = "open"
  context      = module.base.context
  require_tls  = false
  extra_policy = data.aws_iam_policy_document.read.json
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${module.base.id}-open/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

module "none" {
  source  = "./modules/bucket"
  name    = "none"
  enabled = false
  context = module.base.context
}
