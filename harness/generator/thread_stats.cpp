#include "generator/thread_stats.h"

#include <algorithm>
#include <numeric>

namespace poolbench::generator {

std::uint64_t ThreadStats::microseconds(base::Duration duration) {
  constexpr std::int64_t kHalf = 500;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, (duration.count() + kHalf) / 1000));
}

void ThreadStats::add(const Sample& sample, const Window& window) {
  const bool good = sample.outcome == Outcome::kOk;
  if (good && window.holds(sample.ended)) {
    const auto interval = static_cast<std::size_t>(window.measured_until(sample.ended) / kInterval);
    if (interval >= series.size()) series.resize(interval + 1);
    ++series[interval];
    if (!kinds.empty()) ++kinds[sample.kind].arrived;
  }
  if (sample.ended >= window.start && (window.turns != nullptr || sample.ended < window.end)) {
    ++ended_in_window;
  }
  if (!window.holds(sample.planned)) {
    if (sample.planned < window.start) ++before;
    if (sample.planned < window.end && sample.ended >= window.start) ++carried_over;
    return;
  }
  const auto outcome = static_cast<std::size_t>(sample.outcome);
  ++outcomes[outcome];
  if (!kinds.empty()) ++kinds[sample.kind].outcomes[outcome];
  if (sample.status > 0) ++statuses[static_cast<std::size_t>(sample.status) % kStatuses];
  bytes += sample.bytes;
  in_progress += sample.ended - sample.planned;
  first_planned = std::min(first_planned, sample.planned);
  last_ended = std::max(last_ended, sample.ended);
  if (!good) return;
  const std::uint64_t response = microseconds(sample.ended - sample.planned);
  response_us.record(response);
  if (!kinds.empty()) kinds[sample.kind].response_us.record(response);
  service_us.record(microseconds(sample.ended - sample.sent));
  first_byte_us.record(microseconds(sample.first_byte - sample.sent));
}

std::uint64_t ThreadStats::sent() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

void ThreadStats::merge(const ThreadStats& other) {
  const auto add_all = [](auto& ours, const auto& theirs) {
    std::transform(theirs.begin(), theirs.end(), ours.begin(), ours.begin(), std::plus<>());
  };
  add_all(outcomes, other.outcomes);
  add_all(statuses, other.statuses);
  if (series.size() < other.series.size()) series.resize(other.series.size());
  add_all(series, other.series);
  if (kinds.size() < other.kinds.size()) kinds.resize(other.kinds.size());
  for (std::size_t i = 0; i < other.kinds.size(); ++i) {
    add_all(kinds[i].outcomes, other.kinds[i].outcomes);
    kinds[i].arrived += other.kinds[i].arrived;
    kinds[i].response_us.merge(other.kinds[i].response_us);
  }
  bytes += other.bytes;
  before += other.before;
  carried_over += other.carried_over;
  ended_in_window += other.ended_in_window;
  dropped += other.dropped;
  connects += other.connects;
  retried += other.retried;
  response_us.merge(other.response_us);
  service_us.merge(other.service_us);
  first_byte_us.merge(other.first_byte_us);
  connect_us.merge(other.connect_us);
  lateness_us.merge(other.lateness_us);
  run_delay_us.merge(other.run_delay_us);
  overdue += other.overdue;
  in_progress += other.in_progress;
  first_planned = std::min(first_planned, other.first_planned);
  last_ended = std::max(last_ended, other.last_ended);
  if (other.first_error_at < first_error_at) {
    first_error_at = other.first_error_at;
    first_error = other.first_error;
  }
}

}  // namespace poolbench::generator
