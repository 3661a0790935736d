#include "run/adaptation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ElementsAre;

scenario::Cell cell(const std::string& id) {
  scenario::Cell cell;
  cell.id = id;
  return cell;
}

/// A pilot of ten seconds that serves less for its first `slow` tenths of a second.
report::Trial pilot(std::size_t slow) {
  report::Trial trial;
  trial.measurement.emplace();
  for (std::size_t i = 0; i < 100; ++i) {
    trial.measurement->series_requests.push_back(i < slow ? 20 : 100);
  }
  return trial;
}

TEST(Pilots, TheSlowestPilotAndAQuarterMoreIsTheWarmUp) {
  Pilots pilots;
  pilots.add(cell("quick"), pilot(5));
  pilots.add(cell("slow"), pilot(20));
  pilots.add(cell("middling"), pilot(10));
  EXPECT_EQ(pilots.warmup(), 2500ms);
  EXPECT_EQ(pilots.list()[1].steady_after_seconds, 2.0);
  EXPECT_EQ(pilots.list()[1].series->requests.size(), 100U);
  EXPECT_THAT(pilots.never_steady(), testing::IsEmpty());
}

TEST(Pilots, TheWarmUpIsInTenthsOfASecondAndNeverLessThanHalfOfOne) {
  Pilots pilots;
  pilots.add(cell("at once"), pilot(0));
  EXPECT_EQ(pilots.warmup(), 500ms);
  pilots.add(cell("half a second"), pilot(5));
  EXPECT_EQ(pilots.warmup(), 700ms) << "625 ms, rounded up";
}

TEST(Pilots, SayWhichCellsNeverBecameSteady) {
  Pilots pilots;
  pilots.add(cell("late"), pilot(50));
  EXPECT_THAT(pilots.never_steady(), testing::ElementsAre("late"));
  EXPECT_EQ(pilots.warmup(), 6250ms + 50ms);
}

TEST(Pilots, ThatFailSayNothing) {
  Pilots pilots;
  report::Trial failed;
  failed.status = report::TrialStatus::kFailed;
  failed.reasons = {"it did not start"};
  pilots.add(cell("broken"), failed);
  EXPECT_EQ(pilots.warmup(), 2s);
  EXPECT_EQ(pilots.list()[0].reasons[0], "it did not start");
  EXPECT_EQ(pilots.list()[0].steady_after_seconds, std::nullopt);
}

report::Disturbance mild(double severity) { return {false, severity}; }

/// Two cells whose trials end one after the other, or together.
class AttemptsTest : public ::testing::Test {
 protected:
  void end(const std::vector<TrialSpec>& trials, const report::Disturbance& worst) {
    for (const TrialSpec& spec : trials) {
      report::Trial trial;
      trial.block = spec.block;
      trial.attempt = spec.attempt;
      trial.disturbed = static_cast<bool>(worst);
      trial.status = worst.spoils ? report::TrialStatus::kInvalid : report::TrialStatus::kOk;
      if (trial.disturbed) trial.reasons = {"steal"};
      cells_[spec.cell_index].trials.push_back(trial);
    }
    attempts_.ended(trials, worst);
  }

  [[nodiscard]] std::vector<std::string> statuses(std::size_t cell = 0) const {
    std::vector<std::string> statuses;
    for (const auto& trial : cells_[cell].trials)
      statuses.emplace_back(report::word_of(trial.status));
    return statuses;
  }

  static TrialSpec trial(int block, std::size_t cell, int attempt) {
    return {.cell = {}, .cell_index = cell, .block = block, .attempt = attempt};
  }

  std::vector<report::CellReport> cells_{2};
  report::DeclaredMetrics declared_;
  Attempts attempts_{cells_, declared_};
};

TEST_F(AttemptsTest, AGoodTrialTakesThePlaceOfADisturbedOne) {
  end({trial(0, 0, 0)}, {});
  end({trial(1, 0, 0)}, mild(3));
  EXPECT_THAT(statuses(), ElementsAre("ok", "ok")) << "it stays if nothing follows";
  end({trial(1, 0, 1)}, {});
  EXPECT_THAT(statuses(), ElementsAre("ok", "superseded", "ok"));
  EXPECT_FALSE(cells_[0].trials.back().disturbed);
}

