#include "run/metric_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace poolbench::run {
namespace {

std::string name_of(const std::string& worker) {
  return worker.empty() ? std::string("the counter")
                        : fmt::format("the counter of worker {}", base::printable(worker));
}

}  // namespace

base::Result<double> counter_value(const scenario::MetricSpec& metric, const Readings& before,
                                   const Readings& after, const MeasuredWindow& window) {
  if (before.empty()) return base::failed("it was not read before the window");
  double sum = 0, largest = 0;
  for (const auto& [worker, first] : before) {
    const auto last = after.find(worker);
    if (last == after.end() || after.size() != before.size()) {
      return base::failed(
          "the workers that answered after the window are not those before it: one "
          "was restarted, or there are more than ready.worker_param says");
    }
    const double growth = last->second.value - first.value;
    const double seconds = base::to_seconds(last->second.at - first.at);
    if (growth < 0) {
      return base::failed(fmt::format("{} went back from {:g} to {:g} in the window: it was reset",
                                      name_of(worker), first.value, last->second.value));
    }
    if (seconds <= 0) return base::failed("the window was over before the first reading");
    sum += growth / seconds;
    largest = std::max(largest, growth / seconds);
  }
  const double rate = metric.takes_largest ? largest : sum;
  if (metric.per == report::Per::kSecond) return rate * window.turns_in_a_round;
  if (window.worked_on == 0) return base::failed("no request was worked on in the window");
  return rate * window.seconds() / static_cast<double>(window.worked_on);
}

base::Result<GaugeValues> gauge_values(const std::vector<double>& samples) {
  if (samples.empty()) return base::failed("the window was too short for a sample");
  const double sum = std::accumulate(samples.begin(), samples.end(), 0.0);
  return GaugeValues{sum / static_cast<double>(samples.size()), std::ranges::max(samples)};
}

}  // namespace poolbench::run
