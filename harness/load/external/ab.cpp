#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "base/file.h"
#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"

namespace poolbench::load {
namespace ab {
namespace {

// ab keeps the times of all requests that it may send in memory from the start.
constexpr std::uint64_t kMostRequests = 10'000'000;
constexpr double kMicroseconds = 1e3;

std::filesystem::path percentiles_file(const Job& job) { return job.folder / "ab.csv"; }

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  std::vector<std::string> argv{"-q", "-l",  // answers may differ in length
                                "-c", std::to_string(job.settings.connections),
                                "-s", std::to_string(whole_seconds(job.settings.timeout)),
                                "-e", percentiles_file(job).string()};
  // It ends with either; -t sets -n to 50,000, so -n must come later.
  argv.insert(argv.end(), {"-t", std::to_string(whole_seconds(stretch.length)), "-n",
                           std::to_string(stretch.requests.value_or(kMostRequests))});
  if (job.settings.keep_alive) argv.emplace_back("-k");
  argv.push_back(base::to_text(job.url()));
  return argv;
}

/// Lines "percentage,milliseconds" below a header.
void read_percentiles(const std::string& csv, report::Quantiles& latency) {
  std::istringstream lines(csv);
  std::string line;
  while (std::getline(lines, line)) {
    const auto milliseconds = number_after(line, ",");
    if (!milliseconds) continue;
    const double us = *milliseconds * kMicroseconds;
    if (line.starts_with("50,")) latency.p50 = us;
    if (line.starts_with("75,")) latency.p75 = us;
    if (line.starts_with("90,")) latency.p90 = us;
    if (line.starts_with("95,")) latency.p95 = us;
    if (line.starts_with("99,")) latency.p99 = us;
    if (line.starts_with("100,")) latency.max = us;
  }
}

void read_failures(std::string_view text, std::uint64_t complete_requests, report::Measurement& m) {
  const auto count = [&](std::string_view label) {
    return static_cast<std::uint64_t>(number_after(text, label).value_or(0));
  };
  const std::uint64_t other_status = count("Non-2xx responses:");
  const std::uint64_t exceptions = count("Exceptions:");
  add_errors(m, "status_other", other_status);
  add_errors(m, "connect_other", count("(Connect:"));
  add_errors(m, "reset", count("Receive:"));
  const std::uint64_t unwritten = count("Write errors:");
  add_errors(m, "parse", exceptions);
  add_errors(m, "write", unwritten);
  m.requests.ok =
      complete_requests - std::min(complete_requests, other_status + exceptions + unwritten);
  if (other_status > 0) m.first_error = "a status that is not 2xx; ab does not tell which";
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  const std::string_view text = output.text;
  const auto requests = number_after(text, "Complete requests:");
  const auto rate = number_after(text, "Requests per second:");
  if (!requests || !rate) return unreadable("ab", "\"Complete requests:\" or the rate is missing");
  report::Measurement m;
  read_failures(text, static_cast<std::uint64_t>(*requests), m);
  const auto total = number_after(text, "Total transferred:");
  m.bytes_received = static_cast<std::uint64_t>(total.value_or(0));
  const auto csv = base::read_file(percentiles_file(job));
  POOLBENCH_TRY(csv);
  read_percentiles(*csv, m.latency_us);
  // "Time taken" has milliseconds only; the rate was computed from the time itself.
  complete(m, *rate > 0 ? *requests / *rate : 0);
  const auto bodies = number_after(text, "HTML transferred:");
  // At the end of the time it has received, but not yet completed, an answer on each connection.
  const bool is_whole =
      job.settings.requests && *requests >= static_cast<double>(*job.settings.requests);
  const auto unfinished = is_whole ? 0 : static_cast<std::uint64_t>(job.settings.connections);
  POOLBENCH_TRY(
      check_body_bytes("ab", job, m, static_cast<std::uint64_t>(bodies.value_or(0)), unfinished));
  return m;
}

}  // namespace
}  // namespace ab

const Driver kAb{
    .name = "ab",
    .program = "ab",
    .can = {.exact_count = true, .close = true},
    .tags = {.includes_connect = true,
             .errors_in_latency = true,
             .checks = "status 2xx, length of all bodies"},
    .version_arguments = {"-V"},
    .identity = "ApacheBench",
    .before_version = "Version ",
    .install = "Debian's package apache2-utils",
    .failure_words = "(70007)",
    .failure_meaning =
        "an answer did not end within load.timeout: ab speaks HTTP/1.0, and without the "
        "header \"Connection: keep-alive\" in the answer it waits until the server "
        "closes; set load.keep_alive = false, or use another generator",
    .arguments = ab::arguments,
    .read = ab::read};

}  // namespace poolbench::load
