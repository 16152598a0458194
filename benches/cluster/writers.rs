//! Several writers at once: each takes the next number until there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Does a job for each number below `count` with so many writers; how long that took.
pub(crate) async fn each<F, Done>(writers: usize, count: usize, job: F) -> Duration
where
    F: Fn(usize) -> Done + Send + Sync + 'static,
    Done: Future<Output = ()> + Send,
{
    let (job, next) = (Arc::new(job), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..writers.max(1) {
        let (job, next) = (Arc::clone(&job), Arc::clone(&next));
        // Tasks, not one stream of futures: a writer must not wait until another's answer is decoded.
        tasks.spawn(async move {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                job(index).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a writer");
    }
    began.elapsed()
}
