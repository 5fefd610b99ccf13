//! Work on many things at once.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// What comes of each of some things, in their order: on all processors where there are at least so many.
///
/// Starting the threads costs more than a template does, which is what an editor or a hook looks at.
pub(crate) fn each<T: Send, R: Send>(things: Vec<T>, worth: usize, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if things.len() < worth.max(2) {
        things.into_iter().map(work).collect()
    } else {
        things.into_par_iter().map(work).collect()
    }
}
