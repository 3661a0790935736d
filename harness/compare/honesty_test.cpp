// How often the verdicts are wrong, by simulation: the first of the four proofs in docs/method.md.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/effect.h"
#include "compare/run_spread.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

/// Logarithms of throughput as a shared machine gives them: noise of 2 %, one trial in twenty
/// slowed by an exponential of mean 10 %, and a drift that all trials of a block share.
class Machine {
 public:
  explicit Machine(std::uint64_t seed) : random_(seed) {}

  /// ln candidate − ln baseline of each block.
  std::vector<double> paired(std::size_t blocks, double effect) {
    std::vector<double> differences(blocks);
    double drift = 0;
    for (double& difference : differences) {
      drift += 0.05 * normal_(random_);
      const double base = drift + trial(), head = drift + trial() + effect;
      difference = head - base;
    }
    return differences;
  }

  /// The same for one run, which has an effect of its own on every ratio to the anchor.
  std::vector<double> run(std::size_t blocks, double effect, double spread) {
    return paired(blocks, effect + std::log1p(spread) / 1.96 / std::sqrt(2) * normal_(random_));
  }

 private:
  double trial() { return 0.02 * normal_(random_) - (is_slow_(random_) ? slow_(random_) : 0.0); }

  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::exponential_distribution<double> slow_{10.0};
  std::bernoulli_distribution is_slow_{0.05};
};

constexpr int kRounds = 4000;

TEST(HonestyTest, PairedComparisonsAreFalselySignificantInFiveOfAHundred) {
  Machine machine(20250708);
  for (const std::size_t blocks : {10U, 15U, 20U}) {
    int significant = 0, covered = 0;
    for (int round = 0; round < kRounds; ++round) {
      const Effect effect = paired_effect(machine.paired(blocks, 0));
      significant += effect.p <= 0.05 ? 1 : 0;
      covered += effect.interval_95->contains(0) ? 1 : 0;
    }
    EXPECT_NEAR(100.0 * significant / kRounds, 5, 1) << blocks << " blocks";
    EXPECT_GE(100.0 * covered / kRounds, 94) << blocks << " blocks";
  }
}

TEST(HonestyTest, FewerBlocksAreOnlyMoreCautious) {
  Machine machine(1);
  for (const std::size_t blocks : {6U, 7U, 8U}) {
    int significant = 0;
    for (int round = 0; round < kRounds; ++round) {
      significant += paired_effect(machine.paired(blocks, 0)).p <= 0.05 ? 1 : 0;
    }
    EXPECT_LE(100.0 * significant / kRounds, 6) << blocks << " blocks";
  }
}

TEST(HonestyTest, SessionsAreFalselySignificantInFiveOfAHundredWhenTheSpreadIsRight) {
  Machine machine(2);
  constexpr double kSpread = 0.05;
  int significant = 0, covered = 0, naive = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto base = machine.run(10, 0.3, kSpread), head = machine.run(10, 0.3, kSpread);
    const Effect effect = run_effect(base, head, kSpread);
    significant += effect.p <= 0.05 ? 1 : 0;
    covered += effect.interval_95->contains(0) ? 1 : 0;
    naive += run_effect(base, head, 0).p <= 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(100.0 * significant / kRounds, 5, 1);
  EXPECT_GE(100.0 * covered / kRounds, 94);
  EXPECT_GT(100.0 * naive / kRounds, 15);  // what leaving out the spread would do
}

TEST(HonestyTest, SessionsOfAMachineWhoseSpeedWandersAreFalselySignificantInFiveOfAHundredAtMost) {
  // Plain values, as of an anchor: the speed wanders by 8 % and forgets itself within some blocks.
  std::mt19937_64 random(6);
  std::normal_distribution<double> normal;
  constexpr double kKept = 0.7, kSpeed = 0.08;
  double speed = 0;
  const auto step = [&] {
    speed = kKept * speed + std::sqrt(1 - kKept * kKept) * kSpeed * normal(random);
  };
  const auto run = [&] {
    for (int block = 0; block < 20; ++block) step();
    std::vector<double> values(10);
    for (double& value : values) {
      step();
      value = speed + 0.02 * normal(random);
    }
    return values;
  };
  int significant = 0, assumed = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto base = run(), head = run();
    const double spread = spread_of_blocks(base, head).relative;
    significant += run_effect(base, head, spread).p <= 0.05 ? 1 : 0;
    assumed += run_effect(base, head, kDefaultRunSpread).p <= 0.05 ? 1 : 0;
  }
  EXPECT_LE(100.0 * significant / kRounds, 5);
  EXPECT_GT(100.0 * assumed / kRounds, 20);  // what the assumption alone would do
}

TEST(HonestyTest, AFamilyOfNothingIsFlaggedInFiveOfAHundredAtMost) {
  Machine machine(3);
  constexpr int kFamilies = 1000, kCells = 20;
  int flagged = 0;
  for (int family = 0; family < kFamilies; ++family) {
    std::vector<Effect> effects;
    std::vector<double> p_values;
    for (int cell = 0; cell < kCells; ++cell) {
      effects.push_back(paired_effect(machine.paired(10, 0)));
      p_values.push_back(effects.back().p);
    }
    const auto adjusted = stats::benjamini_hochberg(p_values);
    bool any = false;
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const auto verdict = judge(effects[i], adjusted[i], 0.03, report::Better::kHigher);
      any = any || verdict == report::Verdict::kImproved || verdict == report::Verdict::kRegressed;
    }
    flagged += any ? 1 : 0;
  }
  EXPECT_LE(100.0 * flagged / kFamilies, 5);
}

TEST(HonestyTest, RealChangesAreFoundAndNeverWithTheWrongSign) {
  // With ten blocks it is the slow trials that hide a change, not the noise: a signed-rank test of
  // ten bears few of them. Twelve blocks bear one more.
  struct Power {
    std::size_t blocks;
    double change, least_found;  // per cent
  };
  Machine machine(4);
  for (const auto& [blocks, change, least_found] :
       {Power{10, -10, 94}, Power{12, -10, 99}, Power{10, -5, 82}, Power{15, -5, 95}}) {
    int found = 0, wrong = 0, unchanged = 0;
    for (int round = 0; round < kRounds; ++round) {
      const Effect effect = paired_effect(machine.paired(blocks, std::log1p(change / 100)));
      const auto verdict = judge(effect, effect.p, 0.03, report::Better::kHigher);
      found += verdict == report::Verdict::kRegressed ? 1 : 0;
      wrong += verdict == report::Verdict::kImproved ? 1 : 0;
      unchanged += verdict == report::Verdict::kNoChange ? 1 : 0;
    }
    EXPECT_GE(100.0 * found / kRounds, least_found) << change << " %, " << blocks << " blocks";
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(unchanged, kRounds / 1000);
  }
}

TEST(HonestyTest, NoChangeIsNotSaidOfChangesBeyondTheMargin) {
  Machine machine(5);
  int unchanged = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Effect effect = paired_effect(machine.paired(20, std::log(1.03)));
    unchanged +=
        judge(effect, effect.p, 0.03, report::Better::kHigher) == report::Verdict::kNoChange ? 1
                                                                                             : 0;
  }
  EXPECT_LE(100.0 * unchanged / kRounds, 6);
}

}  // namespace
}  // namespace poolbench::compare
