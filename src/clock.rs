//! What time it is, for deadlines and measurements: of the system, of the JavaScript host
//! (feature `wasm`), or none at all in a bare WebAssembly module.

use std::time::Duration;

/// A point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(inner::Time);

impl Moment {
    /// Now.
    pub(crate) fn now() -> Moment {
        Moment(inner::now())
    }
    /// How long it is ago. Always zero where there is no clock.
    pub(crate) fn elapsed(self) -> Duration {
        inner::since(self.0)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod inner {
    pub(super) type Time = std::time::Instant;
    pub(super) fn now() -> Time {
        std::time::Instant::now()
    }
    pub(super) fn since(then: Time) -> std::time::Duration {
        then.elapsed()
    }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown", feature = "wasm"))]
mod inner {
    /// ms
    pub(super) type Time = f64;
    pub(super) fn now() -> Time {
        crate::wasm::clock()
    }
    pub(super) fn since(then: Time) -> std::time::Duration {
        std::time::Duration::from_nanos(((now() - then) * 1e6) as u64)
    }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown", not(feature = "wasm")))]
mod inner {
    pub(super) type Time = ();
    pub(super) fn now() -> Time {}
    pub(super) fn since(_: Time) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}