TEST_F(AttemptsTest, TheLeastDisturbedOfThreeStays) {
  const auto of = [&](double first, double second, double third) {
    cells_[0].trials.clear();
    end({trial(0, 0, 0)}, mild(first));
    end({trial(0, 0, 1)}, mild(second));
    end({trial(0, 0, 2)}, mild(third));
    return statuses();
  };
  EXPECT_THAT(of(3, 5, 4), ElementsAre("ok", "superseded", "superseded"));
  EXPECT_THAT(of(5, 3, 4), ElementsAre("superseded", "ok", "superseded"));
  EXPECT_THAT(of(5, 4, 3), ElementsAre("superseded", "superseded", "ok"));
  EXPECT_THAT(of(3, 3, 3), ElementsAre("ok", "superseded", "superseded"));
}

TEST_F(AttemptsTest, WhatSpoilsATrialIsWorseThanAnythingElse) {
  end({trial(0, 0, 0)}, {true, 2});
  end({trial(0, 0, 1)}, mild(50));
  end({trial(0, 0, 2)}, {true, 11});
  EXPECT_THAT(statuses(), ElementsAre("superseded", "ok", "superseded"));
}

TEST_F(AttemptsTest, ASpoiltTrialStaysInvalidWhereNoneWasBetter) {
  end({trial(0, 0, 0)}, {true, 12});
  end({trial(0, 0, 1)}, {true, 11});
  EXPECT_THAT(statuses(), ElementsAre("superseded", "invalid"));
}

TEST_F(AttemptsTest, TrialsOfABlockInTurnsStayOrGoTogether) {
  end({trial(0, 0, 0), trial(0, 1, 0)}, mild(2));
  cells_[1].trials[0].disturbed = false;
  cells_[1].trials[0].reasons.clear();
  end({trial(0, 0, 1), trial(0, 1, 1)}, {});
  for (const std::size_t cell : {0U, 1U}) {
    EXPECT_THAT(statuses(cell), ElementsAre("superseded", "ok"));
  }
  EXPECT_THAT(cells_[1].trials[0].reasons,
              ElementsAre("the machine disturbed another of its block"));
}

TEST_F(AttemptsTest, ErrorsAreNotRunAway) {
  end({trial(0, 0, 0), trial(0, 1, 0)}, mild(2));
  cells_[1].trials[0].disturbed = false;
  cells_[1].trials[0].status = report::TrialStatus::kFailed;
  end({trial(0, 0, 1), trial(0, 1, 1)}, {});
  EXPECT_THAT(statuses(1), ElementsAre("failed", "ok"));
}

report::ComparisonResult comparison(double low, double high) {
  report::ComparisonResult result;
  result.n = 10;
  result.ratio = 1;
  result.ci_low = low;
  result.ci_high = high;
  return result;
}

TEST(Precision, IsThatOfTheWidestComparison) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.0404), comparison(2.0, 2.42), comparison(0.5, 0.5)};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
}

TEST(Precision, IsUnknownWhileAnIntervalIsMissing) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.1), comparison(1.0, 1.1)};
  report.comparisons[1].ci_low.reset();
  EXPECT_EQ(widest_half_width(report), std::nullopt);
}

TEST(Precision, LeavesOutWhatHasNothingToEstimate) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.21), {}};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
  report.comparisons = {{}};
  EXPECT_EQ(widest_half_width(report), std::nullopt);
}

TEST(Precision, IsThatOfTheCellsWhereNothingIsCompared) {
  report::Report report;
  report.cells.resize(2);
  report.cells[0].summary = {{"latency_p50_us", 10, 1, 1, 4, 0.95, {}, {}},
                             {"throughput_requests_per_second", 10, 110, 100, 121, 0.95, {}, {}}};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
}

}  // namespace
}  // namespace poolbench::run
