//! A request that runs to its end, even if its caller no longer waits for it.
//!
//! Dropping a future cuts it off: the service may then have half of a request, or all of it, and its answer is lost. So
//! the request runs in a task of its own. If the caller goes away before the request leaves, it is cancelled, also while
//! it waits for a token or a connection; afterwards the answer is read to its end and, without a caller, logged.

use std::pin::{Pin, pin};

use fleetpurge_engine::Disposition;
use fleetpurge_engine::trace::Instrument;
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};
use crate::exchange::Exchange;

/// Why an attempt brought no receipt.
#[derive(Debug)]
pub enum Undone {
    /// It was called off before its request had left. Nothing was sent, and nothing will be.
    CalledOff,
    /// It failed.
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Undone> for Error {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::CalledOff => Self::new(
                ErrorKind::Unreachable,
                Disposition::Backoff,
                "the request was called off before it had left",
            ),
            Undone::Failed(error) => error,
        }
    }
}

/// Does `work`, unless it is called off first: then it is dropped where it stands. For what deletes nothing, such as having
/// a token.
///
/// # Errors
///
/// [`Undone::CalledOff`].
pub async fn unless<W>(
    called_off: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = W>,
) -> Result<W, Undone> {
    tokio::select! {
        biased;
        () = called_off => Err(Undone::CalledOff),
        done = work => Ok(done),
    }
}

/// Makes a request, of which `exchange` sees when its body leaves, unless it is called off before that: then the body is
/// withdrawn for good. A request whose body has left is seen through to its end.
///
/// # Errors
///
/// [`Undone::CalledOff`].
pub async fn unless_left<W>(
    called_off: Pin<&mut impl Future<Output = ()>>,
    exchange: &Exchange,
    request: impl Future<Output = W>,
) -> Result<W, Undone> {
    let mut request = pin!(request);
    match unless(called_off, request.as_mut()).await {
        Err(_) if exchange.was_body_handed_out() => Ok(request.await),
        done => done,
    }
}

/// The caller, as seen from the task that works for it.
#[derive(Debug)]
pub struct Caller<T>(oneshot::Sender<Result<T, Error>>);

impl<T> Caller<T> {
    /// Ready once nobody waits for the answer.
    pub async fn gone(&mut self) {
        self.0.closed().await;
    }

    /// Sends the answer, or returns it if nobody waits for it.
    ///
    /// # Errors
    ///
    /// The answer: the caller has gone away.
    pub fn answer(self, answer: Result<T, Error>) -> Result<(), Result<T, Error>> {
        self.0.send(answer)
    }
}

/// Has `work` done by a task of its own and waits for its answer.
///
/// # Errors
///
/// Those of the work. If the runtime is shut down before it ends, an error of the kind
/// [`ErrorKind::NoReply`]: the service may have acted.
///
/// # Panics
///
/// If the work does, and outside a Tokio runtime.
pub async fn see_through<T, W>(work: impl FnOnce(Caller<T>) -> W) -> Result<T, Error>
where
    T: Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let (sender, answer) = oneshot::channel();
    let task = tokio::spawn(work(Caller(sender)).in_current_span());
    match answer.await {
        Ok(answer) => answer,
        Err(_) => match task.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => Err(Error::new(
                ErrorKind::NoReply,
                Disposition::Ambiguous,
                "the runtime was shut down before the answer came, and the service may have acted",
            )),
        },
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_work_goes_on_without_its_caller_and_its_answer_is_given_back() {
        let (go, wait) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let call = see_through(move |caller: Caller<u32>| async move {
            wait.await.unwrap();
            let _ = tell.send(caller.answer(Ok(7)).is_err());
        });
        let mut call = Box::pin(call);
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        go.send(()).unwrap();
        assert!(told.await.unwrap());
    }

    #[tokio::test]
    async fn what_deletes_nothing_is_given_up_with_its_caller() {
        let (tell, told) = oneshot::channel();
        let call = see_through(move |mut caller: Caller<u32>| async move {
            let done = unless(pin!(caller.gone()), std::future::pending::<()>()).await;
            let _ = tell.send(matches!(done, Err(Undone::CalledOff)));
        });
        let mut call = Box::pin(call);
        assert!((&mut call).now_or_never().is_none());
        tokio::task::yield_now().await;
        drop(call);
        assert!(told.await.unwrap());
    }

    #[tokio::test]
    async fn an_answer_reaches_its_caller() {
        let answer = see_through(|mut caller| async move {
            let seven = unless(pin!(caller.gone()), async { 7 }).await.unwrap();
            caller.answer(Ok(seven)).unwrap();
        });
        assert_eq!(answer.await.unwrap(), 7);
        let lost = see_through(|caller: Caller<()>| async move { drop(caller) })
            .await
            .unwrap_err();
        assert_eq!(
            (lost.kind(), lost.applied()),
            (ErrorKind::NoReply, fleetpurge_engine::Applied::Maybe)
        );
    }
}
