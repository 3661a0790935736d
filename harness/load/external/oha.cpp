#include <fmt/format.h>

#include <utility>

#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"

namespace poolbench::load {
namespace oha {
namespace {

constexpr double kMicroseconds = 1e6;
constexpr LatencyPointers kLatency{.mean = "/summary/average",
                                   .p50 = "/latencyPercentiles/p50",
                                   .p75 = "/latencyPercentiles/p75",
                                   .p90 = "/latencyPercentiles/p90",
                                   .p95 = "/latencyPercentiles/p95",
                                   .p99 = "/latencyPercentiles/p99",
                                   .p999 = "/latencyPercentiles/p99.9",
                                   .p9999 = "/latencyPercentiles/p99.99",
                                   .max = "/summary/slowest"};

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  std::vector<std::string> argv{
      "--no-tui", "--output-format", "json", "--disable-compression", "--redirect", "0"};
  const auto option = [&](const char* name, std::string value) {
    argv.insert(argv.end(), {name, std::move(value)});
  };
  option("-c", std::to_string(job.settings.connections));
  option("-t", milliseconds_text(job.settings.timeout));  // it waits for ever unless told
  if (stretch.requests) {
    option("-n", std::to_string(*stretch.requests));
  } else {
    option("-z", milliseconds_text(stretch.length));
    argv.emplace_back("--wait-ongoing-requests-after-deadline");
  }
  if (job.settings.rate_hz) {
    option("-q", fmt::format("{}", *job.settings.rate_hz));
    argv.emplace_back("--latency-correction");
  }
  if (!job.settings.keep_alive) argv.emplace_back("--disable-keepalive");
  if (!job.server.unix_socket.empty()) option("--unix-socket", job.server.unix_socket);
  if (!job.server.ca_file.empty()) option("--cacert", job.server.ca_file);
  argv.push_back(base::to_text(job.url()));
  return argv;
}

void read_outcomes(const Job& job, const base::Json& json, report::Measurement& m) {
  // summary.successRate counts a 500 as a success: only the statuses tell.
  const base::Json statuses = json.value("statusCodeDistribution", base::Json::object());
  for (const auto& [status, count] : statuses.items()) {
    add_answers(m, job, std::atoi(status.c_str()), count.get<std::uint64_t>());
  }
  const base::Json errors = json.value("errorDistribution", base::Json::object());
  for (const auto& [words, count] : errors.items()) {
    add_errors(m, error_class_of(words), count.get<std::uint64_t>());
    if (m.first_error.empty()) m.first_error = words;
  }
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  const auto json = json_in("oha", output.text);
  POOLBENCH_TRY(json);
  const auto seconds = number_at(*json, "/summary/total");
  if (!seconds) return unreadable("oha", "summary.total is missing");
  report::Measurement m;
  try {
    read_outcomes(job, *json, m);
  } catch (const base::Json::exception& problem) {
    return unreadable("oha", problem.what());
  }
  const std::uint64_t bytes = count_at(*json, "/summary/totalData");
  m.bytes_received = bytes;
  read_latency(*json, kLatency, kMicroseconds, m.latency_us);
  complete(m, *seconds);
  POOLBENCH_TRY(check_body_bytes("oha", job, m, bytes));
  return m;
}

}  // namespace
}  // namespace oha

const Driver kOha{.name = "oha",
                  .program = "oha",
                  .can = {.open_loop = true,
                          .exact_count = true,
                          .close = true,
                          .any_time = true,
                          .short_time = true,
                          .unix_sockets = true,
                          .verified_tls = true},
                  .tags = {.includes_connect = true,
                           .resolution_us = 0.001,
                           .errors_in_latency = true,
                           .checks = "status, length of all bodies"},
                  .version_arguments = {"--version"},
                  .identity = "oha ",
                  .before_version = "oha ",
                  .install = "crates.io",
                  .corrects_open_loop = true,
                  .arguments = oha::arguments,
                  .read = oha::read};

}  // namespace poolbench::load
