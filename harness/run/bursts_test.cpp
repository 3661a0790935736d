// What running disturbed trials again in their place does to verdicts, and what it saves against
// giving up whole blocks: by simulation, quoted in docs/method.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/effect.h"
#include "run/adaptation.h"
#include "run/schedule.h"

namespace poolbench::run {
namespace {

constexpr std::size_t kCells = 12;
constexpr int kBlocks = 10;
constexpr const char* kRate = "throughput_requests_per_second";

struct Measured {
  double log_rate = 0, steal = 0;
};

/// A machine whose neighbours come in bursts and take a part of its time, which slows trials more
/// than in proportion. Beside that trials differ by 2 %, and one in twenty is slowed by an
/// exponential of mean 10 %.
class BurstyMachine {
 public:
  /// Mean lengths in seconds.
  BurstyMachine(std::uint64_t seed, double quiet, double burst)
      : random_(seed), quiet_(1 / quiet), burst_(1 / burst), change_(quiet_(random_)) {}

  Measured trial() {
    constexpr double kAround = 2, kWindow = 5;  // seconds
    advance(kAround);
    const double steal = advance(kWindow) / kWindow;
    const double slow = is_slow_(random_) ? slow_(random_) : 0.0;
    return {0.02 * normal_(random_) - slow + 1.3 * std::log1p(-steal), steal};
  }

  [[nodiscard]] double now() const { return now_; }

 private:
  /// Returns the time that was taken meanwhile.
  double advance(double seconds) {
    double taken = 0;
    for (double left = seconds; left > 0;) {
      const double step = std::min(left, change_ - now_);
      taken += in_burst_ ? step * intensity_ : 0;
      now_ += step;
      left -= step;
      if (now_ < change_) continue;
      in_burst_ = !in_burst_;
      intensity_ = share_(random_);
      change_ = now_ + (in_burst_ ? burst_(random_) : quiet_(random_));
    }
    return taken;
  }

