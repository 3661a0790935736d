#include "run/schedule.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "generator/request.h"
#include "generator/turns.h"
#include "scenario/target/target_file.h"
#include "service/login.h"

namespace poolbench::run {
namespace {

constexpr int kBlocksAtATime = 2;
constexpr base::Duration kPilotLength = std::chrono::seconds(10);
constexpr base::Duration kStartAndStop = std::chrono::milliseconds(1500);
constexpr base::Duration kLogin = std::chrono::milliseconds(100);  // hashing a password is slow

/// Unbiased number in [0, bound): std::uniform_int_distribution differs between libraries.
std::uint64_t below(std::mt19937_64& generator, std::uint64_t bound) {
  const std::uint64_t rejected_from = generator.max() - generator.max() % bound;
  std::uint64_t number = generator();
  while (number >= rejected_from) number = generator();
  return number % bound;
}

}  // namespace

std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cells) {
  // seed_seq is specified to the last bit, and blocks with neighbouring numbers have nothing in
  // common.
  std::seed_seq numbers{seed & 0xffffffffU, seed >> 32U, static_cast<std::uint64_t>(block)};
  std::mt19937_64 generator(numbers);
  std::vector<std::size_t> order(cells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = cells; left > 1; --left) {  // Fisher–Yates
    std::swap(order[left - 1], order[below(generator, left)]);
  }
  return order;
}

scenario::Cell pilot_of(const scenario::Cell& cell) {
  scenario::Cell pilot = cell;
  pilot.load.generator = "native";
  pilot.load.warmup = {};
  pilot.load.measure = kPilotLength;
  pilot.load.requests.reset();
  pilot.load.slice.reset();
  return pilot;
}

namespace {

base::Duration login_time(const scenario::Cell& cell) {
  base::Duration time{};
  if (!cell.logs_in()) return time;
  const int rounds = (cell.load.connections - 1) / service::kLoginsAtOnce + 1;
  for (const scenario::LoginSpec& login : cell.target.spec->logins) {
    time += kLogin * (login.for_each_client ? rounds : 1);
  }
  return time;
}

}  // namespace

base::Duration estimate(const scenario::Cell& cell) {
  const base::Duration load = cell.load.warmup + cell.load.measure;
  return kStartAndStop + login_time(cell) + (cell.load.slice ? generator::turn_length(load) : load);
}

TimeEstimate estimate(const scenario::Scenario& scenario, base::Duration data) {
  base::Duration before = data, block{};
  for (const scenario::Cell& cell : scenario.cells) {
    block += estimate(cell);
    if (cell.load.warmup_by_pilots) before += estimate(pilot_of(cell));
  }
  const auto& design = scenario.design;
  const int most = design.precision ? design.max_blocks : design.blocks;
  return {before + design.blocks * block, before + most * block,
          before + most * (1 + kMostAgain) * block};
}

Schedule::Schedule(const scenario::Scenario& scenario, std::uint64_t seed)
    : scenario_(scenario), seed_(seed), planned_(scenario.design.blocks) {
  for (std::size_t cell = 0; cell < scenario.cells.size(); ++cell) {
    if (scenario.cells[cell].load.warmup_by_pilots) pilots_.push_back(cell);
  }
}

bool Schedule::needs_half_width() const {
  const bool in_block = position_ < order_.size();
  if (!scenario_.design.precision || stopped_ || is_piloting() || in_block) return false;
  return completed_ >= planned_ || left_out_.size() == scenario_.cells.size();
}

std::vector<TrialSpec> Schedule::next(std::optional<double> half_width) {
  std::vector<TrialSpec> trials;
  handed_out_ = 0;
  if (stopped_) return trials;
  if (is_piloting()) {
    const std::size_t cell = pilots_[position_in_pilots_];
    trials.push_back({pilot_of(scenario_.cells[cell]), cell, 0,
                      static_cast<int>(position_in_pilots_), true, seed_});
  }
  while (trials.empty() && position_ == order_.size()) {
    if (!wants_a_block(half_width)) return trials;
    begin_block();
    if (order_.empty()) ++completed_;
  }
  if (trials.empty()) {
    const std::size_t end = in_turns() ? order_.size() : position_ + 1;
    for (std::size_t at = position_; at < end; ++at) trials.push_back(trial_at(at));
  }
  handed_out_ = trials.size();
  return trials;
}

TrialSpec Schedule::trial_at(std::size_t position) const {
  const std::size_t cell = order_[position];
  const std::uint64_t seed = generator::scramble(seed_ + static_cast<std::uint64_t>(block_));
  return {scenario_.cells[cell], cell, block_, static_cast<int>(position), false, seed, attempt_};
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

void Schedule::finished(bool disturbed) {
  done_ += handed_out_;
  if (is_piloting()) {
    ++position_in_pilots_;
    return;
  }
  if (attempt_ > 0) rerun_ += handed_out_;
  if (disturbed && attempt_ < kMostAgain) {
    ++attempt_;
    return;
  }
  attempt_ = 0;
  position_ += handed_out_;
  if (position_ == order_.size()) ++completed_;
}

bool Schedule::wants_a_block(std::optional<double> half_width) {
  if (completed_ < planned_) return true;
  if (!scenario_.design.precision) {
    stopped_ = report::Stopped::kBlocks;
    return false;
  }
  if (!more_for_precision(half_width)) return false;
  planned_ = std::min(planned_ + kBlocksAtATime, scenario_.design.max_blocks);
  return true;
}

bool Schedule::more_for_precision(std::optional<double> half_width) {
  width_ = half_width;
  if (width_ && *width_ <= *scenario_.design.precision) {
    stopped_ = report::Stopped::kPrecision;
  } else if (planned_ >= scenario_.design.max_blocks) {
    stopped_ = report::Stopped::kMaxBlocks;
  } else {
    return true;
  }
  return false;
}

std::vector<std::size_t> Schedule::cells_after() const {
  const bool one_by_one = is_piloting() || !in_turns();
  const auto& order = is_piloting() ? pilots_ : order_;
  const std::size_t after = (is_piloting() ? position_in_pilots_ : position_) + 1;
  if (one_by_one && after < order.size()) return {order[after]};
  auto next = block_after();
  if (one_by_one && !next.empty()) next.resize(1);
  return next;
}

std::vector<std::size_t> Schedule::block_after() const {
  const bool last = !is_piloting() && completed_ + 1 >= planned_ && !scenario_.design.precision;
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
  for (std::size_t i = position_in_pilots_; i < pilots_.size(); ++i) {
    add(pilot_of(cells[pilots_[i]]));
  }
  for (std::size_t i = position_; i < order_.size(); ++i) add(cells[order_[i]]);
  const int begun = position_ < order_.size() ? 1 : 0;
  for (int block = completed_ + begun; block < planned_; ++block) {
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      if (!left_out_.contains(cell)) add(cells[cell]);
    }
  }
  outlook.blocks = planned_;
  return outlook;
}

bool TimeLimit::allows(base::Duration estimate) const {
  const auto left = this->left();
  if (!left) return true;
  const double pace =
      estimated_.count() > 0 ? base::to_seconds(taken_) / base::to_seconds(estimated_) : 1;
  return base::to_seconds(estimate) * std::max(pace, 1.0) <= base::to_seconds(*left);
}

void TimeLimit::took(base::Duration time, base::Duration estimate) {
  taken_ += time;
  estimated_ += estimate;
}

std::optional<base::Duration> TimeLimit::left() const {
  if (!most_) return std::nullopt;
  return std::max(base::Duration{}, *most_ - (clock_.steady_now() - began_));
}

}  // namespace poolbench::run
