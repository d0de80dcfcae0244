//! A reader that gives no more than an allowance: however a file is made, one record of it costs no more memory than that.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How much may still be read before the next record.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    left: Rc<Cell<u64>>,
    whole: u64,
}

impl Allowance {
    /// So many bytes for each record.
    pub(crate) fn new(whole: u64) -> Self {
        Self { left: Rc::new(Cell::new(whole)), whole }
    }

    /// The next record begins.
    pub(crate) fn renew(&self) {
        self.left.set(self.whole);
    }

    /// Whether a record has used all of it.
    pub(crate) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Holds a reader to it.
    pub(crate) fn bound<R: Read>(&self, inner: R) -> Bounded<R> {
        Bounded { inner, allowance: self.clone() }
    }
}

/// A reader held to an [`Allowance`].
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    inner: R,
    allowance: Allowance,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance.is_spent() {
            return Err(io::Error::other("the record is too large"));
        }
        let read = self.inner.read(buffer)?;
        let left = self.allowance.left.get();
        self.allowance.left.set(left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX)));
        Ok(read)
    }
}
