#![no_main]

bucketlint_fuzz::target!("yaml");
