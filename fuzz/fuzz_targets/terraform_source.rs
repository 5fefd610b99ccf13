#![no_main]

bucketlint_fuzz::target!("terraform_source");
