#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/units.h"

namespace poolbench::cli {
namespace {

constexpr base::Duration kRedrawEvery = std::chrono::milliseconds(200);
constexpr double kMillisecond = 1000;  // in microseconds

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string result_of(const report::Trial& trial) {
  if (trial.status != "ok" || !trial.measurement) {
    const std::string reason = trial.reasons.empty() ? "" : ": " + trial.reasons.front();
    return trial.status + reason;
  }
  std::string text =
      fmt::format("{:.1f} requests/s", trial.measurement->throughput_requests_per_second);
  const auto& latency = trial.measurement->latency_us;
  if (latency.p50) text += fmt::format(", p50 {:.1f} ms", *latency.p50 / kMillisecond);
  if (trial.database.sessions_per_request) {
    text += fmt::format(", {:.2f} sessions/request", *trial.database.sessions_per_request);
  }
  return text;
}

}  // namespace

Progress::~Progress() { erase_live_line(); }

void Progress::note(const std::string& text) {
  erase_live_line();
  fmt::print(stderr, "poolbench: {}\n", text);
}

void Progress::trial_started(std::size_t index) {
  index_ = index;
  trial_since_ = clock_.steady_now();
}

void Progress::phase_started(const std::string& phase) {
  phase_ = phase;
  phase_since_ = clock_.steady_now();
  if (verbose_) {
    erase_live_line();
    fmt::print(stderr, "phase: {}\n", phase);
  }
  draw_live_line();
}

void Progress::under_load() {
  if (clock_.steady_now() - drawn_at_ >= kRedrawEvery) draw_live_line();
}

void Progress::trial_finished(std::size_t index, const report::Trial& trial) {
  const std::size_t cell = plan_.trials[index].cell;
  if (trial.status == "ok" && trial.measurement) {
    rates_[cell].push_back(trial.measurement->throughput_requests_per_second);
  }
  taken_ += clock_.steady_now() - trial_since_;
  estimated_ += run::estimate(scenario_.cells[cell]);
  erase_live_line();
  fmt::print(stderr, "{}  {}  ({} left)\n", place(index), result_of(trial), time_left(index + 1));
}

void Progress::draw_live_line() {
  if (!terminal_) return;
  drawn_at_ = clock_.steady_now();
  std::string line = fmt::format("{}  {} {:.1f} s", place(index_), phase_,
                                 base::to_seconds(drawn_at_ - phase_since_));
  const auto rates = rates_.find(plan_.trials[index_].cell);
  if (rates != rates_.end()) {
    line += fmt::format("  {:.0f} requests/s so far", median(rates->second));
  }
  fmt::print(stderr, "\r\x1b[K{}  {} left", line, time_left(index_));
  std::fflush(stderr);
}

void Progress::erase_live_line() const {
  if (!terminal_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

std::string Progress::place(std::size_t index) const {
  const run::PlannedTrial& trial = plan_.trials[index];
  const std::string total = std::to_string(plan_.trials.size());
  return fmt::format("[{:>{}}/{}] block {}/{}  {}", index + 1, total.size(), total, trial.block + 1,
                     scenario_.design.blocks, scenario_.cells[trial.cell].id);
}

std::string Progress::time_left(std::size_t first) const {
  const base::Duration planned = run::estimate(scenario_, plan_, first);
  const double pace = estimated_.count() > 0 ? static_cast<double>(taken_.count()) /
                                                   static_cast<double>(estimated_.count())
                                             : 1.0;
  return base::approximate_duration(
      base::Duration(static_cast<std::int64_t>(static_cast<double>(planned.count()) * pace)));
}

}  // namespace poolbench::cli
