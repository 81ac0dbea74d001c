//! A request that runs to its end, even if its caller no longer waits for it.
//!
//! Dropping a future cuts it off: the service may then have half of a request, or all of it, and its answer is lost. So
//! the request runs in a task of its own. If the caller goes away before the request leaves, it is cancelled;
//! afterwards the answer is read to its end and, without a caller, logged.

use fleetpurge_engine::Disposition;
use tokio::sync::oneshot;
use tracing::Instrument;

use crate::error::{Error, ErrorKind};

/// The caller, as seen from the task that works for it.
#[derive(Debug)]
pub struct Caller<T>(oneshot::Sender<Result<T, Error>>);

impl<T> Caller<T> {
    /// Whether nobody waits any more. To be asked right before something is sent.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.is_closed()
    }

    /// Does `work`, unless the caller goes away first: then it is dropped where it stands. For what deletes nothing, such as
    /// having a token.
    pub async fn unless_gone<W>(&mut self, work: impl Future<Output = W>) -> Option<W> {
        tokio::select! {
            biased;
            () = self.0.closed() => None,
            done = work => Some(done),
        }
    }

    /// Gives the answer, or gives it back where nobody waits for it.
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
            let _ = tell.send(caller.is_gone() && caller.answer(Ok(7)).is_err());
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
            let _ = tell.send(caller.unless_gone(std::future::pending::<()>()).await.is_none());
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
            let seven = caller.unless_gone(async { 7 }).await.unwrap();
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
