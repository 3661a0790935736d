#include "generator/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/time.h"
#include "base/version.h"
#include "report/measurement.h"
#include "report/validity.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

constexpr double kNeverIdle = 0.95;
constexpr double kLittle = 0.95;
// Requests a connection from which on the window's ends matter less than 1 %.
constexpr std::uint64_t kEnoughRounds = 100;

// The clocks of a thread and of the wall are read one after the other.
double share(base::Duration part, base::Duration whole) {
  if (whole <= base::Duration::zero()) return 0;
  return std::clamp(base::to_seconds(part) / base::to_seconds(whole), 0.0, 1.0);
}

// A thread that was never idle kept all of its requests waiting while it waited itself.
std::optional<double> delay_share(const ThreadStats& stats, const LimitEvidence& evidence) {
  if (stats.response_us.count() == 0 || stats.run_delay_us.count() == 0) return std::nullopt;
  const double of_each = std::min(1.0, stats.run_delay_us.mean() / stats.response_us.mean());
  if (evidence.least_idle_thread < kNeverIdle) return of_each;
  return std::max(of_each, evidence.run_delay_ratio);
}

}  // namespace

LimitEvidence limit_evidence(const ThreadStats& stats, const Options& options,
                             base::Duration window, std::span<const ThreadUse> uses) {
  LimitEvidence evidence;
  for (const ThreadUse& use : uses) {
    evidence.least_idle_thread =
        std::max(evidence.least_idle_thread, share(use.cpu + use.run_delay, use.wall));
    evidence.busiest_thread = std::max(evidence.busiest_thread, share(use.cpu, use.wall));
    evidence.run_delay_ratio = std::max(evidence.run_delay_ratio, share(use.run_delay, use.wall));
  }
  evidence.delay_share_of_latency = delay_share(stats, evidence);
  const auto connections = static_cast<std::uint64_t>(options.connections);
  if (options.rate_hz > 0) {
    const auto planned = static_cast<double>(stats.sent() + stats.dropped);
    if (planned > 0) {
      evidence.achieved_ratio =
          1 - static_cast<double>(std::max(stats.dropped, stats.overdue)) / planned;
    }
  } else if (stats.sent() >= kEnoughRounds * connections) {
    evidence.little_ratio = share(stats.in_progress / options.connections, window);
  }
  return evidence;
}

std::vector<std::string> limit_reasons(const LimitEvidence& evidence) {
  if (evidence.busiest_thread >= kBusyShare) {
    return {
        fmt::format("a thread of the generator was {:.0f} % busy", 100 * evidence.busiest_thread)};
  }
  if (evidence.busiest_thread < kHalfBusyShare) return {};
  std::vector<std::string> reasons;
  const auto add_if = [&](bool condition, const std::string& text) {
    if (!condition) return;
    reasons.push_back(fmt::format("{}, and a thread of the generator was {:.0f} % busy", text,
                                  100 * evidence.busiest_thread));
  };
  add_if(evidence.least_idle_thread >= kNeverIdle,
         fmt::format("the generator was never idle: it waited {:.0f} % of the time for a processor",
                     100 * evidence.run_delay_ratio));
  add_if(evidence.little_ratio.value_or(1) < kLittle,
         fmt::format("only {:.1f} % of the connections had a request in progress on average",
                     100 * evidence.little_ratio.value_or(1)));
  add_if(evidence.achieved_ratio.value_or(1) < kLeastOfRate,
         fmt::format("only {:.1f} % of the planned requests were sent in time",
                     100 * evidence.achieved_ratio.value_or(1)));
  return reasons;
}

std::string idle_connections_text(const LimitEvidence& evidence) {
  if (evidence.little_ratio.value_or(1) >= kLittle || evidence.busiest_thread >= kHalfBusyShare) {
    return {};
  }
  return fmt::format(
      "only {:.1f} % of the connections had a request in progress on average, although the "
      "generator was only {:.0f} % busy",
      100 * *evidence.little_ratio, 100 * evidence.busiest_thread);
}

namespace {

using base::Json;

// Delayed acknowledgements hold the rest of an answer back for 40 ms on Linux.
constexpr double kDelayedAckLowUs = 39'500;
constexpr double kDelayedAckHighUs = 44'500;

// Of all requests; fewer do not move a figure.
constexpr double kManyRetries = 0.01;

// All requests of a window by count have ended within it.
bool has_whole_count(const Totals& totals, const Options& options) {
  const ThreadStats& stats = totals.stats;
  return options.request_count > 0 && stats.sent() + stats.dropped >= options.request_count &&
         stats.last_ended <= totals.window.end;
}

// By count the window ends with the last answer, unless its time was up or it was interrupted.
Window actual_window(const Totals& totals, const Options& options) {
  Window window = totals.window;
  const ThreadStats& stats = totals.stats;
  if (stats.sent() == 0) window.end = window.start;
  if (has_whole_count(totals, options)) window = {stats.first_planned, stats.last_ended};
  return window;
}

std::uint64_t answered(const ThreadStats& stats) {
  return std::accumulate(stats.statuses.begin(), stats.statuses.end(), std::uint64_t{0});
}

std::map<std::string, std::uint64_t> errors_of(
    const std::array<std::uint64_t, kOutcomeNames.size()>& outcomes) {
  std::map<std::string, std::uint64_t> errors;
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    if (outcomes[i] > 0) errors[std::string(kOutcomeNames[i])] = outcomes[i];
  }
  return errors;
}

