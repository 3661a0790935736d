#include "run/monitor.h"

#include <algorithm>

#include "probe/tree_usage.h"

namespace poolbench::run {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{100};
constexpr int kMemoryEverySamples = 5;
constexpr const char* kShared =
    "the trials that take turns share PostgreSQL's processes: whose it is cannot be told";
constexpr const char* kExternal = "an external PostgreSQL: its processes cannot be seen from here";

}  // namespace

void Monitor::begin() {
  host_before_ = probe::read_host_counters(*clock_);
  counters_before_ = session_->read_counters(watched_.database);
  if (target_is_seen()) target_cpu_before_ = probe::tree_cpu_seconds(watched_.target);
  if (postgres_is_ours()) postgres_cpu_before_ = probe::tree_cpu_seconds(*watched_.postgres);
  has_begun_ = true;
  const base::Duration interval = watched_.turns ? watched_.turns->round() : kSampleEvery;
  database_.connections_interval_ms =
      static_cast<int>(std::chrono::round<std::chrono::milliseconds>(interval).count());
  next_sample_ = due_after(clock_->steady_now());
}

// In turns: when our load is on, and nothing is measured.
base::SteadyTime Monitor::due_after(base::SteadyTime time) const {
  const auto next = time + kSampleEvery;
  return watched_.turns ? watched_.turns->next_turn(next) + watched_.turns->lead() / 2 : next;
}

void Monitor::sample() {
  next_sample_ = due_after(clock_->steady_now());
  if (has_ended_) return;
  sample_connections();
  if (samples_++ % kMemoryEverySamples == 0) sample_memory();
}

void Monitor::sample_connections() {
  if (!sampling_failure_.empty()) return;
  const auto connections = session_->count_connections(watched_.database);
  if (!connections) {
    sampling_failure_ = connections.error().message;
    return;
  }
  database_.connections_series.push_back(*connections);
  database_.peak_connections = std::max(database_.peak_connections.value_or(0), *connections);
}

void Monitor::sample_memory() {
  if (target_is_seen()) {
    target_rss_peak_ = std::max(target_rss_peak_, probe::tree_rss_bytes(watched_.target));
  }
  if (postgres_is_ours()) {
    postgres_rss_peak_ = std::max(postgres_rss_peak_, probe::tree_rss_bytes(*watched_.postgres));
  }
}

void Monitor::end(report::Trial& trial) {
  has_ended_ = true;
  if (target_is_seen()) {
    trial.cpu_seconds.target = probe::tree_cpu_seconds(watched_.target) - target_cpu_before_;
  } else {
    trial.missing.emplace_back("cpu_seconds.target", watched_.target_unseen);
    trial.missing.emplace_back("peak_rss_bytes.target", watched_.target_unseen);
    trial.warnings.push_back("the target's CPU time and memory are not known: " +
                             watched_.target_unseen);
  }
  if (postgres_is_ours()) {
    trial.cpu_seconds.postgres = probe::tree_cpu_seconds(*watched_.postgres) - postgres_cpu_before_;
  } else {
    const char* const why = watched_.postgres ? kShared : kExternal;
    trial.missing.emplace_back("cpu_seconds.postgres", why);
    trial.missing.emplace_back("peak_rss_bytes.postgres", why);
  }
  end_database(trial);
  trial.host = probe::host_evidence(host_before_, probe::read_host_counters(*clock_));
  sample_memory();
  if (target_is_seen()) trial.peak_rss_bytes.target = target_rss_peak_;
  if (postgres_is_ours()) trial.peak_rss_bytes.postgres = postgres_rss_peak_;
}

void Monitor::end_database(report::Trial& trial) {
  const auto counters_after = session_->read_counters(watched_.database);
  sample_connections();
  if (counters_before_ && counters_after) {
    database_.sessions_opened = counters_after->sessions - counters_before_->sessions;
  } else {
    const auto& error = counters_before_ ? counters_after.error() : counters_before_.error();
    trial.missing.emplace_back("database.sessions_opened", error.message);
  }
  if (!sampling_failure_.empty()) {
    trial.missing.emplace_back("database.peak_connections", sampling_failure_);
  }
  trial.database = database_;
}

}  // namespace poolbench::run
