#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"

namespace poolbench::load {
namespace k6 {
namespace {

using base::Json;

// Its own metrics count every request by how it ended and keep the times of good ones, since k6's
// metrics take failed requests for requests.
constexpr std::string_view kScript = R"(
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

export const options = {
  scenarios: { load: job.scenario },
  noConnectionReuse: job.close,
  discardResponseBodies: job.body === null && job.contains === null && job.length === null,
  maxRedirects: 0,
  summaryTrendStats: ['avg', 'max', 'count', 'p(50)', 'p(75)', 'p(90)', 'p(95)',
    'p(99)', 'p(99.9)', 'p(99.99)'],
};
const outcomes = {};
for (const name of ['ok', 'connect_refused', 'connect_timeout', 'connect_other', 'reset',
  'truncated', 'timeout', 'status_4xx', 'status_5xx', 'status_other', 'wrong_answer', 'unclassified']) {
  outcomes[name] = new Counter('outcome_' + name);
}
const latency = new Trend('latency_good', true);

// Of bytes it knows how many they are.
const parameters = { timeout: job.timeout };
if (job.length !== null) parameters.responseType = 'binary';
const codes = { 1050: 'timeout', 1211: 'connect_timeout', 1212: 'connect_refused', 1220: 'reset' };

function outcome(answer) {
  if (answer.status === 0) {
    if (codes[answer.error_code]) return codes[answer.error_code];
    return answer.error_code >= 1100 && answer.error_code < 1300 ? 'connect_other' : 'unclassified';
  }
  if (answer.status !== job.status) {
    const hundreds = Math.floor(answer.status / 100);
    return hundreds === 4 || hundreds === 5 ? `status_${hundreds}xx` : 'status_other';
  }
  // From 1400 on they are but the status once more.
  if (answer.error_code > 0 && answer.error_code < 1400) return 'truncated';
  if (job.body !== null && answer.body !== job.body) return 'wrong_answer';
  if (job.contains !== null && !answer.body.includes(job.contains)) return 'wrong_answer';
  if (job.length !== null && answer.body.byteLength !== job.length) return 'wrong_answer';
  return 'ok';
}

export default function () {
  const answer = http.get(job.url, parameters);
  const how = outcome(answer);
  outcomes[how].add(1);
  if (how === 'ok') latency.add(answer.timings.duration);
}

export function handleSummary(data) {
  return { stdout: JSON.stringify({ metrics: data.metrics, state: data.state }) + '\n' };
}
)";

constexpr double kMicroseconds = 1e3;
constexpr LatencyPointers kLatency{.mean = "/metrics/latency_good/values/avg",
                                   .p50 = "/metrics/latency_good/values/p(50)",
                                   .p75 = "/metrics/latency_good/values/p(75)",
                                   .p90 = "/metrics/latency_good/values/p(90)",
                                   .p95 = "/metrics/latency_good/values/p(95)",
                                   .p99 = "/metrics/latency_good/values/p(99)",
                                   .p999 = "/metrics/latency_good/values/p(99.9)",
                                   .p9999 = "/metrics/latency_good/values/p(99.99)",
                                   .max = "/metrics/latency_good/values/max"};

/// The executor that offers the stretch's load.
Json executor(const Job& job, const Stretch& stretch) {
  const int connections = job.settings.connections;
  const std::string length = milliseconds_text(stretch.length);
  const std::string grace = milliseconds_text(job.settings.timeout);
  if (stretch.requests) {
    return {{"executor", "shared-iterations"},
            {"vus", connections},
            {"iterations", *stretch.requests},
            {"maxDuration", milliseconds_text(job.settings.measure)},
            {"gracefulStop", grace}};
  }
  if (!job.settings.rate_hz) {
    return {{"executor", "constant-vus"},
            {"vus", connections},
            {"duration", length},
            {"gracefulStop", grace}};
  }
  // Its rates are whole numbers: per thousand seconds they need not be.
  constexpr double kPerThousandSeconds = 1000;
  return {{"executor", "constant-arrival-rate"},
          {"rate", std::llround(*job.settings.rate_hz * kPerThousandSeconds)},
          {"timeUnit", "1000s"},
          {"duration", length},
          {"preAllocatedVUs", connections},
          {"maxVUs", connections},
          {"gracefulStop", grace}};
}

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  Json words;
  words["url"] = base::to_text(job.url);
  words["status"] = job.expect_status;
  words["body"] = base::or_null(job.expect_body);
  words["contains"] = base::or_null(job.expect_contains);
  words["length"] = base::or_null(job.expect_length);
  words["timeout"] = milliseconds_text(job.settings.timeout);
  words["close"] = !job.settings.keep_alive;
  words["scenario"] = executor(job, stretch);
  const auto script = job.folder / "k6.js";
  const std::string text = fmt::format("const job = {};\n{}", base::json_dump(words, 2), kScript);
  POOLBENCH_TRY(base::write_file_atomically(script, text));
  return std::vector<std::string>{"run",          "--quiet", "--no-usage-report",
                                  "--address",    "",        "--log-output=stderr",
                                  script.string()};
}

base::Result<report::Measurement> read(const Job& job, const ToolOutput& output) {
  const auto json = json_in("k6", output.text);
  POOLBENCH_TRY(json);
  const auto milliseconds = number_at(*json, "/state/testRunDurationMs");
  if (!milliseconds) return unreadable("k6", "state.testRunDurationMs is missing");
  report::Measurement m;
  constexpr std::string_view kPrefix = "outcome_";
  const Json metrics = json->value("metrics", Json::object());
  for (const auto& [name, metric] : metrics.items()) {
    if (!name.starts_with(kPrefix)) continue;
    const std::uint64_t count = count_at(metric, "/values/count");
    const std::string outcome = name.substr(kPrefix.size());
    if (outcome == "ok") {
      m.requests.ok = count;
      if (count > 0) m.statuses[std::to_string(job.expect_status)] = count;
    } else {
      add_errors(m, outcome, count);
    }
  }
  m.bytes_received = count_at(*json, "/metrics/data_received/values/count");
  const std::uint64_t dropped = count_at(*json, "/metrics/dropped_iterations/values/count");
  if (dropped > 0) {
    m.warnings.push_back(fmt::format(
        "{} planned requests were dropped because all connections were busy: the latencies are too "
        "good",
        dropped));
  }
  read_latency(*json, kLatency, kMicroseconds, m.latency_us);
  complete(m, *milliseconds / 1e3);
  return m;
}

}  // namespace
}  // namespace k6

const Driver kK6{.name = "k6",
                 .program = "k6",
                 .can = {.open_loop = true,
                         .exact_count = true,
                         .close = true,
                         .threads = true,
                         .any_time = true},
                 .tags = {.resolution_us = 0.001, .checks = "status, body"},
                 .version_arguments = {"version"},
                 .identity = "k6 v",
                 .before_version = "k6 v",
                 .install = "the Go module go.k6.io/k6",
                 .threads_variable = "GOMAXPROCS",
                 .arguments = k6::arguments,
                 .read = k6::read};

}  // namespace poolbench::load
