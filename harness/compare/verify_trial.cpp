#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compare/verify.h"
#include "report/budget.h"
#include "report/measurement.h"
#include "stats/histogram.h"

namespace poolbench::compare {
namespace {

using report::Measurement;
using report::Quantiles;

bool is_native(const Measurement& measurement) { return measurement.generator == "native"; }

/// Good answers that arrived within the window; a tool that does not tell when they did is taken at
/// its word.
std::uint64_t good_within_window(const Measurement& measurement) {
  const auto& series = measurement.series_requests;
  return series.empty() ? measurement.requests.ok
                        : std::accumulate(series.begin(), series.end(), std::uint64_t{0});
}

void verify_rate(const Measurement& measurement, const std::string& where,
                 std::vector<Finding>& findings) {
  const auto& requests = measurement.requests;
  if (measurement.measured_seconds <= 0) return;
  if (measurement.series_requests.empty() && requests.ok > 0 && is_native(measurement)) {
    findings.push_back({where + ".series", "is empty, so that the rate follows from nothing"});
    return;
  }
  const std::uint64_t good = good_within_window(measurement);
  if (requests.ended_in_window && *requests.ended_in_window < good) {
    findings.push_back({where + ".requests.ended_in_window",
                        fmt::format("{}, but {} good answers arrived within the window",
                                    *requests.ended_in_window, good)});
  }
  const double rate = static_cast<double>(good) / measurement.measured_seconds;
  if (!nearly_equal(rate, measurement.throughput_requests_per_second)) {
    findings.push_back({where + ".throughput_requests_per_second",
                        fmt::format("{}, but {} good answers in {} s are {}",
                                    measurement.throughput_requests_per_second, good,
                                    measurement.measured_seconds, rate)});
  }
}

void verify_counts(const Measurement& measurement, const std::string& where,
                   std::vector<Finding>& findings) {
  const auto& requests = measurement.requests;
  if (requests.sent != requests.ok + requests.failed()) {
    findings.push_back(
        {where + ".requests", fmt::format("{} sent, but {} ok and {} errors", requests.sent,
                                          requests.ok, requests.failed())});
  }
  if (requests.ended_in_window.value_or(0) > requests.sent + requests.carried_over) {
    findings.push_back(
        {where + ".requests.ended_in_window",
         fmt::format("{}, but there were {} requests and {} of before the window",
                     *requests.ended_in_window, requests.sent, requests.carried_over)});
  }
}

/// As many intervals as the window has, whole or begun.
void verify_series(const Measurement& measurement, const std::string& where,
                   std::vector<Finding>& findings) {
  if (measurement.series_requests.empty()) return;
  const double intervals =
      measurement.measured_seconds * 1000 / std::max(measurement.series_interval_ms, 1);
  constexpr double kRounding = 1e-6;
  const auto count = static_cast<double>(measurement.series_requests.size());
  if (count >= intervals - kRounding && count < intervals + 1 + kRounding) return;
  findings.push_back({where + ".series",
                      fmt::format("{} intervals of {} ms, but {} s were measured", count,
                                  measurement.series_interval_ms, measurement.measured_seconds)});
}

/// Every good answer and every error named after a status has one; no request has two.
void verify_statuses(const Measurement& measurement, const std::string& where,
                     std::vector<Finding>& findings) {
  if (measurement.statuses.empty()) return;
  const auto& requests = measurement.requests;
  std::uint64_t answers = 0, least = requests.ok;
  for (const auto& [status, count] : measurement.statuses) answers += count;
  for (const auto& [error, count] : requests.errors) {
    if (error.starts_with("status_")) least += count;
  }
  if (answers >= least && answers <= requests.sent) return;
  findings.push_back(
      {where + ".statuses", fmt::format("{} answers, but of {} requests at least {} had one",
                                        answers, requests.sent, least)});
}

/// A quantile is not below a lower one.
void verify_order(const Quantiles& quantiles, const std::string& where,
                  std::vector<Finding>& findings) {
  double highest = 0;
  std::vector<std::optional<double>> rising;
  for (const auto& quantile : report::named_quantiles()) {
    rising.push_back(quantiles.*quantile.member);
  }
  rising.push_back(quantiles.max);
  for (const auto& value : rising) {
    if (!value) continue;
    if (*value < highest) {
      findings.push_back({where, fmt::format("{} lies below a lower quantile", *value)});
      return;
    }
    highest = *value;
  }
}

void verify_quantiles(const Quantiles& stated, const Quantiles& real, const std::string& where,
                      std::vector<Finding>& findings) {
  const auto compare = [&](const char* name, const std::optional<double>& said,
                           const std::optional<double>& is) {
    if (said.has_value() == is.has_value() && (!said || nearly_equal(*said, *is))) return;
    const auto words = [](const std::optional<double>& value) {
      return value ? fmt::format("{}", *value) : std::string("null");
    };
    findings.push_back({where + "." + name,
                        fmt::format("{}, but the histogram gives {}", words(said), words(is))});
  };
  compare("mean", stated.mean, real.mean);
  for (const auto& quantile : report::named_quantiles()) {
    compare(quantile.name, stated.*quantile.member, real.*quantile.member);
  }
  compare("max", stated.max, real.max);
}

void verify_histogram(const Measurement& measurement, const std::string& where,
                      std::vector<Finding>& findings) {
  if (measurement.latency_hdr_v2_base64.empty()) return;  // not every generator has one
  if (measurement.latency_us.count != measurement.requests.ok) {
    findings.push_back({where + ".latency_us.count",
                        fmt::format("{}, but {} requests were ok", measurement.latency_us.count,
                                    measurement.requests.ok)});
  }
  const auto histogram = stats::Histogram::decode(measurement.latency_hdr_v2_base64);
  if (!histogram) {
    findings.push_back({where + ".latency_hdr_v2_base64", histogram.error().message});
    return;
  }
  Quantiles real = report::quantiles_of(*histogram, measurement.latency_us.answers_beyond);
  report::withhold_explained(real, report::own_delays_of(measurement));
  if (real.count != measurement.latency_us.count) {
    findings.push_back({where + ".latency_hdr_v2_base64",
                        fmt::format("holds {} values, but latency_us.count is {}", real.count,
                                    measurement.latency_us.count)});
  }
  verify_quantiles(measurement.latency_us, real, where + ".latency_us", findings);
}

/// What a trial says twice, or of its own phases.
void verify_costs(const report::Trial& trial, const std::string& where,
                  std::vector<Finding>& findings) {
  if (trial.overhead_seconds) {
    const double overhead = report::overhead_seconds(trial.phases);
    if (std::abs(overhead - *trial.overhead_seconds) > 1e-6) {
      findings.push_back(
          {where + ".overhead_seconds",
           fmt::format("{}, but the phases give {}", *trial.overhead_seconds, overhead)});
    }
  }
  if (!trial.measurement) return;
  const auto same = [&](std::optional<double> one, std::optional<double> other, const char* what) {
    if (!one || !other || nearly_equal(*one, *other)) return;
    findings.push_back({where + what, fmt::format("{}, but the generator says {}", *one, *other)});
  };
  const auto& peak = trial.measurement->generator_peak_rss_bytes;
  same(trial.cpu_seconds.generator, trial.measurement->generator_cpu_seconds,
       ".cpu_seconds.generator");
  same(trial.peak_rss_bytes.generator,
       peak ? std::optional(static_cast<double>(*peak)) : std::nullopt,
       ".peak_rss_bytes.generator");
}

/// By its source. What the log told follows from nothing else, but where sessions were opened or
/// seen there was at least one; reports before 1.2 had samples only, and did not say so.
void verify_peak(const report::DatabaseEvidence& database, const std::string& where,
                 std::vector<Finding>& findings) {
  const auto& series = database.connections_series;
  const std::int64_t largest = series.empty() ? 0 : *std::max_element(series.begin(), series.end());
  const auto& source = database.peak_connections_source;
  if (source == report::PeakSource::kLog) {
    const bool any = largest > 0 || database.sessions_opened.value_or(0) > 0;
    if (!any || database.peak_connections.value_or(0) > 0) return;
    findings.push_back({where + ".peak_connections", "not above 0, though there were sessions"});
  } else if (!series.empty() && database.peak_connections != largest) {
    findings.push_back({where + ".peak_connections",
                        fmt::format("not {}, the largest of connections_series", largest)});
  }
}

void verify_database(const report::Trial& trial, const std::string& where,
                     std::vector<Finding>& findings) {
  const auto& database = trial.database;
  verify_peak(database, where + ".database", findings);
  if (!database.sessions_opened || !database.sessions_per_request || !trial.measurement) return;
  const auto sent = static_cast<double>(trial.measurement->requests.worked_on());
  const double ratio = static_cast<double>(*database.sessions_opened) / sent;
  if (sent > 0 && !nearly_equal(ratio, *database.sessions_per_request)) {
    findings.push_back(
        {where + ".database.sessions_per_request",
         fmt::format("{}, but {} sessions for {} requests is {}", *database.sessions_per_request,
                     *database.sessions_opened, sent, ratio)});
  }
}

/// What of the budget follows from the rest of the trial.
void verify_budget(const report::Trial& trial, const std::string& where,
                   std::vector<Finding>& findings) {
  if (!trial.budget) return;
  const report::Budget& budget = *trial.budget;
  const auto same = [&](const char* member, const std::optional<double>& stated,
                        std::optional<double> real, const char* source) {
    constexpr double kRoundingUs = 1e-6;
    if (!stated || !real || nearly_equal(*stated, *real)) return;
    if (std::abs(*stated - *real) <= kRoundingUs) return;  // of a sum near 0
    findings.push_back({fmt::format("{}.budget.{}", where, member),
                        fmt::format("{}, but {} {}", *stated, source, *real)});
  };
  same("unexplained_us", budget.unexplained_us, report::unexplained_us(budget),
       "the total less its parts is");
  if (!trial.measurement) return;
  const report::Measurement& measured = *trial.measurement;
  const double rate = measured.throughput_requests_per_second;
  constexpr double kMicrosecondsPerSecond = 1e6;
  if (budget.of == report::BudgetOf::kLatency) {
    same("total_us", budget.total_us, measured.latency_us.mean, "the mean latency is");
  } else if (budget.serves_at_once && rate > 0) {
    same("total_us", budget.total_us, *budget.serves_at_once / rate * kMicrosecondsPerSecond,
         "serves_at_once and the rate give");
  }
  const auto requests = static_cast<double>(measured.requests.worked_on());
  if (trial.database.statements && requests > 0) {
    same("query_us", budget.query_us, trial.database.statements->execution_us / requests,
         "database.statements gives");
  }
  if (trial.target_run_delay_seconds && requests > 0) {
    same("processor_wait_us", budget.processor_wait_us,
         *trial.target_run_delay_seconds / requests * kMicrosecondsPerSecond,
         "target_run_delay_seconds gives");
  }
}

}  // namespace

bool nearly_equal(double a, double b) {
  constexpr double kRounding = 1e-9;
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
}

void verify_trial(const report::Trial& trial, bool compact, const std::string& where,
                  std::vector<Finding>& findings) {
  if (trial.measurement) {
    const bool has_series = !trial.measurement->series_requests.empty();
    if (compact && has_series) {
      findings.push_back(
          {where + ".series", "is there, though the report says that it is compact"});
    }
    const bool follows = has_series || !compact || !is_native(*trial.measurement);
    verify_counts(*trial.measurement, where, findings);
    if (follows) verify_rate(*trial.measurement, where, findings);
    verify_series(*trial.measurement, where, findings);
    verify_statuses(*trial.measurement, where, findings);
    verify_histogram(*trial.measurement, where, findings);
    verify_order(trial.measurement->connect_us, where + ".connect_us", findings);
    verify_order(trial.measurement->time_to_first_byte_us, where + ".time_to_first_byte_us",
                 findings);
  }
  verify_costs(trial, where, findings);
  verify_database(trial, where, findings);
  verify_budget(trial, where, findings);
}

}  // namespace poolbench::compare
