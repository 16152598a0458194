//! The process as the system sees it, by the names that Prometheus' own clients use.

use procfs::WithCurrentSystemInfo;
use procfs::process::Process as Proc;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads `/proc` when it is asked.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Ok(process) = Proc::myself() else { return Ok(()) };
        let Ok(stat) = process.stat() else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "ticks of a process are far from 2^52")]
        let cpu = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        let counter =
            encoder.encode_descriptor("process_cpu_seconds", "CPU time of the process", None, MetricType::Counter)?;
        ConstCounter::new(cpu).encode(counter)?;
        let mut gauge = |name: &str, help: &str, value: u64| {
            let gauge = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(gauge)
        };
        gauge("process_resident_memory_bytes", "Resident memory of the process", stat.rss_bytes().get())?;
        gauge("process_virtual_memory_bytes", "Virtual memory of the process", stat.vsize)?;
        if let Ok(open) = process.fd_count() {
            gauge("process_open_fds", "Open file descriptors", u64::try_from(open).unwrap_or_default())?;
        }
        if let Ok(boot) = procfs::boot_time_secs() {
            let started = boot + stat.starttime / procfs::ticks_per_second();
            gauge("process_start_time_seconds", "When the process started", started)?;
        }
        Ok(())
    }
}
