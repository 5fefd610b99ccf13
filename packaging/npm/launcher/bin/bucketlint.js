#!/usr/bin/env node
// Starts the program that the package of this platform holds, and passes on signals and the exit status.
"use strict";

const { spawn } = require("node:child_process");
const { optionalDependencies } = require("../package.json");

// The command's own status for a run that failed.
const FAILED = 2;

const name = `@bucketlint/${process.platform}-${process.arch}`;

function program() {
  try {
    return require.resolve(`${name}/bin/bucketlint${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    const reason = Object.hasOwn(optionalDependencies, name)
      ? `the package ${name} is not installed.\n` +
        "It holds the program for this platform and is an optional dependency of bucketlint: npm leaves it out with\n" +
        "--omit=optional, and where node_modules or the lock file were made on another platform. Without these, install again."
      : `there is no package for this platform (${process.platform} ${process.arch}).\n` +
        "With a Rust toolchain, build it: cargo install --locked bucketlint";
    console.error(`bucketlint: ${reason}`);
    process.exit(FAILED);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });

const pass = (signal) => child.kill(signal);
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of signals) process.on(signal, pass);

child.on("error", (error) => {
  console.error(`bucketlint: ${name} cannot be started: ${error.message}`);
  process.exit(FAILED);
});
child.on("exit", (status, signal) => {
  if (signal === null) process.exit(status);
  // Who started us sees the same end.
  for (const signal of signals) process.removeListener(signal, pass);
  process.kill(process.pid, signal);
});
