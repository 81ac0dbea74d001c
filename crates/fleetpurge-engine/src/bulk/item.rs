//! What a stream of devices may yield.

use std::error::Error;

/// An item of the input of a bulk deletion: a device `D`, or a device with data of the caller's own, `(T, D)`, or a
/// `Result` of either.
///
/// The data comes back in the outcome of its device ([`DeviceOutcome::data`](super::DeviceOutcome::data)). The service
/// and the journal do not see it. An `Err` ends the run with [`StopReason::Source`](crate::StopReason::Source).
///
/// The trait is sealed: it has no other implementations.
#[diagnostic::on_unimplemented(
    message = "a stream of `{Self}` does not yield devices",
    note = "the items may be `{D}`, `(T, {D})`, or a `Result` of either whose error converts into `Box<dyn Error + Send + Sync>`"
)]
pub trait BulkItem<D>: sealed::Sealed<D> {
    /// The data that travels with the device; `()` where there is none.
    type Data: Send + 'static;

    /// The data and the device.
    #[doc(hidden)]
    fn split(self) -> Result<(Self::Data, D), Box<dyn Error + Send + Sync>>;
}

impl<D> BulkItem<D> for D {
    type Data = ();

    fn split(self) -> Result<((), D), Box<dyn Error + Send + Sync>> {
        Ok(((), self))
    }
}

impl<T: Send + 'static, D> BulkItem<D> for (T, D) {
    type Data = T;

    fn split(self) -> Result<(T, D), Box<dyn Error + Send + Sync>> {
        Ok(self)
    }
}

impl<D, E: Into<Box<dyn Error + Send + Sync>>> BulkItem<D> for Result<D, E> {
    type Data = ();

    fn split(self) -> Result<((), D), Box<dyn Error + Send + Sync>> {
        self.map(|device| ((), device)).map_err(Into::into)
    }
}

impl<T: Send + 'static, D, E: Into<Box<dyn Error + Send + Sync>>> BulkItem<D> for Result<(T, D), E> {
    type Data = T;

    fn split(self) -> Result<(T, D), Box<dyn Error + Send + Sync>> {
        self.map_err(Into::into)
    }
}

mod sealed {
    pub trait Sealed<D> {}

    impl<D> Sealed<D> for D {}
    impl<T, D> Sealed<D> for (T, D) {}
    impl<D, E> Sealed<D> for Result<D, E> {}
    impl<T, D, E> Sealed<D> for Result<(T, D), E> {}
}
