#include "scenario/metric.h"

#include <algorithm>
#include <array>

namespace poolbench::scenario {
namespace {

constexpr double kMsPerUs = 0.001;

constexpr std::array kMetrics = {
    Metric{"throughput_requests_per_second", "requests/s", 1, true, false, 0.03},
    Metric{"latency_p50_us", "p50 ms", kMsPerUs, false, false, 0.05},
    Metric{"latency_p75_us", "p75 ms", kMsPerUs, false, false, 0.05},
    Metric{"latency_p90_us", "p90 ms", kMsPerUs, false, false, 0.10},
    Metric{"latency_p95_us", "p95 ms", kMsPerUs, false, false, 0.10},
    Metric{"latency_p99_us", "p99 ms", kMsPerUs, false, false, 0.10},
    Metric{"latency_p999_us", "p99.9 ms", kMsPerUs, false, false, 0.20},
    Metric{"sessions_per_request", "sessions/request", 1, false, false, 0.05, true},
    Metric{"peak_connections", "peak connections", 1, false, true, 0.05, true},
    Metric{"target_cpu_us_per_request", "target CPU µs/request", 1, false, false, 0.05},
    Metric{"postgres_cpu_us_per_request", "PostgreSQL CPU µs/request", 1, false, false, 0.05},
    Metric{"generator_cpu_us_per_request", "generator CPU µs/request", 1, false, false, 0.05},
    Metric{"error_ratio", "errors/request", 1, false, false, 0.10, true},
};

}  // namespace

const Metric* find_metric(const std::string& name) {
  const auto* const found =
      std::ranges::find_if(kMetrics, [&](const Metric& metric) { return metric.name == name; });
  return found == kMetrics.end() ? nullptr : found;
}

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Metric& metric : kMetrics) all.emplace_back(metric.name);
    return all;
  }();
  return names;
}

}  // namespace poolbench::scenario
