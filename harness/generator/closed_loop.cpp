#include "generator/closed_loop.h"

namespace poolbench::generator {
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

}  // namespace poolbench::generator
