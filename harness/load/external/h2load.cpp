#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "base/file.h"
#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"
#include "stats/histogram.h"

namespace poolbench::load {
namespace h2load {
namespace {

std::filesystem::path samples_file(const Job& job) { return job.folder / "h2load.tsv"; }

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  std::error_code ignored;
  std::filesystem::remove(samples_file(job), ignored);  // it appends
  std::vector<std::string> argv{"--h1", "--clients=" + std::to_string(job.settings.connections),
                                "--threads=" + std::to_string(job.settings.threads),
                                "--log-file=" + samples_file(job).string()};
  argv.push_back("--connection-inactivity-timeout=" + milliseconds_text(job.settings.timeout));
  if (stretch.requests) {
    argv.push_back("--requests=" + std::to_string(*stretch.requests));
  } else {
    argv.push_back("--duration=" + milliseconds_text(stretch.length));
    argv.emplace_back("--warm-up-time=0");
  }
  if (!job.server.unix_socket.empty()) {
    argv.push_back("--base-uri=unix:" + job.server.unix_socket);
  }
  argv.push_back(base::to_text(job.url()));
  return argv;
}

/// What the per-request log says: start in µs, status (-1: none), µs to the end.
struct Samples {
  stats::Histogram latency;
  std::int64_t first_start = 0, last_end = 0;
};

base::Result<Samples> read_samples(const Job& job, report::Measurement& m) {
  const auto text = base::read_file(samples_file(job));
  POOLBENCH_TRY(text);
  Samples samples;
  std::istringstream lines(*text);
  std::int64_t start = 0;
  std::int64_t length = 0;
  int status = 0;
  while (lines >> start >> status >> length) {
    if (samples.first_start == 0 || start < samples.first_start) samples.first_start = start;
    samples.last_end = std::max(samples.last_end, start + length);
    if (status > 0) add_answers(m, job, status, 1);
    if (is_good(job, status)) samples.latency.record(static_cast<std::uint64_t>(length));
  }
  if (!lines.eof()) return unreadable("h2load", "its log file has a line of another form");
  return samples;
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  const std::string_view text = output.text;
  const std::size_t counts = text.find("requests: ");
  if (counts == std::string_view::npos) return unreadable("h2load", "\"requests:\" is missing");
  report::Measurement m;
  const auto samples = read_samples(job, m);
  POOLBENCH_TRY(samples);
  // "requests: 9 total, 9 started, 9 done, 9 succeeded, 0 failed, 0 errored, 0 timeout"
  // Those that timed out are among the errored.
  const auto errored = number_after(text.substr(counts), "failed,").value_or(0);
  const auto timed_out = number_after(text.substr(counts), "errored,").value_or(0);
  add_errors(m, "unclassified", static_cast<std::uint64_t>(std::max(0.0, errored - timed_out)));
  add_errors(m, "timeout", static_cast<std::uint64_t>(timed_out));
  if (errored > timed_out) m.first_error = "no answer; h2load does not tell why";
  const std::size_t traffic = text.find("traffic: ");
  if (traffic != std::string_view::npos) {
    const auto bytes = number_after(text.substr(traffic), "(");
    m.bytes_received = static_cast<std::uint64_t>(bytes.value_or(0));
  }
  // It never connects again and does not tell of answers that were cut short: when all connections
  // are gone, it waits idly for the end.
  if (!job.settings.requests && errored == 0) {
    using std::chrono::microseconds;
    POOLBENCH_TRY(
        check_kept_loading("h2load", job, microseconds(samples->last_end - samples->first_start),
                           microseconds(static_cast<std::int64_t>(samples->latency.max()))));
  }
  const std::uint64_t known = m.requests.ok + m.requests.failed();
  if (job.settings.requests && known < *job.settings.requests) {
    add_errors(m, "unclassified", *job.settings.requests - known);
    if (m.first_error.empty()) m.first_error = "no whole answer; h2load does not tell why";
  }
  set_latency(m, samples->latency);
  const double planned = base::to_seconds(job.settings.measure);
  const double taken = static_cast<double>(samples->last_end - samples->first_start) / 1e6;
  complete(m, job.settings.requests ? taken : planned);
  return m;
}

}  // namespace
}  // namespace h2load

const Driver kH2load{.name = "h2load",
                     .program = "h2load",
                     .can = {.exact_count = true,
                             .threads = true,
                             .any_time = true,
                             .short_time = true,
                             .unix_sockets = true},
                     .tags = {.resolution_us = 1, .checks = "status"},
                     .version_arguments = {"--version"},
                     .identity = "nghttp2/",
                     .before_version = "nghttp2/",
                     .install = "Debian's package nghttp2-client",
                     .arguments = h2load::arguments,
                     .read = h2load::read};

}  // namespace poolbench::load
