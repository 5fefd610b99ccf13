#![no_main]

bucketlint_fuzz::target!("files");
