//! The metrics as an answer: rendered once a second at most, and read by a few at a time.
//!
//! With thousands of namespaces the text is large, so all who ask within a second share one. A reader holds it until the
//! last byte is on its way: readers have seconds for that, and when there are too many, the one that began first is cut
//! off. Whoever reads at once, as Prometheus does, is through before that.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Instant;

use super::http::Leash;

/// How long a rendering is shown.
const FRESH: Duration = Duration::from_secs(1);
/// How many may read at once.
const READERS: usize = 4;
/// How long a reader may take.
const READ: Duration = Duration::from_secs(5);
/// How much is given to the connection at a time: what it holds is not this reader's any more.
const PIECE: usize = 16 * 1024;

/// The latest rendering, and who reads.
#[derive(Debug, Default)]
pub(super) struct Scrapes {
    rendered: Option<(Bytes, Instant)>,
    readers: VecDeque<Weak<Reader>>,
}

/// One that reads. Its connection is its own again once all is read.
#[derive(Debug)]
struct Reader(Leash);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl Scrapes {
    /// Returns the answer to a scrape; `render` is asked for the text where the last is too old.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub(super) fn answer<E>(
        &mut self,
        leash: Leash,
        now: Instant,
        render: impl FnOnce() -> Result<String, E>,
    ) -> Result<Text, E> {
        let text = match self.rendered.take().filter(|(_, since)| now < *since + FRESH) {
            Some((text, since)) => self.rendered.insert((text, since)).0.clone(),
            None => self.rendered.insert((render()?.into(), now)).0.clone(),
        };
        Ok(Text { rest: text, _reader: Some(self.admit(leash, now)) })
    }

    /// Lets one more read, and cuts off the first where there are too many.
    fn admit(&mut self, leash: Leash, now: Instant) -> Arc<Reader> {
        self.readers.retain(|reader| reader.strong_count() > 0);
        if self.readers.len() >= READERS
            && let Some(first) = self.readers.pop_front().and_then(|reader| reader.upgrade())
        {
            first.0.set(Some(now));
        }
        leash.set(Some(now + READ));
        let reader = Arc::new(Reader(leash));
        self.readers.push_back(Arc::downgrade(&reader));
        reader
    }
}

/// Scrapes that are shared between requests.
pub(super) type Shared = Arc<Mutex<Scrapes>>;

/// Returns the answer to a scrape of these.
///
/// # Errors
/// When it cannot be rendered.
pub(super) fn answer<E>(shared: &Shared, leash: Leash, render: impl FnOnce() -> Result<String, E>) -> Result<Text, E> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).answer(leash, Instant::now(), render)
}

/// A text that is given out piece by piece.
#[derive(Debug, Default)]
pub(super) struct Text {
    rest: Bytes,
    _reader: Option<Arc<Reader>>,
}

impl Text {
    /// A text that may be read as long as the connection lasts.
    pub(super) fn short(text: impl Into<Bytes>) -> Self {
        Self { rest: text.into(), _reader: None }
    }
}

impl Body for Text {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let most = self.rest.len().min(PIECE);
        // Its own copy: the rendering must not live on in the connection's hands.
        let piece = Bytes::copy_from_slice(&self.rest.split_to(most));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(scrapes: &mut Scrapes, leash: &Leash, text: &str) -> Text {
        let render = || Ok::<_, Infallible>(text.to_owned());
        let answer = scrapes.answer(leash.clone(), Instant::now(), render);
        answer.unwrap_or_default()
    }

    async fn has_ended(leash: &Leash) -> bool {
        tokio::time::timeout(Duration::ZERO, leash.ends()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_ask_within_a_second_share_a_rendering() {
        let mut scrapes = Scrapes::default();
        let mut texts = Vec::new();
        for text in ["first", "second", "third"] {
            texts.push(answered(&mut scrapes, &Leash::new(), text).rest);
            tokio::time::advance(Duration::from_millis(600)).await;
        }
        assert_eq!(texts, ["first", "first", "third"]);
        assert_eq!(texts.first().map(|text| text.as_ptr()), texts.get(1).map(|text| text.as_ptr()), "one copy");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_cut_off_and_one_that_has_read_is_not() {
        let mut scrapes = Scrapes::default();
        let (slow, quick) = (Leash::new(), Leash::new());
        let _reading = answered(&mut scrapes, &slow, "text");
        drop(answered(&mut scrapes, &quick, "text"));
        tokio::time::advance(READ).await;
        assert!(has_ended(&slow).await);
        assert!(!has_ended(&quick).await);
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_readers_cut_off_the_first_and_serve_the_last() {
        let mut scrapes = Scrapes::default();
        let leashes: Vec<Leash> = (0..=READERS).map(|_| Leash::new()).collect();
        let readers: Vec<Text> = leashes.iter().map(|leash| answered(&mut scrapes, leash, "text")).collect();
        for (index, leash) in leashes.iter().enumerate() {
            assert_eq!(has_ended(leash).await, index == 0, "{index}");
        }
        assert_eq!(readers.len(), READERS + 1);
    }

    #[test]
    fn a_text_comes_whole_in_pieces_of_their_own() {
        let whole = "x".repeat(3 * PIECE + 7);
        let mut text = Text::short(whole.clone());
        let mut read = Vec::new();
        let mut context = Context::from_waker(std::task::Waker::noop());
        while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut text).poll_frame(&mut context) {
            let piece = frame.into_data().unwrap_or_default();
            assert!(piece.len() <= PIECE);
            read.extend(piece);
        }
        assert_eq!(read, whole.as_bytes());
        assert!(text.is_end_stream());
    }
}
