//! Logging through `tracing`; nothing without the feature of that name.

#[cfg(feature = "tracing")]
pub use tracing::{Instrument, debug, debug_span, error, field, info_span, warn};

#[cfg(not(feature = "tracing"))]
pub use self::silent::{Instrument, NoSpan, field};
#[cfg(not(feature = "tracing"))]
pub use crate::{
    __no_span as debug_span, __no_span as info_span, __silent as debug, __silent as error, __silent as warn,
};

#[cfg(not(feature = "tracing"))]
mod silent {
    /// Takes the place of `tracing::field`, of which only ignored arguments are made.
    pub mod field {}

    /// Takes the place of a span.
    #[derive(Clone, Copy, Debug)]
    pub struct NoSpan;

    /// Takes the place of `tracing::Instrument`.
    pub trait Instrument: Sized {
        /// The same future.
        #[must_use]
        fn instrument(self, _: NoSpan) -> Self {
            self
        }

        /// The same future.
        #[must_use]
        fn in_current_span(self) -> Self {
            self
        }
    }

    impl<F: Future> Instrument for F {}
}

/// Takes the place of a macro that logs.
#[cfg(not(feature = "tracing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __silent {
    ($($ignored:tt)*) => {{}};
}

/// Takes the place of a macro that makes a span.
#[cfg(not(feature = "tracing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __no_span {
    ($($ignored:tt)*) => {
        $crate::trace::NoSpan
    };
}
