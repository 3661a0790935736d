#include "run/schedule.h"

#include <algorithm>
#include <utility>

#include "run/pilots.h"
#include "run/plan.h"

namespace poolbench::run {
namespace {

constexpr int kBlocksAtATime = 2;

}  // namespace

Schedule::Schedule(const scenario::Scenario& scenario, std::uint64_t seed, HalfWidth half_width)
    : scenario_(scenario),
      seed_(seed),
      ask_half_width_(std::move(half_width)),
      planned_(scenario.design.blocks) {
  for (std::size_t cell = 0; cell < scenario.cells.size(); ++cell) {
    if (scenario.cells[cell].load.warmup_by_pilots) pilots_.push_back(cell);
  }
  piloting_ = !pilots_.empty();
}

std::optional<PlannedTrial> Schedule::next() {
  if (!stopped_.empty()) return std::nullopt;
  if (piloting_ && position_ == pilots_.size()) {
    piloting_ = false;
    position_ = 0;
  }
  if (piloting_) {
    return PlannedTrial{0, static_cast<int>(position_), pilots_[position_], true};
  }
  while (position_ == order_.size()) {
    if (!wants_a_block()) return std::nullopt;
    begin_block();
    if (order_.empty()) ++completed_;
  }
  return PlannedTrial{block_, static_cast<int>(position_), order_[position_], false, attempt_};
}

std::vector<PlannedTrial> Schedule::rest_of_block() const {
  std::vector<PlannedTrial> rest;
  for (std::size_t i = position_; i < order_.size(); ++i) {
    rest.push_back({block_, static_cast<int>(i), order_[i], false, attempt_});
  }
  return rest;
}

void Schedule::begin_block() {
  order_ = order_of(++block_);
  position_ = 0;
}

std::vector<std::size_t> Schedule::order_of(int block) const {
  auto order = block_order(seed_, block, scenario_.cells.size());
  std::erase_if(order, [this](std::size_t cell) { return left_out_.contains(cell); });
  return order;
}

void Schedule::finished(bool disturbed, std::size_t trials) {
  done_ += trials;
  if (attempt_ > 0) rerun_ += trials;
  if (disturbed && !piloting_ && attempt_ < kMostAgain) {
    ++attempt_;
    return;
  }
  attempt_ = 0;
  position_ += trials;
  if (!piloting_ && position_ == order_.size()) ++completed_;
}

bool Schedule::wants_a_block() {
  if (completed_ < planned_) return true;
  if (!scenario_.design.precision) {
    stopped_ = "blocks";
    return false;
  }
  if (!more_for_precision()) return false;
  planned_ = std::min(planned_ + kBlocksAtATime, scenario_.design.max_blocks);
  return true;
}

bool Schedule::more_for_precision() {
  width_ = ask_half_width_();
  if (width_ && *width_ <= *scenario_.design.precision) {
    stopped_ = "precision";
  } else if (planned_ >= scenario_.design.max_blocks) {
    stopped_ = "max_blocks";
  } else {
    return true;
  }
  return false;
}

std::optional<std::size_t> Schedule::cell_after() const {
  const std::size_t after = position_ + 1;
  if (piloting_ && after < pilots_.size()) return pilots_[after];
  if (!piloting_ && after < order_.size()) return order_[after];
  const auto next_order = block_after();
  if (next_order.empty()) return std::nullopt;
  return next_order.front();
}

std::vector<std::size_t> Schedule::block_after() const {
  const bool last = !piloting_ && completed_ + 1 >= planned_ && !scenario_.design.precision;
  return last ? std::vector<std::size_t>{} : order_of(block_ + 1);
}

Outlook Schedule::outlook() const {
  Outlook outlook;
  outlook.done = done_;
  const auto add = [&](const scenario::Cell& cell) {
    ++outlook.left;
    outlook.time += estimate(cell);
  };
  const auto& cells = scenario_.cells;
  const std::size_t pilots_done = piloting_ ? position_ : pilots_.size();
  for (std::size_t i = pilots_done; i < pilots_.size(); ++i) add(pilot_of(cells[pilots_[i]]));
  const std::size_t in_block = piloting_ ? order_.size() : position_;
  for (std::size_t i = in_block; i < order_.size(); ++i) add(cells[order_[i]]);
  const int begun = in_block < order_.size() ? 1 : 0;
  for (int block = completed_ + begun; block < planned_; ++block) {
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      if (!left_out_.contains(cell)) add(cells[cell]);
    }
  }
  outlook.blocks = planned_;
  return outlook;
}

}  // namespace poolbench::run
