//! `completions` and `man`: what the definition of the command line comes to in other forms.

use super::arguments::{Arguments, Completions};
use super::{CLEAN, FAILED, terminal};
use clap::CommandFactory as _;
use std::io;

/// Prints a script that a shell completes the command with.
pub(super) fn completions(arguments: &Completions) -> u8 {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    finish(Ok(script))
}

/// Prints the manual page, those of the commands after it.
pub(super) fn man() -> u8 {
    let mut command = Arguments::command();
    command.build();
    let pages =
        std::iter::once(command.clone()).chain(command.get_subcommands().filter(|one| !one.is_hide_set()).cloned());
    let mut text = Vec::new();
    let written: io::Result<()> = pages.into_iter().try_for_each(|page| clap_mangen::Man::new(page).render(&mut text));
    finish(written.map(|()| text))
}

fn finish(text: io::Result<Vec<u8>>) -> u8 {
    match text.and_then(|text| terminal::print(&String::from_utf8_lossy(&text))) {
        Ok(()) => CLEAN,
        Err(error) => {
            terminal::tell(&format!("error: {error}\n"));
            FAILED
        }
    }
}
