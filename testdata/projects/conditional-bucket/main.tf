provider "aws" { region = "eu-west-1" }

module "own" {
  source = "./modules/storage"
  name   = "acme-own"
}

resource "aws_s3_bucket" "shared" {
  bucket = "acme-shared"
}

module "shared" {
  source          = "./modules/storage"
  name            = "acme-unused"
  create          = false
  existing_bucket = aws_s3_bucket.shared.id
}

module "express" {
  source    = "./modules/storage"
  name      = "acme-express"
  directory = true
}
