#include "generator/open_loop.h"

#include <algorithm>

namespace poolbench::generator {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRest{10};
// Answers, signals and the end of the run wait for no longer.
constexpr std::chrono::milliseconds kLongestBatch{50};
constexpr std::uint64_t kBatchLook = 64;

}  // namespace

OpenLoop::OpenLoop(std::deque<Connection>& connections, RunWindow& window, ThreadStats& stats,
                   Pacer pacer, std::size_t queue_limit)
    : window_(window), tally_(stats), pacer_(pacer), queue_limit_(queue_limit) {
  for (Connection& connection : connections) idle_.push_back(&connection);
}

void OpenLoop::on_batch(base::SteadyTime now) {
  const Window window = window_.window();
  const bool is_too_late = is_behind_ && now >= window.end;
  is_behind_ = false;
  for (std::uint64_t count = 1; pacer_.next() <= now; pacer_.advance(), ++count) {
    const base::SteadyTime due = pacer_.next();
    const auto seq = window_.ticket(due);
    if (!seq) return;
    if (window.holds(due)) {
      tally_.lateness_us.record(ThreadStats::microseconds(now - due));
      if (now >= window.end) ++tally_.overdue;
    }
    if (is_too_late) {
      drop({*seq, due});
    } else {
      plan({*seq, due});
    }
    if (count % kBatchLook != 0 || Clock::now() - now < kLongestBatch) continue;
    pacer_.advance();
    is_behind_ = true;
    return;
  }
}

void OpenLoop::plan(const Planned& planned) {
  if (idle_.empty() && queue_.size() >= queue_limit_) return drop(planned);
  queue_.push_back(planned);
  if (idle_.empty()) return;
  Connection& connection = *idle_.front();
  idle_.pop_front();
  serve(connection);
}

void OpenLoop::drop(const Planned& planned) {
  if (window_.window().holds(planned.time)) ++tally_.dropped;
}

void OpenLoop::serve(Connection& connection) {
  if (queue_.empty()) {
    idle_.push_back(&connection);
    return;
  }
  const Planned planned = queue_.front();
  queue_.pop_front();
  const base::SteadyTime now = std::chrono::steady_clock::now();
  if (connection.begin(planned.seq, planned.time, now) == Connection::Step::kFree) {
    rest(connection, now);
  }
}

void OpenLoop::rest(Connection& connection, base::SteadyTime now) {
  resting_.push_back({&connection, now + kRest});
}

void OpenLoop::on_free(Connection& connection, base::SteadyTime now) {
  if (connection.failed_to_connect()) {
    rest(connection, now);
  } else {
    serve(connection);
  }
}

void OpenLoop::on_tick(base::SteadyTime now) {
  const auto rested = std::partition(resting_.begin(), resting_.end(),
                                     [&](const Resting& each) { return now < each.until; });
  const std::vector<Resting> ready(rested, resting_.end());
  resting_.erase(rested, resting_.end());
  for (const Resting& each : ready) serve(*each.connection);
}

void OpenLoop::give_up() {
  for (const Planned& planned : queue_) drop(planned);
  queue_.clear();
}

}  // namespace poolbench::generator
