//! What a process has used, and what machine this is: from /proc, where there is one; else nothing is told.

/// Memory of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident now, in bytes.
    pub(crate) resident: u64,
    /// The most that ever was.
    pub(crate) peak: u64,
}

#[cfg(target_os = "linux")]
mod linux {
    use procfs::Current;
    use procfs::process::Process;

    use super::Memory;
    use crate::statistics::mebibytes;

    fn process(pid: u32) -> Option<Process> {
        Process::new(i32::try_from(pid).ok()?).ok()
    }

    /// CPU seconds of a process, user and system, over all its threads.
    #[expect(clippy::cast_precision_loss, reason = "ticks are hundredths of a second")]
    pub(crate) fn cpu(pid: u32) -> Option<f64> {
        let stat = process(pid)?.stat().ok()?;
        Some((stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64)
    }

    pub(crate) fn memory(pid: u32) -> Option<Memory> {
        let status = process(pid)?.status().ok()?;
        Some(Memory { resident: status.vmrss? * 1024, peak: status.vmhwm? * 1024 })
    }

    pub(crate) fn machine() -> Option<String> {
        let cpus = procfs::CpuInfo::current().ok()?;
        let memory = procfs::Meminfo::current().ok()?.mem_total;
        let model = cpus.model_name(0).unwrap_or("CPU of unknown model").to_owned();
        Some(format!("{} cores ({model}), {:.0} GiB of memory, Linux", cpus.num_cores(), mebibytes(memory) / 1024.0))
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{cpu, memory};

/// CPU seconds of a process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn cpu(_pid: u32) -> Option<f64> {
    None
}

/// Memory of a process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn memory(_pid: u32) -> Option<Memory> {
    None
}

/// The machine in a few words.
pub(crate) fn machine() -> String {
    #[cfg(target_os = "linux")]
    if let Some(machine) = linux::machine() {
        return machine;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{cores} cores, {}", std::env::consts::OS)
}
