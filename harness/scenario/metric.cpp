#include "scenario/metric.h"

namespace poolbench::scenario {

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names{"throughput_requests_per_second",
                                              "latency_p50_us",
                                              "latency_p99_us",
                                              "sessions_per_request",
                                              "peak_connections",
                                              "target_cpu_us_per_request",
                                              "postgres_cpu_us_per_request",
                                              "generator_cpu_us_per_request",
                                              "error_ratio"};
  return names;
}

}  // namespace poolbench::scenario
