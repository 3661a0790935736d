#include "load/find_rate.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/units.h"
#include "stats/histogram.h"

namespace poolbench::load {
namespace {

constexpr double kPrecision = 0.02;
// Below the median there is no objective; "p100" would be read as 10.0.
constexpr double kLeastPercent = 50;

// "99" is 0.99, "99.9" and "999" are 0.999, as the report writes it.
base::Result<double> parse_quantile(std::string_view digits) {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool has_point = digits.find('.') != std::string_view::npos;
  if (!has_point && digits.size() > 2) {
    number /= std::pow(10.0, static_cast<double>(digits.size()) - 2);
  }
  if (error != std::errc{} || end != digits.data() + digits.size() || number < kLeastPercent ||
      number >= 100) {
    return base::bad_input("no such quantile");
  }
  return number / 100;
}

}  // namespace

base::Result<Objective> parse_objective(std::string_view text) {
  const auto refuse = [&] {
    return base::bad_input(fmt::format("\"{}\" is not a latency objective", text), {},
                           "write it as p99=50ms");
  };
  const std::size_t equals = text.find('=');
  if (!text.starts_with('p') || equals == std::string_view::npos) return refuse();
  const auto share = parse_quantile(text.substr(1, equals - 1));
  const auto within = base::parse_duration(text.substr(equals + 1));
  if (!share || !within || *within <= base::Duration::zero()) return refuse();
  return Objective{*share, *within};
}

base::Result<double> share_within(const report::Measurement& measurement, base::Duration within) {
  const auto latencies = stats::Histogram::decode(measurement.latency_hdr_v2_base64);
  POOLBENCH_TRY(latencies);
  std::uint64_t planned = measurement.requests.sent;
  if (measurement.details.contains("dropped")) {
    planned += measurement.details["dropped"].get<std::uint64_t>();
  }
  if (planned == 0) return 0;
  const auto limit_us = std::chrono::duration_cast<std::chrono::microseconds>(within).count();
  const auto met = latencies->count_up_to(static_cast<std::uint64_t>(limit_us));
  return static_cast<double>(met) / static_cast<double>(planned);
}

base::Result<FoundRate> find_rate(
    const Options& options, const Objective& objective,
    const std::function<base::Result<report::Measurement>(const Options&)>& measure) {
  FoundRate found;
  Options attempt = options;
  attempt.rate_hz = 0;
  const auto closed = measure(attempt);
  POOLBENCH_TRY(closed);
  found.capacity_hz = closed->throughput_requests_per_second;
  found.closed_loop_limited = closed->generator_limited_reasons;
  attempt.connect_ramp = {};  // of the closed loop alone
  double lowest_bad = found.capacity_hz;
  while (lowest_bad - found.rate_hz > kPrecision * found.capacity_hz) {
    attempt.rate_hz = (found.rate_hz + lowest_bad) / 2;
    const auto measurement = measure(attempt);
    POOLBENCH_TRY(measurement);
    const auto share = share_within(*measurement, objective.within);
    POOLBENCH_TRY(share);
    const bool met = *share >= objective.share;
    found.steps.push_back({attempt.rate_hz, *share, met, measurement->generator_limited_reasons});
    (met ? found.rate_hz : lowest_bad) = attempt.rate_hz;
  }
  return found;
}

}  // namespace poolbench::load
