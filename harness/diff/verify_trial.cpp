#include "diff/verify_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "stats/histogram.h"

namespace poolbench::diff {
namespace {

using report::Measurement;
using report::Quantiles;

void verify_counts(const Measurement& measurement, const std::string& where,
                   std::vector<Finding>& findings) {
  const auto& requests = measurement.requests;
  if (requests.sent != requests.ok + requests.failed()) {
    findings.push_back(
        {where + ".requests", fmt::format("{} sent, but {} ok and {} errors", requests.sent,
                                          requests.ok, requests.failed())});
  }
  if (measurement.measured_seconds <= 0) return;
  const double rate = static_cast<double>(requests.ok) / measurement.measured_seconds;
  if (!nearly_equal(rate, measurement.throughput_requests_per_second)) {
    findings.push_back(
        {where + ".throughput_requests_per_second",
         fmt::format("{}, but {} ok in {} s is {}", measurement.throughput_requests_per_second,
                     requests.ok, measurement.measured_seconds, rate)});
  }
}

void verify_quantiles(const Quantiles& stated, const Quantiles& real, const std::string& where,
                      std::vector<Finding>& findings) {
  using Member = std::optional<double> Quantiles::*;
  static constexpr std::array<std::pair<const char*, Member>, 8> kMembers{
      {{"mean", &Quantiles::mean},
       {"p50", &Quantiles::p50},
       {"p75", &Quantiles::p75},
       {"p90", &Quantiles::p90},
       {"p99", &Quantiles::p99},
       {"p999", &Quantiles::p999},
       {"p9999", &Quantiles::p9999},
       {"max", &Quantiles::max}}};
  for (const auto& [name, member] : kMembers) {
    const auto& said = stated.*member;
    const auto& is = real.*member;
    if (said.has_value() == is.has_value() && (!said || nearly_equal(*said, *is))) continue;
    const auto words = [](const std::optional<double>& value) {
      return value ? fmt::format("{}", *value) : std::string("null");
    };
    findings.push_back({where + "." + name,
                        fmt::format("{}, but the histogram gives {}", words(said), words(is))});
  }
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
  const Quantiles real = report::quantiles_of(*histogram);
  if (real.count != measurement.latency_us.count) {
    findings.push_back({where + ".latency_hdr_v2_base64",
                        fmt::format("holds {} values, but latency_us.count is {}", real.count,
                                    measurement.latency_us.count)});
  }
  verify_quantiles(measurement.latency_us, real, where + ".latency_us", findings);
}

void verify_database(const report::Trial& trial, const std::string& where,
                     std::vector<Finding>& findings) {
  const auto& database = trial.database;
  if (!database.connections_series.empty()) {
    const auto peak =
        *std::max_element(database.connections_series.begin(), database.connections_series.end());
    if (database.peak_connections != peak) {
      findings.push_back({where + ".database.peak_connections",
                          fmt::format("not {}, the largest of connections_series", peak)});
    }
  }
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

}  // namespace

bool nearly_equal(double a, double b) {
  constexpr double kRounding = 1e-9;
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
}

void verify_trial(const report::Trial& trial, const std::string& where,
                  std::vector<Finding>& findings) {
  if (trial.measurement) {
    verify_counts(*trial.measurement, where, findings);
    verify_histogram(*trial.measurement, where, findings);
  }
  verify_database(trial, where, findings);
}

}  // namespace poolbench::diff
