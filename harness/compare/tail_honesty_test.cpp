// What ten answers beyond a quantile are worth, by simulation: p99 of a server whose latencies have
// a heavy tail, in trials of a thousand answers (docs/method.md, "How often this is wrong").
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/effect.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

constexpr int kRounds = 4000;
constexpr double kMargin = 0.10;  // of p99

/// Logarithms of the p99 of trials. Latencies are Pareto distributed with index 2, whose variance
/// is infinite; trials differ as those of HonestyTest's machine do.
class HeavyTail {
 public:
  static constexpr double kTruth = 2.302585093;  // ln of the true p99: ½ ln 100

  explicit HeavyTail(std::uint64_t seed) : random_(seed) {}

  /// `together`: so many answers share each slow event, as those that one stall holds up do. The
  /// share of events beyond the one that the histogram gives is Beta distributed, so the others
  /// need not be drawn.
  std::vector<double> trials(std::size_t blocks, int answers, int together = 1) {
    const int events = answers / together;
    const int rank = (answers - answers / 100 + together - 1) / together;
    std::gamma_distribution<double> beyond(events - rank + 1), below(rank);
    std::vector<double> logs(blocks);
    for (double& log : logs) {
      const double slow = beyond(random_);
      log = -0.5 * std::log(slow / (slow + below(random_))) + noise();
    }
    return logs;
  }

 private:
  double noise() { return 0.02 * normal_(random_) + (is_slow_(random_) ? slow_(random_) : 0.0); }

  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::exponential_distribution<double> slow_{10.0};
  std::bernoulli_distribution is_slow_{0.05};
};

struct Rates {
  double covered = 0, significant = 0, called = 0;  ///< of a hundred rounds
  double half_width = 0, off = 0;  ///< of the interval, and the estimate's error: mean, per cent
};

/// Intervals of one cell and comparisons of two equal ones, with so many answers in their trials.
/// The rates are properties of the test, for docs/method.md (--gtest_output=xml:FILE).
Rates simulate(HeavyTail& server, std::size_t blocks, int answers, int others, int together = 1) {
  Rates rates;
  for (int round = 0; round < kRounds; ++round) {
    const auto base = server.trials(blocks, answers, together);
    const auto head = server.trials(blocks, others, together);
    std::vector<double> p99s, differences;
    for (std::size_t block = 0; block < blocks; ++block) {
      p99s.push_back(std::exp(base[block]));
      differences.push_back(head[block] - base[block]);
    }
    const stats::Location location(p99s);
    const auto interval = location.interval(0.95);
    const Effect effect = paired_effect(differences);
    const auto verdict = judge(effect, effect.p, kMargin, report::Better::kLower);
    rates.covered += interval->contains(std::exp(HeavyTail::kTruth)) ? 100.0 / kRounds : 0;
    rates.half_width += 50.0 * (interval->high - interval->low) / location.estimate() / kRounds;
    rates.off += 100.0 * (location.estimate() / std::exp(HeavyTail::kTruth) - 1) / kRounds;
    rates.significant += effect.p <= 0.05 ? 100.0 / kRounds : 0;
    rates.called += verdict == report::Verdict::kImproved || verdict == report::Verdict::kRegressed
                        ? 100.0 / kRounds
                        : 0;
  }
  const auto name =
      fmt::format("blocks_{}_answers_{}_{}_together_{}", blocks, answers, others, together);
  ::testing::Test::RecordProperty(
      name,
      fmt::format("covered {:.1f}, significant {:.1f}, called {:.1f}, "
                  "half-width {:.1f}, off {:.1f}",
                  rates.covered, rates.significant, rates.called, rates.half_width, rates.off));
  return rates;
}

TEST(TailHonestyTest, TenAnswersBeyondP99GiveHonestComparisonsOfCellsAsFastAsEachOther) {
  HeavyTail server(20250708);
  for (const std::size_t blocks : {10U, 15U, 20U}) {
    const Rates rates = simulate(server, blocks, 1000, 1000);
    EXPECT_NEAR(rates.significant, 5, 1) << blocks << " blocks";
    EXPECT_LE(rates.called, 6) << blocks << " blocks";
  }
}

TEST(TailHonestyTest, IntervalsOfP99CoverNineInTenWithTenAnswersBeyondAndMoreWithAHundred) {
  HeavyTail server(1);
  for (const std::size_t blocks : {8U, 15U, 24U}) {
    EXPECT_GE(simulate(server, blocks, 1000, 1000).covered, 89) << blocks << " blocks";
    EXPECT_GE(simulate(server, blocks, 10'000, 10'000).covered, 93) << blocks << " blocks";
  }
}

TEST(TailHonestyTest, ACellWithTenTimesTheAnswersIsOftenerSignificantlySlower) {
  HeavyTail server(2);
  for (const std::size_t blocks : {8U, 15U, 24U}) {
    const Rates rates = simulate(server, blocks, 1000, 10'000);
    EXPECT_LE(rates.significant, 12) << blocks << " blocks";
    EXPECT_LE(rates.called, 7) << blocks << " blocks";
  }
}

TEST(TailHonestyTest, AnswersThatAreSlowTogetherCountAsOne) {
  // What the rule cannot see: ten answers beyond p99 that two stalls held up are two events.
  HeavyTail server(3);
  const Rates equal = simulate(server, 10, 1000, 1000, 5);
  EXPECT_NEAR(equal.significant, 5, 1);
  EXPECT_NEAR(equal.covered, 82, 4);
  const Rates unequal = simulate(server, 10, 1000, 10'000, 5);
  EXPECT_NEAR(unequal.called, 20, 4);
}

}  // namespace
}  // namespace poolbench::compare
