#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "generator/request.h"
#include "load/external/driver.h"
#include "load/external/reading.h"

namespace poolbench::load {
namespace vegeta {
namespace {

using base::Json;

constexpr double kMicroseconds = 1e-3;
constexpr LatencyPointers kLatency{.mean = "/latencies/mean",
                                   .p50 = "/latencies/50th",
                                   .p90 = "/latencies/90th",
                                   .p95 = "/latencies/95th",
                                   .p99 = "/latencies/99th",
                                   .max = "/latencies/max"};

std::string results_file(const Job& job) { return (job.folder / "vegeta.bin").string(); }

/// One line for each request, which it sends in turn and then from the first again: so many that
/// the shares of a mix come out.
std::string targets_text(const Job& job) {
  constexpr std::uint64_t kLines = 10'000;
  generator::Options options;
  options.server = job.server.endpoint;
  options.requests = job.requests;
  const std::uint64_t seed = job.seed.value_or(0);
  const generator::RequestMix mix(options, seed, seed);
  std::vector<std::string> lines;
  for (const generator::RequestSpec& request : job.requests) {
    Json line{{"method", request.method}, {"url", base::to_text(job.url(request))}};
    if (!request.body.empty()) line["body"] = base::to_base64(request.body);
    for (const auto& [name, value] : request.headers) line["header"][name].push_back(value);
    lines.push_back(base::json_dump(line) + "\n");
  }
  if (lines.size() == 1) return lines.front();
  std::string text;
  for (std::uint64_t seq = 0; seq < kLines; ++seq) text += lines[mix.pick(seq)];
  return text;
}

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  const auto targets = job.folder / "vegeta-targets.json";
  POOLBENCH_TRY(base::write_file_atomically(targets, targets_text(job)));
  const std::string connections = std::to_string(job.settings.connections);
  // Without a rate its workers wait for each answer: a closed loop. Rates are whole numbers: per
  // thousand seconds they need not be.
  const std::string rate = job.settings.rate_hz
                               ? fmt::format("{}/1000s", std::llround(*job.settings.rate_hz * 1000))
                               : "0";
  std::vector<std::string> argv{"-cpus=" + std::to_string(job.settings.threads),
                                "attack",
                                "-format=json",
                                "-targets=" + targets.string(),
                                "-output=" + results_file(job),
                                "-duration=" + milliseconds_text(stretch.length),
                                "-rate=" + rate,
                                "-workers=" + connections,
                                "-max-workers=" + connections,
                                "-timeout=" + milliseconds_text(job.settings.timeout),
                                "-redirects=-1",
                                fmt::format("-keepalive={}", job.settings.keep_alive)};
  if (job.server.tls) argv.emplace_back("-http2=false");  // it would ask for it
  if (!job.server.ca_file.empty()) argv.push_back("-root-certs=" + job.server.ca_file);
  return argv;
}

std::vector<std::string> report_arguments(const Job& job) {
  return {"report", "-type=json", results_file(job)};
}

void read_outcomes(const Job& job, const Json& json, report::Measurement& m) {
  const Json errors = json.value("errors", Json::array());
  const std::string words = errors.empty() ? "" : errors.front().get<std::string>();
  const Json statuses = json.value("status_codes", Json::object());
  for (const auto& [status, count] : statuses.items()) {
    const int code = std::atoi(status.c_str());
    if (code == 0) {
      add_errors(m, error_class_of(words), count.get<std::uint64_t>());  // it got no answer
    } else {
      add_answers(m, job, code, count.get<std::uint64_t>());
    }
  }
  if (!words.empty()) m.first_error = words;
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  const auto json = json_in("vegeta", output.text);
  POOLBENCH_TRY(json);
  const auto duration = number_at(*json, "/duration");
  const auto wait = number_at(*json, "/wait");
  if (!duration || !wait) return unreadable("vegeta", "duration or wait is missing");
  report::Measurement m;
  try {
    read_outcomes(job, *json, m);
  } catch (const Json::exception& problem) {
    return unreadable("vegeta", problem.what());
  }
  m.bytes_received = count_at(*json, "/bytes_in/total");
  read_latency(*json, kLatency, kMicroseconds, m.latency_us);
  // In an open loop its duration ends with the last request sent, an interval too early.
  const double planned = base::to_seconds(job.settings.measure);
  complete(m, std::max(planned, (*duration + *wait) / 1e9));
  POOLBENCH_TRY(check_body_bytes("vegeta", job, m, m.bytes_received));
  return m;
}

}  // namespace
}  // namespace vegeta

const Driver kVegeta{.name = "vegeta",
                     .program = "vegeta",
                     .can = {.open_loop = true,
                             .close = true,
                             .threads = true,
                             .any_time = true,
                             .short_time = true,
                             .requests = true,
                             .mixes = true,
                             .verified_tls = true},
                     .tags = {.includes_connect = true,
                              .resolution_us = 0.001,
                              .errors_in_latency = true,
                              .checks = "status, length of all bodies"},
                     .version_arguments = {"-version"},
                     .identity = "Runtime: go",
                     .before_version = "Version: ",
                     .install = "the Go module github.com/tsenart/vegeta/v12",
                     .arguments = vegeta::arguments,
                     .report_arguments = vegeta::report_arguments,
                     .read = vegeta::read};

}  // namespace poolbench::load
