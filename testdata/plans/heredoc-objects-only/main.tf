resource "aws_s3_bucket" "plain" {
  bucket = "acme-plain"
}

resource "aws_s3_bucket" "indented" {
  bucket = "acme-indented"
}

resource "aws_s3_bucket_policy" "plain" {
  bucket = aws_s3_bucket.plain.id
  policy = <<EOT
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "${aws_s3_bucket.plain.arn}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}
  }
}
EOT
}

resource "aws_s3_bucket_policy" "indented" {
  bucket = aws_s3_bucket.indented.id
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["${aws_s3_bucket.indented.arn}", "${aws_s3_bucket.indented.arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}
      }
    }
  EOT
}
