//! Turns: a connection that has used up its share of a worker goes on when the sockets that have become writable meanwhile had theirs, and
//! in the order in which the connections gave way.
//!
//! Waking it at once would not do. The runtime looks at its sockets every few dozen tasks only, and until then few connections would take
//! all shares, each sending into a socket that is being read, which costs both ends more than sending into one that rests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    /// Who waits on this worker, first come first.
    static WAITING: RefCell<VecDeque<Waker>> = const { RefCell::new(VecDeque::new()) };
}

/// Rings when it is dropped: when the runtime of a worker has looked at its sockets and wakes it, or ends.
struct Bell;

impl Wake for Bell {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Bell {
    fn drop(&mut self) {
        // A thread that ends has nobody left to wake.
        let waiting = WAITING.try_with(RefCell::take).unwrap_or_default();
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Has the task of `context` polled again at its next turn.
pub(crate) fn give_way<T>(context: &Context<'_>) -> Poll<T> {
    let is_first = WAITING.with_borrow_mut(|waiting| {
        waiting.push_back(context.waker().clone());
        waiting.len() == 1
    });
    if is_first {
        // Its first poll leaves the waker with the runtime. The runtime wakes such wakers last come first: hence one for all.
        let bell = Waker::from(Arc::new(Bell));
        let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(&bell));
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixStream;
    use tokio::task::LocalSet;

    use super::*;

    async fn give_way_once() {
        let mut has_given_way = false;
        poll_fn(
            |context| if std::mem::replace(&mut has_given_way, true) { Poll::Ready(()) } else { give_way(context) },
        )
        .await;
    }

    #[tokio::test]
    async fn those_who_give_way_go_on_in_their_order() {
        let (tasks, order) = (LocalSet::new(), Rc::new(RefCell::new(Vec::new())));
        for task in 0..3 {
            let order = Rc::clone(&order);
            tasks.spawn_local(async move {
                for _ in 0..3 {
                    order.borrow_mut().push(task);
                    give_way_once().await;
                }
            });
        }
        tasks.await;
        assert_eq!(*order.borrow(), [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    }

    #[tokio::test]
    async fn a_socket_that_has_become_readable_comes_first() {
        let (tasks, has_read) = (LocalSet::new(), Rc::new(Cell::new(false)));
        let (mut near, mut far) = UnixStream::pair().unwrap();
        let read = Rc::clone(&has_read);
        tasks.spawn_local(async move {
            far.read_u8().await.unwrap();
            read.set(true);
        });
        tasks.spawn_local(async move {
            // The reader waits by now.
            give_way_once().await;
            near.write_u8(1).await.unwrap();
            assert!(!has_read.get(), "it cannot have read yet");
            give_way_once().await;
            assert!(has_read.get());
        });
        tasks.await;
    }

    #[test]
    fn a_runtime_that_ends_leaves_nobody_waiting() {
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                // Gives way, and is never asked again.
                let _ = pin!(give_way_once()).poll(&mut Context::from_waker(Waker::noop()));
            });
            drop(runtime);
            assert!(WAITING.with_borrow(VecDeque::is_empty));
        }
    }
}
