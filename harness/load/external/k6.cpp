#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
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
import encoding from 'k6/encoding';
import { Counter, Trend } from 'k6/metrics';

export const options = {
  scenarios: { load: job.scenario },
  noConnectionReuse: job.close,
  discardResponseBodies: job.requests.every(
    (each) => each.body === null && each.contains === null && each.length === null),
  maxRedirects: 0,
  summaryTrendStats: ['avg', 'max', 'count', 'p(50)', 'p(75)', 'p(90)', 'p(95)',
    'p(99)', 'p(99.9)', 'p(99.99)'],
};
const outcomes = {};
for (const name of ['ok', 'connect_refused', 'connect_timeout', 'connect_other', 'reset',
  'truncated', 'timeout', 'status_4xx', 'status_5xx', 'status_other', 'wrong_answer', 'unclassified']) {
  outcomes[name] = new Counter('outcome_' + name);
}
const answered = {};
for (const status of job.requests.flatMap((each) => each.statuses)) {
  if (!answered[status]) answered[status] = new Counter('answered_' + status);
}
const latency = new Trend('latency_good', true);

// Of bytes it knows how many they are.
for (const request of job.requests) {
  request.parameters = { timeout: job.timeout, headers: request.headers };
  if (request.length !== null) request.parameters.responseType = 'binary';
  request.sent = request.sent === null ? null : encoding.b64decode(request.sent);
}
const codes = { 1050: 'timeout', 1211: 'connect_timeout', 1212: 'connect_refused', 1220: 'reset' };

function pick() {
  const draw = Math.random();
  return job.requests.find((each) => draw < each.upTo) || job.requests[job.requests.length - 1];
}

function outcome(request, answer) {
  if (answer.status === 0) {
    if (codes[answer.error_code]) return codes[answer.error_code];
    return answer.error_code >= 1100 && answer.error_code < 1300 ? 'connect_other' : 'unclassified';
  }
  if (!request.statuses.includes(answer.status)) {
    const hundreds = Math.floor(answer.status / 100);
    return hundreds === 4 || hundreds === 5 ? `status_${hundreds}xx` : 'status_other';
  }
  // From 1400 on they are but the status once more.
  if (answer.error_code > 0 && answer.error_code < 1400) return 'truncated';
  if (request.body !== null && answer.body !== request.body) return 'wrong_answer';
  if (request.contains !== null && !answer.body.includes(request.contains)) return 'wrong_answer';
  if (request.length !== null && answer.body.byteLength !== request.length) return 'wrong_answer';
  return 'ok';
}

export default function () {
  const request = pick();
  const answer = http.request(request.method, request.url, request.sent, request.parameters);
  const how = outcome(request, answer);
  outcomes[how].add(1);
  if (answered[answer.status]) answered[answer.status].add(1);
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

/// It refuses to run for less than a second: a shorter warm-up takes as long.
std::string duration_text(base::Duration time) {
  return milliseconds_text(std::max<base::Duration>(time, std::chrono::seconds(1)));
}

/// The executor that offers the stretch's load.
Json executor(const Job& job, const Stretch& stretch) {
  const int connections = job.settings.connections;
  const std::string length = duration_text(stretch.length);
  const std::string grace = milliseconds_text(job.settings.timeout);
  if (stretch.requests) {
    return {{"executor", "shared-iterations"},
            {"vus", connections},
            {"iterations", *stretch.requests},
            {"maxDuration", duration_text(job.settings.measure)},
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

/// Every request with what is expected of its answer; `upTo`: the share of it and those before it.
Json requests_of(const Job& job) {
  double total = 0, sum = 0;
  for (const generator::RequestSpec& request : job.requests) total += request.weight;
  Json requests = Json::array();
  for (const generator::RequestSpec& request : job.requests) {
    sum += request.weight;
    Json words;
    words["method"] = request.method;
    words["url"] = base::to_text(job.url(request));
    words["headers"] = Json::object();
    for (const auto& [name, value] : request.headers) words["headers"][name] = value;
    words["sent"] = request.body.empty() ? Json(nullptr) : Json(base::to_base64(request.body));
    words["upTo"] = sum / total;
    words["statuses"] = request.expect.statuses;
    words["body"] = base::or_null(request.expect.body);
    words["contains"] = base::or_null(request.expect.contains);
    words["length"] = base::or_null(request.expect.length);
    requests.push_back(std::move(words));
  }
  return requests;
}

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  Json words;
  words["requests"] = requests_of(job);
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

base::Result<report::Measurement> read(const Job&, const ToolOutput& output) {
  const auto json = json_in("k6", output.text);
  POOLBENCH_TRY(json);
  const auto milliseconds = number_at(*json, "/state/testRunDurationMs");
  if (!milliseconds) return unreadable("k6", "state.testRunDurationMs is missing");
  report::Measurement m;
  constexpr std::string_view kOutcome = "outcome_", kAnswered = "answered_";
  const Json metrics = json->value("metrics", Json::object());
  for (const auto& [name, metric] : metrics.items()) {
    const std::uint64_t count = count_at(metric, "/values/count");
    if (name == "outcome_ok") {
      m.requests.ok = count;
    } else if (name.starts_with(kOutcome)) {
      add_errors(m, name.substr(kOutcome.size()), count);
    } else if (name.starts_with(kAnswered) && count > 0) {
      m.statuses[name.substr(kAnswered.size())] = count;
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
                         .any_time = true,
                         .requests = true,
                         .mixes = true},
                 .tags = {.resolution_us = 0.001, .checks = "status, body"},
                 .version_arguments = {"version"},
                 .identity = "k6 v",
                 .before_version = "k6 v",
                 .install = "the Go module go.k6.io/k6",
                 .threads_variable = "GOMAXPROCS",
                 .arguments = k6::arguments,
                 .read = k6::read};

}  // namespace poolbench::load
