variable "context" { type = any }
variable "name" { type = string }
variable "enabled" {
  type    = bool
  default = null
}
variable "attributes" {
  type    = list(string)
  default = []
}
variable "require_tls" {
  type    = bool
  default = true
}
variable "extra_policy" {
  type    = string
  default = ""
}

module "this" {
  source     = "../label"
  name       = var.name
  enabled    = var.enabled
  attributes = var.attributes
  context    = var.context
}

locals {
  enabled = module.this.enabled
  arn     = join("", aws_s3_bucket.default[*].arn)
}

resource "aws_s3_bucket" "default" {
  count  = local.enabled ? 1 : 0
  bucket = module.this.id
}

data "aws_iam_policy_document" "base" {
  count = local.enabled ? 1 : 0
  dynamic "statement" {
    for_each = var.require_tls ? [1] : []
    content {
      sid       = "ForceTLS"
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [local.arn, "${local.arn}/*"]
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
}

data "aws_iam_policy_document" "all" {
  count                   = local.enabled ? 1 : 0
  source_policy_documents = compact([data.aws_iam_policy_document.base[0].json, var.extra_policy])
}

resource "aws_s3_bucket_policy" "default" {
  count  = local.enabled && (var.require_tls || var.extra_policy != "") ? 1 : 0
  bucket = join("", aws_s3_bucket.default[*].id)
  policy = data.aws_iam_policy_document.all[0].json
}
