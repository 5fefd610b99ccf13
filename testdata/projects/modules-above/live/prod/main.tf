provider "aws" { region = "eu-west-1" }

module "data" {
  source = "../../modules/bucket"
  name   = "acme-prod-data"
}

module "data_policy" {
  source = "../../modules/policy"
  bucket = module.data.id
  arn    = module.data.arn
}

module "logs" {
  source   = "../../modules/bucket"
  for_each = toset(["a", "b"])
  name     = "acme-prod-logs-${each.key}"
}

module "logs_policy" {
  source = "../../modules/policy"
  bucket = module.logs["a"].id
  arn    = module.logs["a"].arn
}