  std::mt19937_64 random_;
  std::exponential_distribution<double> quiet_, burst_, slow_{10.0};
  std::normal_distribution<double> normal_;
  std::bernoulli_distribution is_slow_{0.05};
  std::uniform_real_distribution<double> share_{0.05, 0.4};
  double now_ = 0, change_;
  double intensity_ = 0;
  bool in_burst_ = false;
};

constexpr double kMostSteal = 0.02, kSpoilingSteal = 0.2;

/// A run as the runner does it, of cells between which there is no difference.
std::vector<report::CellReport> run_in_place(BurstyMachine& machine, std::uint64_t seed) {
  scenario::Scenario scenario;
  scenario.cells.resize(kCells);
  scenario.design.blocks = kBlocks;
  Schedule schedule(scenario, seed);
  std::vector<report::CellReport> cells(kCells);
  const report::DeclaredMetrics declared;
  Attempts attempts(cells, declared);
  for (auto specs = schedule.next(); !specs.empty(); specs = schedule.next()) {
    const TrialSpec& spec = specs.front();
    const auto [log_rate, steal] = machine.trial();
    const report::Disturbance found{steal > kSpoilingSteal,
                                    steal > kMostSteal ? steal / kMostSteal : 0};
    report::Trial trial;
    trial.block = spec.block;
    trial.attempt = spec.attempt;
    trial.disturbed = static_cast<bool>(found);
    trial.status = found.spoils ? report::TrialStatus::kInvalid : report::TrialStatus::kOk;
    trial.measurement.emplace().throughput_requests_per_second = std::exp(log_rate);
    cells[spec.cell_index].trials.push_back(std::move(trial));
    attempts.ended(specs, found);
    schedule.finished(static_cast<bool>(found));
  }
  return cells;
}

/// How many blocks it takes to have all without a disturbed trial, when a block is given up at the
/// first one.
int run_blocks_again(BurstyMachine& machine) {
  int blocks = 0;
  for (int good = 0; good < kBlocks; ++blocks) {
    bool disturbed = false;
    for (std::size_t i = 0; i < kCells && !disturbed; ++i) {
      disturbed = machine.trial().steal > kMostSteal;
    }
    good += disturbed ? 0 : 1;
  }
  return blocks;
}

struct Outcome {
  double significant = 0, covered = 0, six_pairs = 0;  // per cent of the comparisons
  double disturbed = 0, spoilt = 0;                    // per cent of the trials that stay
  double time = 0;                                     // ÷ that of a run without disturbances
};

Outcome in_place(double quiet, double burst) {
  constexpr int kRuns = 250;
  Outcome outcome;
  double pairs = 0, trials = 0;
  for (int run = 0; run < kRuns; ++run) {
    BurstyMachine machine(static_cast<std::uint64_t>(run), quiet, burst);
    const auto cells = run_in_place(machine, static_cast<std::uint64_t>(run));
    outcome.time += machine.now() / (kBlocks * kCells * 7.0) / kRuns;
    for (const auto& cell : cells) {
      for (const auto& trial : cell.trials) {
        if (trial.status == report::TrialStatus::kSuperseded) continue;
        ++trials;
        outcome.disturbed += trial.disturbed ? 1 : 0;
        outcome.spoilt += trial.status == report::TrialStatus::kInvalid ? 1 : 0;
      }
    }
    for (std::size_t i = 0; i < kCells; i += 2, ++pairs) {
      const auto log_ratios = compare::paired_log_ratios(
          compare::sample_of(cells[i], report::built_in_metric(kRate)),
          compare::sample_of(cells[i + 1], report::built_in_metric(kRate)));
      const auto effect = compare::paired_effect(log_ratios.value());
      outcome.six_pairs += effect.n >= 6 ? 1 : 0;
      outcome.significant += effect.p <= 0.05 ? 1 : 0;
      outcome.covered += !effect.interval_95 || effect.interval_95->contains(0) ? 1 : 0;
    }
  }
  for (double* of_pairs : {&outcome.significant, &outcome.covered, &outcome.six_pairs}) {
    *of_pairs *= 100 / pairs;
  }
  for (double* of_trials : {&outcome.disturbed, &outcome.spoilt}) *of_trials *= 100 / trials;
  return outcome;
}

std::string to_text(const Outcome& outcome) {
  return fmt::format(
      "false positives {:.2f} %, covered {:.2f} %, six pairs {:.2f} %; disturbed {:.2f} %, spoilt "
      "{:.2f} %; time ×{:.3f}",
      outcome.significant, outcome.covered, outcome.six_pairs, outcome.disturbed, outcome.spoilt,
      outcome.time);
}

TEST(Bursts, ThatDisturbOneTrialInFourteenLeaveVerdictsHonestAndCostLittle) {
  const Outcome outcome = in_place(85, 3);
  SCOPED_TRACE(to_text(outcome));
  EXPECT_NEAR(outcome.significant, 5, 1);
  EXPECT_GE(outcome.covered, 94);
  EXPECT_EQ(outcome.six_pairs, 100);
  EXPECT_LE(outcome.time, 1.1);
  double time = 0;
  int without_verdict = 0;
  constexpr int kRuns = 100;
  for (int run = 0; run < kRuns; ++run) {
    BurstyMachine machine(static_cast<std::uint64_t>(run), 85, 3);
    const int blocks = run_blocks_again(machine);
    time += machine.now() / (kBlocks * kCells * 7.0) / kRuns;
    without_verdict += blocks - kBlocks > kBlocks / 4 ? 1 : 0;
  }
  EXPECT_GE(time, 1.4);
  EXPECT_GE(100.0 * without_verdict / kRuns, 95);
}

TEST(Bursts, ThatOutlastThreeAttemptsLeaveVerdictsHonestToo) {
  const Outcome outcome = in_place(60, 25);
  SCOPED_TRACE(to_text(outcome));
  EXPECT_NEAR(outcome.significant, 5, 1);
  EXPECT_GE(outcome.covered, 94);
  EXPECT_GE(outcome.disturbed, 5);
  EXPECT_GE(outcome.spoilt, 0.5);
  EXPECT_GE(outcome.six_pairs, 99);
  EXPECT_LE(outcome.time, 3);
}

}  // namespace
}  // namespace poolbench::run
