variable "prefix" {
  type = string
}

module "store" {
  source = "../store"
  for_each = {
    "logs.v1" = true
    "raw[0]"  = false
  }

  name          = "acme-${var.prefix}-${each.value ? "logs" : "raw"}"
  deny_insecure = each.value
}
