//! What was read of a connection and not yet answered. Buffers belong to the worker: a connection that waits holds only the bytes that
//! it really has.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// The longest head of the lane; longer ones are actix-web's to read or refuse.
pub(super) const HEAD_BYTES: usize = 16 * 1024;
/// Free buffers that a worker keeps.
const KEPT: usize = 32;

/// The free buffers of a worker.
#[derive(Default)]
pub(super) struct Pool(RefCell<Vec<Box<[u8]>>>);

impl Pool {
    fn take(&self) -> Box<[u8]> {
        self.0.borrow_mut().pop().unwrap_or_else(|| vec![0; HEAD_BYTES].into())
    }

    fn give_back(&self, storage: Box<[u8]>) {
        let mut free = self.0.borrow_mut();
        if storage.len() == HEAD_BYTES && free.len() < KEPT {
            free.push(storage);
        }
    }
}

/// The bytes of one connection.
#[derive(Default)]
pub(super) struct Unread {
    storage: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Unread {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// As many bytes as a head of the lane may have.
    pub(super) fn is_full(&self) -> bool {
        self.end - self.start == HEAD_BYTES
    }

    /// The first `count` bytes have been answered.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Reads more; 0 is the end of what the client sends.
    pub(super) fn poll_read(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        pool: &Pool,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room(pool);
        let mut room = ReadBuf::new(&mut self.storage[self.end..]);
        ready!(Pin::new(stream).poll_read(context, &mut room))?;
        let count = room.filled().len();
        self.end += count;
        Poll::Ready(Ok(count))
    }

    /// Keeps no more than the bytes that are there, while the connection waits.
    pub(super) fn settle(&mut self, pool: &Pool) {
        let storage: Box<[u8]> = match self.bytes() {
            [] => Box::default(),
            bytes if bytes.len() == self.storage.len() => return,
            bytes => bytes.into(),
        };
        (self.start, self.end) = (0, storage.len());
        pool.give_back(std::mem::replace(&mut self.storage, storage));
    }

    fn make_room(&mut self, pool: &Pool) {
        if self.storage.len() == HEAD_BYTES {
            self.storage.copy_within(self.start..self.end, 0);
        } else {
            let mut storage = pool.take();
            storage[..self.end - self.start].copy_from_slice(self.bytes());
            self.storage = storage;
        }
        (self.start, self.end) = (0, self.end - self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    fn read(unread: &mut Unread, pool: &Pool, mut text: &[u8]) -> usize {
        let mut context = Context::from_waker(Waker::noop());
        match unread.poll_read(&mut text, pool, &mut context) {
            Poll::Ready(count) => count.unwrap(),
            Poll::Pending => panic!("a slice is always ready"),
        }
    }

    #[test]
    fn bytes_are_kept_across_reads_and_waits() {
        let (pool, mut unread) = (Pool::default(), Unread::default());
        assert_eq!(read(&mut unread, &pool, b"abc"), 3);
        unread.consume(1);
        unread.settle(&pool);
        assert_eq!((unread.storage.len(), unread.bytes()), (2, &b"bc"[..]));
        assert_eq!(pool.0.borrow().len(), 1, "the buffer is the worker's again");
        read(&mut unread, &pool, b"def");
        assert_eq!(unread.bytes(), b"bcdef");
        assert_eq!(pool.0.borrow().len(), 0);
        unread.consume(5);
        unread.settle(&pool);
        assert_eq!((unread.storage.len(), unread.is_empty()), (0, true));
    }

    #[test]
    fn a_head_has_an_end() {
        let (pool, mut unread) = (Pool::default(), Unread::default());
        assert_eq!(read(&mut unread, &pool, &[b'a'; HEAD_BYTES + 1]), HEAD_BYTES);
        assert!(unread.is_full());
        unread.consume(10);
        assert!(!unread.is_full());
        assert_eq!(read(&mut unread, &pool, &[b'b'; 100]), 10, "what was answered makes room");
    }
}
