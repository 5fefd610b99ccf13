variable "context" {
  type    = any
  default = {}
}
variable "enabled" {
  type    = bool
  default = null
}
variable "namespace" {
  type    = string
  default = null
}
variable "environment" {
  type    = string
  default = null
}
variable "name" {
  type    = string
  default = null
}
variable "attributes" {
  type    = list(string)
  default = []
}
variable "delimiter" {
  type    = string
  default = null
}

locals {
  input = {
    enabled     = var.enabled == null ? lookup(var.context, "enabled", true) : var.enabled
    namespace   = var.namespace == null ? lookup(var.context, "namespace", null) : var.namespace
    environment = var.environment == null ? lookup(var.context, "environment", null) : var.environment
    name        = var.name == null ? lookup(var.context, "name", null) : var.name
    delimiter   = coalesce(var.delimiter, lookup(var.context, "delimiter", null), "-")
    attributes  = compact(distinct(concat(coalesce(lookup(var.context, "attributes", []), []), coalesce(var.attributes, []))))
    case        = "lower"
  }
  normalized = {
    for key in ["namespace", "environment", "name"] : key => local.input[key] == null ? "" :
    local.input.case == "upper" ? upper(local.input[key]) :
    local.input.case == "title" ? title(local.input[key]) :
    lower(replace(local.input[key], "/[^-a-zA-Z0-9]/", ""))
  }
  parts = concat(compact([for key in ["namespace", "environment", "name"] : local.normalized[key]]), local.input.attributes)
  id    = join(local.input.delimiter, local.parts)
}

output "id" { value = local.input.enabled ? local.id : "" }
output "enabled" { value = local.input.enabled }
output "context" { value = { for k, v in local.input : k => v if v != null } }
