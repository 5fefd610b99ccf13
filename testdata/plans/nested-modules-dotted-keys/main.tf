module "region" {
  source   = "./modules/region"
  for_each = toset(["eu.west-1", "us.east-1"])

  prefix = replace(each.key, ".", "-")
}
