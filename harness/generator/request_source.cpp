#include "generator/request_source.h"

#include <algorithm>
#include <cmath>

#include "generator/request.h"

namespace poolbench::generator {

Pacer::Pacer(double rate_hz, Arrivals arrivals, std::uint64_t seed, base::SteadyTime first)
    : mean_gap_ns_(1e9 / rate_hz), arrivals_(arrivals), seed_(seed), first_(first), next_(first) {
  if (arrivals == Arrivals::kPoisson) advance();
}

void Pacer::advance() {
  ++count_;
  // From the start each time, so that rounding never adds up.
  const bool poisson = arrivals_ == Arrivals::kPoisson;
  if (poisson) elapsed_ns_ += random_gap_ns();
  const double ns = poisson ? elapsed_ns_ : static_cast<double>(count_) * mean_gap_ns_;
  next_ = first_ + base::Duration(std::llround(ns));
}

double Pacer::random_gap_ns() {
  constexpr double kTwoTo53 = 9007199254740992.0;
  const double uniform = static_cast<double>(scramble(seed_ + count_) >> 11) / kTwoTo53;
  return -std::log1p(-uniform) * mean_gap_ns_;
}

namespace {

// A server that is not there answers within microseconds: without a pause we would only measure how
// fast the kernel can refuse.
constexpr std::chrono::milliseconds kBackOff{10};

}  // namespace

ClosedLoop::ClosedLoop(std::deque<Connection>& connections, RunWindow& window,
                       const Options& options, int first, int step)
    : connections_(connections), window_(window), not_before_(connections.size()) {
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const auto rank = first + static_cast<int>(i) * step;
    begins_after_.push_back(options.connect_ramp * rank / options.connections);
  }
}

void ClosedLoop::on_free(Connection& connection, base::SteadyTime now) {
  if (connection.failed_to_connect()) {
    not_before_[connection.index()] = now + kBackOff;
    return;
  }
  feed(connection, now);
}

void ClosedLoop::on_tick(base::SteadyTime now) {
  for (Connection& connection : connections_) {
    const std::size_t i = connection.index();
    const bool may_begin = now >= not_before_[i] && now >= window_.began() + begins_after_[i];
    // Each from its own moment: connecting those before it took its time.
    if (may_begin && !connection.is_busy()) feed(connection, std::chrono::steady_clock::now());
  }
}

void ClosedLoop::feed(Connection& connection, base::SteadyTime now) {
  const auto seq = window_.ticket(now);
  if (!seq) return;
  // What fails at once is tried again at a later tick, so that it cannot keep us here.
  if (connection.begin(*seq, now, now) == Connection::Step::kFree) {
    not_before_[connection.index()] = now + kBackOff;
  }
}

namespace {

using Clock = std::chrono::steady_clock;
// Answers, signals and the end of the run wait for no longer.
constexpr std::chrono::milliseconds kLongestBatch{50};
constexpr std::uint64_t kBatchLook = 64;

}  // namespace

OpenLoop::OpenLoop(std::deque<Connection>& connections, RunWindow& window, ThreadStats& stats,
                   Pacer pacer, std::size_t queue_limit)
    : window_(window), stats_(stats), pacer_(pacer), queue_limit_(queue_limit) {
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
      stats_.lateness_us.record(ThreadStats::microseconds(now - due));
      if (now >= window.end) ++stats_.overdue;
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
  if (window_.window().holds(planned.time)) ++stats_.dropped;
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
  resting_.push_back({&connection, now + kBackOff});
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
