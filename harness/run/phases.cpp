#include "run/phases.h"

namespace poolbench::run {

void Phases::begin(const std::string& phase) {
  end();
  running_ = true;
  since_ = part_since_ = clock_->steady_now();
  phases_.push_back({phase, 0, {}});
}

void Phases::part(const std::string& name) {
  const auto now = clock_->steady_now();
  phases_.back().parts.emplace_back(name, base::to_seconds(now - part_since_));
  part_since_ = now;
}

void Phases::end() {
  if (!running_) return;
  running_ = false;
  phases_.back().seconds = base::to_seconds(clock_->steady_now() - since_);
}

}  // namespace poolbench::run
