#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"
#include "stats/histogram.h"

namespace poolbench::load {
namespace hey {
namespace {

constexpr std::uint64_t kSampleCap = 1'000'000;
constexpr std::string_view kHeader = "response-time,";
constexpr double kMicroseconds = 1e6;

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  std::vector<std::string> argv{"-o",
                                "csv",
                                "-disable-compression",
                                "-disable-redirects",
                                "-c",
                                std::to_string(job.settings.connections),
                                "-cpus",
                                std::to_string(job.settings.threads),
                                "-t",
                                std::to_string(whole_seconds(job.settings.timeout))};
  if (stretch.requests) {
    argv.insert(argv.end(), {"-n", std::to_string(*stretch.requests)});
  } else {
    argv.insert(argv.end(), {"-z", milliseconds_text(stretch.length)});
  }
  if (!job.settings.keep_alive) argv.emplace_back("-disable-keepalive");
  argv.push_back(base::to_text(job.url()));
  return argv;
}

/// A line of the CSV: response-time, five parts of it, status-code, offset; times in seconds.
struct Sample {
  double response = 0;
  int status = 0;
  double offset = 0;  ///< of its start
};

std::optional<Sample> sample_in(const std::string& line) {
  Sample sample;
  double parts[5];
  char comma = 0;
  std::istringstream in(line);
  in >> sample.response;
  for (double& part : parts) in >> comma >> part;
  in >> comma >> sample.status >> comma >> sample.offset;
  return in ? std::optional(sample) : std::nullopt;
}

/// All samples of a CSV together.
struct Samples {
  std::uint64_t count = 0;
  double last_end = 0;       ///< seconds since the start
  stats::Histogram latency;  ///< of the good answers, in microseconds
};

/// Adds their answers to the measurement.
base::Result<Samples> read_samples(const Job& job, const std::string& csv, report::Measurement& m) {
  std::istringstream lines(csv);
  std::string line;
  if (!std::getline(lines, line) || !line.starts_with(kHeader)) {
    return unreadable("hey", "it is not its CSV");
  }
  Samples samples;
  while (std::getline(lines, line)) {
    const auto sample = sample_in(line);
    if (!sample) return unreadable("hey", fmt::format("line {} of its CSV", samples.count + 2));
    ++samples.count;
    samples.last_end = std::max(samples.last_end, sample->offset + sample->response);
    add_answers(m, job, sample->status, 1);
    if (!is_good(job, sample->status)) continue;
    samples.latency.record(
        static_cast<std::uint64_t>(std::lround(sample->response * kMicroseconds)));
  }
  return samples;
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  report::Measurement m;
  const auto samples = read_samples(job, output.text, m);
  if (!samples) return tl::unexpected(samples.error());
  if (samples->count >= kSampleCap) {
    return base::failed("hey keeps no more than 1000000 requests, so the rest was not counted", {},
                        "measure for a shorter time, or use another generator");
  }
  // hey's CSV leaves out requests that got no answer; how many is known only for a given number.
  if (job.settings.requests && samples->count < *job.settings.requests) {
    add_errors(m, "unclassified", *job.settings.requests - samples->count);
    m.first_error = "no answer; hey does not tell why";
  }
  set_latency(m, samples->latency);
  if (job.settings.requests) {
    complete(m, samples->last_end);
  } else {
    POOLBENCH_TRY(check_kept_loading("hey", job,
                                     std::chrono::duration_cast<base::Duration>(
                                         std::chrono::duration<double>(samples->last_end)),
                                     std::chrono::microseconds(samples->latency.max())));
    complete(m, std::max(samples->last_end, base::to_seconds(job.settings.measure)));
    m.warnings.emplace_back("hey does not tell how many requests got no answer");
  }
  return m;
}

}  // namespace
}  // namespace hey

const Driver kHey{.name = "hey",
                  .program = "hey",
                  .can = {.exact_count = true,
                          .close = true,
                          .threads = true,
                          .shared_equally = true,
                          .any_time = true,
                          .short_time = true},
                  .tags = {.includes_connect = true,
                           .resolution_us = 100,
                           .sample_cap = hey::kSampleCap,
                           .checks = "status; a body cut short is good to it"},
                  .version_arguments = {"-h"},
                  .identity = "Usage: hey [options...] <url>",
                  .install = "Debian's package hey",
                  .arguments = hey::arguments,
                  .read = hey::read};

}  // namespace poolbench::load
