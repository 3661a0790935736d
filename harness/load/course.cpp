#include "load/course.h"

namespace poolbench::load {

void Course::begin(base::SteadyTime now) {
  began_ = now;
  if (turns_) {
    start_ = turns_->window_start();
    end_ = turns_->window_end();
    return;
  }
  if (by_count() && warmup_ > base::Duration::zero()) return;
  start_ = now + warmup_;
  if (!by_count()) end_ = now + warmup_ + measure_;
}

void Course::interrupt(base::SteadyTime now) {
  interrupted_ = true;
  if (now < end_.load()) end_ = now;
}

std::optional<std::uint64_t> Course::ticket(base::SteadyTime now) {
  if (now >= end_.load() || (turns_ && !turns_->is_ours(now))) return std::nullopt;
  if (by_count()) {
    if (is_holding(now)) return std::nullopt;
    if (now >= start_.load() && given_.fetch_add(1) >= count_) return std::nullopt;
  }
  return next_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace poolbench::load
