locals {
  buckets = {
    logs    = { deny = true }
    exports = { deny = true }
    scratch = { deny = false }
  }
}

module "bucket" {
  source   = "./modules/bucket"
  for_each = local.buckets

  name          = "acme-${each.key}"
  deny_insecure = each.value.deny
}