void add_counts(const ThreadStats& stats, report::Measurement& m) {
  m.requests.sent = stats.sent();
  m.requests.carried_over = stats.carried_over;
  m.requests.ended_in_window = stats.ended_in_window;
  m.requests.retried_on_fresh_connection = stats.retried;
  m.requests.ok = stats.ok();
  m.requests.errors = errors_of(stats.outcomes);
  for (std::size_t status = 0; status < stats.statuses.size(); ++status) {
    if (stats.statuses[status] > 0) m.statuses[std::to_string(status)] = stats.statuses[status];
  }
  m.bytes_received = stats.bytes;
  m.first_error = stats.first_error;
}

report::OwnDelays own_delays(const ThreadStats& stats) {
  return {report::quantiles_of(stats.lateness_us), report::quantiles_of(stats.run_delay_us)};
}

Json plain(const report::Quantiles& quantiles) {
  Json json = {{"count", quantiles.count}};
  const auto add = [&](const char* name, std::optional<double> value) {
    if (value) json[name] = *value;
  };
  add("mean", quantiles.mean);
  add("p50", quantiles.p50);
  add("p90", quantiles.p90);
  add("p99", quantiles.p99);
  add("max", quantiles.max);
  return json;
}

Json details(const Totals& totals, const Options& options, const LimitEvidence& evidence) {
  const ThreadStats& stats = totals.stats;
  Json json;
  json["tags"] = to_json(kNativeTags);
  if (options.rate_hz > 0) json["tags"]["coordinated_omission"] = "none";
  json["connections"] = options.connections;
  json["threads"] = options.threads;
  json["requests_per_connection"] =
      options.requests_per_connection == 0 ? Json(nullptr) : Json(options.requests_per_connection);
  json["connects"] = {{"tried", stats.connects}, {"made", stats.connect_us.count()}};
  json["warmup_requests"] = stats.before;
  const bool aborts = totals.interrupted || (options.request_count == 0 && !options.drain);
  json["at_the_end"] = aborts ? "aborted" : "drained";
  json["interrupted"] = totals.interrupted;
  json["service_us"] = plain(report::quantiles_of(stats.service_us));
  json["busiest_thread_ratio"] = evidence.busiest_thread;
  json["run_delay_ratio"] = evidence.run_delay_ratio;
  if (evidence.little_ratio) json["little_ratio"] = *evidence.little_ratio;
  if (options.rate_hz > 0) {
    json["rate_requests_per_second"] = options.rate_hz;
    json["arrivals"] = options.arrivals == Arrivals::kPoisson ? "poisson" : "constant";
    json["dropped"] = stats.dropped;
  }
  json.update(report::to_json(own_delays(stats)));
  return json;
}

// From the first byte of an answer to its last. A server that is merely slow, or saturated, has all
// of its answer ready at once.
double usual_gap_us(const ThreadStats& stats) {
  if (stats.service_us.count() == 0) return 0;
  const auto median = [](const stats::Histogram& times) {
    return static_cast<double>(times.value_at_quantile(0.5));
  };
  return median(stats.service_us) - median(stats.first_byte_us);
}

std::string retries_text(const ThreadStats& stats) {
  if (static_cast<double>(stats.retried) > kManyRetries * static_cast<double>(stats.sent())) {
    return fmt::format(
        "the server closed kept connections before the first byte of an answer: more than {:g} % "
        "of "
        "the requests were sent again on a fresh connection, and their latency holds both. Unless "
        "it limits requests or idle time, see its log",
        100 * kManyRetries);
  }
  if (stats.retried == 0) return {};
  return "the server closed a kept connection before the first byte of an answer, now and then: "
         "such a request was sent again on a fresh connection "
         "(requests.retried_on_fresh_connection). Unless it limits requests or idle time, see its "
         "log";
}

