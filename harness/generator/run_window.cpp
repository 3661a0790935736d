#include "generator/run_window.h"

namespace poolbench::generator {

void RunWindow::begin(base::SteadyTime now) {
  began_ = now;
  if (turns_) {
    start_ = turns_->window_start();
    end_ = turns_->window_end();
    return;
  }
  if (by_count() && warmup_ > base::Duration::zero()) return;
  open_window(now + warmup_);
}

void RunWindow::open_window(base::SteadyTime now) {
  const bool has_limit = measure_ > base::Duration::zero();
  if (has_limit) end_ = now + measure_;
  start_ = now;
}

void RunWindow::interrupt(base::SteadyTime now) {
  interrupted_ = true;
  if (now < end_.load()) end_ = now;
}

std::optional<std::uint64_t> RunWindow::ticket(base::SteadyTime now) {
  // Its end may lie after this moment, which was a little earlier.
  if (interrupted_.load(std::memory_order_relaxed)) return std::nullopt;
  if (now >= end_.load() || (turns_ && !turns_->is_ours(now))) return std::nullopt;
  if (by_count()) {
    if (is_holding(now)) return std::nullopt;
    if (now >= start_.load() && given_.fetch_add(1) >= count_) return std::nullopt;
  }
  return next_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace poolbench::generator
