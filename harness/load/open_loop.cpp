#include "load/open_loop.h"

#include <algorithm>

namespace poolbench::load {
namespace {

constexpr std::chrono::milliseconds kRest{10};

}  // namespace

OpenLoop::OpenLoop(std::deque<Connection>& connections, Course& course, Tally& tally, Pacer pacer,
                   std::size_t queue_limit)
    : course_(course), tally_(tally), pacer_(pacer), queue_limit_(queue_limit) {
  for (Connection& connection : connections) idle_.push_back(&connection);
}

void OpenLoop::on_batch(base::SteadyTime now) {
  const Window window = course_.window();
  for (; pacer_.next() <= now; pacer_.advance()) {
    const base::SteadyTime due = pacer_.next();
    const auto seq = course_.ticket(due);
    if (!seq) return;
    if (window.holds(due)) {
      tally_.lateness_us.record(Tally::microseconds(now - due));
      if (now >= window.end) ++tally_.overdue;
    }
    plan({*seq, due});
  }
}

void OpenLoop::plan(const Planned& planned) {
  if (idle_.empty() && queue_.size() >= queue_limit_) {
    if (course_.window().holds(planned.time)) ++tally_.dropped;
    return;
  }
  queue_.push_back(planned);
  if (idle_.empty()) return;
  Connection& connection = *idle_.front();
  idle_.pop_front();
  serve(connection);
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
  const Window window = course_.window();
  for (const Planned& planned : queue_) {
    if (window.holds(planned.time)) ++tally_.dropped;
  }
  queue_.clear();
}

}  // namespace poolbench::load