std::vector<std::string> warnings_of(const Totals& totals, const Options& options,
                                     const report::Measurement& m, const LimitEvidence& evidence) {
  const ThreadStats& stats = totals.stats;
  std::vector<std::string> warnings;
  if (report::busy_machine(m) == report::Busy::kWorthAWarning) {
    warnings.push_back(report::busy_machine_text(m));
  }
  // Those that cannot connect pause in between.
  if (auto idle = idle_connections_text(evidence); !idle.empty() && m.requests.failed() == 0) {
    warnings.push_back(std::move(idle));
  }
  if (stats.sent() + stats.dropped < options.request_count && !totals.interrupted) {
    warnings.push_back(fmt::format("not all of the {} requests were sent: {} were up",
                                   options.request_count, base::format_duration(options.measure)));
  }
  if (stats.dropped > 0) {
    warnings.push_back(fmt::format(
        "{} planned requests were dropped, since the queue was full or the generator had fallen "
        "behind: the latencies are too good",
        stats.dropped));
  }
  if (const double gap = usual_gap_us(stats); gap >= kDelayedAckLowUs && gap <= kDelayedAckHighUs) {
    warnings.push_back(fmt::format(
        "answers usually end {:.1f} ms after their first byte, which is what a delayed "
        "acknowledgement costs: see whether the server sends its answer in several small writes "
        "without TCP_NODELAY",
        gap / 1000));
  }
  if (auto retries = retries_text(stats); !retries.empty()) warnings.push_back(std::move(retries));
  const std::uint64_t clamped = stats.response_us.clamped();
  if (clamped > 0) warnings.push_back(fmt::format("{} latencies were above one hour", clamped));
  if (answered(stats) == 0 && m.requests.sent > 0) {
    warnings.emplace_back("the server answered no request at all");
  }
  return warnings;
}

// Kinds of one name are one endpoint.
std::map<std::string, report::EndpointFigures> endpoints_of(const ThreadStats& stats,
                                                            const Options& options,
                                                            const report::OwnDelays& delays,
                                                            double seconds) {
  std::map<std::string, KindStats> by_name;
  for (std::size_t i = 0; i < stats.kinds.size(); ++i) {
    by_name[options.requests[i].name].merge(stats.kinds[i]);
  }
  std::map<std::string, report::EndpointFigures> endpoints;
  for (const auto& [name, kind] : by_name) {
    report::EndpointFigures& figures = endpoints[name];
    figures.sent = std::accumulate(kind.outcomes.begin(), kind.outcomes.end(), std::uint64_t{0});
    figures.ok = kind.outcomes.front();
    figures.errors = errors_of(kind.outcomes);
    if (seconds > 0) {
      figures.throughput_requests_per_second = static_cast<double>(kind.arrived) / seconds;
    }
    figures.latency_us = report::quantiles_of(kind.response_us);
    figures.withheld = report::withhold_explained(figures.latency_us, delays);
  }
  return endpoints;
}

}  // namespace

report::Measurement summarise(const Totals& totals, const Options& options) {
  const ThreadStats& stats = totals.stats;
  const Window window = actual_window(totals, options);
  const base::Duration length = window.measured_until(window.end);
  report::Measurement m;
  m.generator = "native";
  m.generator_version = base::kVersion;
  m.loop = options.rate_hz > 0 ? "open" : "closed";
  m.measured_seconds = base::to_seconds(length);
  add_counts(stats, m);
  m.latency_us = report::quantiles_of(stats.response_us);
  m.latency_hdr_v2_base64 = stats.response_us.encode();
  m.connect_us = report::quantiles_of(stats.connect_us);
  m.time_to_first_byte_us = report::quantiles_of(stats.first_byte_us);
  m.series_interval_ms = static_cast<int>(ThreadStats::kInterval.count());
  m.series_requests = stats.series;
  const auto intervals =
      (length + ThreadStats::kInterval - base::Duration(1)) / ThreadStats::kInterval;
  m.series_requests.resize(std::max(m.series_requests.size(), static_cast<std::size_t>(intervals)));
  const auto arrived = std::accumulate(stats.series.begin(), stats.series.end(), std::uint64_t{0});
  if (m.measured_seconds > 0) {
    m.throughput_requests_per_second = static_cast<double>(arrived) / m.measured_seconds;
  }
  m.generator_cpu_seconds = base::to_seconds(totals.cpu);
  m.generator_peak_rss_bytes = totals.peak_rss_bytes;
  const LimitEvidence evidence = limit_evidence(stats, options, length, totals.uses);
  m.generator_limited_reasons = limit_reasons(evidence);
  m.generator_limited = !m.generator_limited_reasons.empty();
  m.generator_delay_ratio = evidence.delay_share_of_latency;
  m.details = details(totals, options, evidence);
  const report::OwnDelays delays = own_delays(stats);
  m.withheld = report::withhold_explained(m.latency_us, delays);
  m.endpoints = endpoints_of(stats, options, delays, m.measured_seconds);
  // From when it was sent, not from when it was to be.
  m.withheld_first_byte =
      report::withhold_explained(m.time_to_first_byte_us, {{}, delays.run_delay});
  m.warnings = warnings_of(totals, options, m, evidence);
  return m;
}

}  // namespace poolbench::generator
