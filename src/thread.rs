//! Threads with a runtime of their own, for what must never wait for the work: the lease, probes, metrics.

use std::future::Future;
use std::sync::mpsc::sync_channel;

use tokio::runtime::Builder;

/// Why a thread was not started.
#[derive(Debug, thiserror::Error)]
pub enum ThreadError<E> {
    /// The system gives none, or no runtime for it.
    #[error("the thread {name} cannot be started: {error}")]
    Start {
        /// What it is called.
        name: &'static str,
        /// What the system says.
        error: std::io::Error,
    },
    /// What it needs cannot be made.
    #[error(transparent)]
    Make(E),
    /// It ended before it said whether it runs.
    #[error("the thread {0} has failed")]
    Ended(&'static str),
}

/// Starts a thread with a runtime of its own, makes there what it needs, and runs. What is made belongs to that runtime.
///
/// # Errors
/// When the thread cannot be started, or what it needs cannot be made.
pub fn start<T, F, E>(
    name: &'static str,
    make: impl FnOnce() -> Result<T, E> + Send + 'static,
    run: impl FnOnce(T) -> F + Send + 'static,
) -> Result<(), ThreadError<E>>
where
    F: Future<Output = ()>,
    E: Send + 'static,
{
    let (say, said) = sync_channel(1);
    let work = move || {
        // The runtime begins and ends on this thread: within another runtime its end would be a panic.
        let runtime = match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = say.send(Err(ThreadError::Start { name, error }));
                return;
            }
        };
        let made = {
            let _within = runtime.enter();
            make()
        };
        match made {
            Ok(made) => {
                let _ = say.send(Ok(()));
                runtime.block_on(run(made));
            }
            Err(error) => {
                let _ = say.send(Err(ThreadError::Make(error)));
            }
        }
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| ThreadError::Start { name, error })?;
    said.recv().unwrap_or(Err(ThreadError::Ended(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_start_is_reported_even_within_another_runtime() {
        let failed = start("test", || Err::<(), _>("no address".to_owned()), |()| std::future::ready(()));
        assert_eq!(failed.map_err(|error| error.to_string()), Err("no address".to_owned()));
    }

    #[tokio::test]
    async fn what_is_made_belongs_to_the_runtime_that_runs() {
        let (say, said) = tokio::sync::oneshot::channel();
        let made = || Ok::<_, String>(tokio::spawn(std::future::ready(7)));
        let run = async |task: tokio::task::JoinHandle<i32>| {
            let _ = say.send(task.await.unwrap_or_default());
        };
        assert!(start("test", made, run).is_ok());
        assert_eq!(said.await, Ok(7));
    }
}
