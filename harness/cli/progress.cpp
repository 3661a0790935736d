#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "console/output.h"

namespace poolbench::cli {
namespace {

constexpr base::Duration kRedrawEvery = std::chrono::milliseconds(200);
constexpr double kMillisecond = 1000;  // in microseconds

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string rates_of(const report::Trial& trial) {
  std::string text =
      fmt::format("{:.1f} requests/s", trial.measurement->throughput_requests_per_second);
  const auto& latency = trial.measurement->latency_us;
  if (latency.p50) text += fmt::format(", p50 {:.1f} ms", *latency.p50 / kMillisecond);
  if (trial.database.sessions_per_request) {
    text += fmt::format(", {:.2f} sessions/request", *trial.database.sessions_per_request);
  }
  if (trial.disturbed) text += "; disturbed: " + trial.reasons.front();
  return text;
}

}  // namespace

Progress::~Progress() { erase_live_line(); }

void Progress::note(const std::string& text) {
  erase_live_line();
  console::tell("poolbench: {}\n", text);
}

void Progress::trial_started(const run::TrialSpec& trial, const run::Outlook& outlook) {
  if (running_.empty()) {
    told_ = 0;
    outlook_ = outlook;
    running_since_ = clock_.steady_now();
  }
  running_.push_back({trial, run::estimate(trial.cell)});
}

void Progress::phase_started(const std::string& phase) {
  phase_ = phase;
  phase_since_ = clock_.steady_now();
  if (verbose_) {
    erase_live_line();
    console::tell("phase: {}\n", phase);
  }
  draw_live_line();
}

void Progress::under_load() {
  if (clock_.steady_now() - drawn_at_ >= kRedrawEvery) draw_live_line();
}

void Progress::trial_finished(const report::Trial& trial) {
  const Started& ended = running_.front();
  if (trial.status == report::TrialStatus::kOk && trial.measurement && !ended.trial.pilot) {
    rates_[ended.trial.cell.id].push_back(trial.measurement->throughput_requests_per_second);
  }
  told_estimate_ += ended.estimate;
  outlook_.time -= ended.estimate;
  if (running_.size() == 1) {
    taken_ += clock_.steady_now() - running_since_;
    estimated_ = told_estimate_;
  }
  erase_live_line();
  console::tell("{}  {}  ({} left)\n", place(), result_of(trial, ended.trial.cell.id),
                time_left(outlook_.time));
  running_.pop_front();
  ++told_;
}

void Progress::draw_live_line() {
  if (!terminal_ || running_.empty()) return;
  drawn_at_ = clock_.steady_now();
  std::string line =
      fmt::format("{}  {} {:.1f} s", place(), phase_, base::to_seconds(drawn_at_ - phase_since_));
  const auto rates = rates_.find(running_.front().trial.cell.id);
  if (running_.size() == 1 && rates != rates_.end()) {
    line += fmt::format("  {:.0f} requests/s so far", median(rates->second));
  }
  console::steer("\r\x1b[K{}  {} left", base::printable(line), time_left(outlook_.time));
}

void Progress::erase_live_line() const {
  if (terminal_) console::steer("\r\x1b[K");
}

std::string Progress::result_of(const report::Trial& trial, const std::string& cell) {
  if (trial.status == report::TrialStatus::kOk && trial.measurement) return rates_of(trial);
  if (trial.reasons.empty()) return std::string(report::word_of(trial.status));
  const std::string& reason = trial.reasons.front();
  std::string what = base::first_line(reason);
  what.erase(std::min(what.find(';'), what.size()));  // what the first request was differs, too
  std::erase_if(what, [](char c) { return c >= '0' && c <= '9'; });  // counts differ each time
  const bool first = explained_.emplace(cell, what).second;
  return fmt::format("{}: {}", report::word_of(trial.status),
                     first ? reason : base::first_line(reason));
}

std::string Progress::place() const {
  const std::string total = std::to_string(outlook_.done + outlook_.left);
  const Started& first = running_.front();
  const std::string block =
      first.trial.pilot ? "pilot"
                        : fmt::format("block {}/{}", first.trial.block + 1, outlook_.blocks);
  return fmt::format("[{:>{}}/{}] {}  {}{}", outlook_.done + told_ + 1, total.size(), total, block,
                     first.trial.cell.id, first.trial.attempt == 0 ? "" : ", again");
}

std::string Progress::time_left(base::Duration estimated) const {
  const double pace = estimated_.count() > 0 ? static_cast<double>(taken_.count()) /
                                                   static_cast<double>(estimated_.count())
                                             : 1.0;
  return base::approximate_duration(
      base::Duration(static_cast<std::int64_t>(static_cast<double>(estimated.count()) * pace)));
}

}  // namespace poolbench::cli
