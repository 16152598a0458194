//! The layers between the client and the connection: each works around one behaviour of kube or of an API server. A
//! request passes them in this order.
//!
//! | layer | what it does |
//! |---|---|
//! | [`fresh`] | a streamed list shows the present state |
//! | [`pages`] | a page of a list that is too large to be held ends with an error |
//! | [`floor`] | a watch starts at most once a second |
//! | [`count`] | the observer hears of the answer |
//! | [`deadline`] | an answer begins in time; a leader's write only while it leads |

mod count;
mod deadline;
mod floor;
mod fresh;
mod pages;

pub(crate) use count::Count;
pub(crate) use deadline::Deadline;
pub(crate) use floor::Floor;
pub(crate) use fresh::fresh;
pub(crate) use pages::Pages;

use crate::fence::Fence;
use crate::observer::SharedObserver;

/// What a client is equipped with.
#[derive(Clone, Debug, Default)]
pub struct Gear {
    /// Until when it may write.
    pub fence: Fence,
    /// Who hears of its requests.
    pub observer: SharedObserver,
}
