resource "aws_s3_bucket" "right" {
  bucket = "acme-right"
}

resource "aws_s3_bucket" "wrong" {
  bucket = "acme-wrong"
}

module "right" {
  source     = "./modules/policy"
  bucket_id  = aws_s3_bucket.right.id
  bucket_arn = aws_s3_bucket.right.arn
}

# A slip of the pen: the ARN of the other bucket.
module "wrong" {
  source     = "./modules/policy"
  bucket_id  = aws_s3_bucket.wrong.id
  bucket_arn = aws_s3_bucket.right.arn
}
