#include "run/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/file.h"
#include "base/set_clock.h"
#include "base/temporary_folder_fixture.h"
#include "process/sweep.h"
#include "run/fixture.h"
#include "run/resources.h"
#include "scenario/scenario.h"

namespace poolbench::run {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

TrialOutcome good(double rate = 100) {
  TrialOutcome outcome;
  auto& measurement = outcome.trial.measurement.emplace();
  measurement.throughput_requests_per_second = rate;
  measurement.requests.sent = measurement.requests.ok = 1000;
  return outcome;
}

TrialOutcome disturbed(double severity) {
  TrialOutcome outcome = good();
  outcome.trial.disturbed = true;
  outcome.trial.reasons = {"steal"};
  outcome.disturbance = {false, severity};
  return outcome;
}

TrialOutcome ended(report::TrialStatus status) {
  TrialOutcome outcome;
  outcome.trial.status = status;
  outcome.trial.reasons = {"so it is"};
  return outcome;
}

/// Starts nothing: trials take the time that they are expected to, and end as they are told to.
struct FakeBlocks final : BlockRunner {
  explicit FakeBlocks(base::SetClock& set_clock) : clock(set_clock) {}

  base::Result<void> prepare(report::Environment& environment,
                             const scenario::Cell& first) override {
    environment.host_name = "made for " + first.id;
    if (preparation) return preparation();
    return {};
  }

  base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                       const std::vector<const scenario::Cell*>& next) override {
    if (report_file) reports.push_back(base::Json::parse(base::read_file(*report_file).value()));
    BlockOutcome outcome;
    for (const TrialSpec& spec : trials) {
      outcome.trials.push_back(end_of(spec));
      clock.now += estimate(spec.cell);
    }
    outcome.interrupted = signal_after && blocks.size() == *signal_after;
    for (const auto& each : outcome.trials) {
      outcome.interrupted =
          outcome.interrupted || each.trial.status == report::TrialStatus::kInterrupted;
    }
    blocks.push_back(std::move(trials));
    next_cells.emplace_back();
    for (const scenario::Cell* cell : next) next_cells.back().push_back(cell->id);
    if (blocks.size() == broken_after) return base::failed("PostgreSQL does not start again");
    return outcome;
  }

  std::vector<std::string> close() override {
    ++closed;
    return {"something was left behind"};
  }

  base::SetClock& clock;
  std::function<base::Result<void>()> preparation;
  std::function<TrialOutcome(const TrialSpec&)> end_of = [](const auto&) { return good(); };
  std::optional<std::size_t> signal_after;  ///< comes when the trials of this block are over
  std::size_t broken_after = 0;             ///< with so many blocks it fails; 0: never
  std::optional<fs::path> report_file;
  std::vector<base::Json> reports;  ///< as they stood when each block began
  std::vector<std::vector<TrialSpec>> blocks;
  std::vector<std::vector<std::string>> next_cells;
  int closed = 0;
};

/// A run of the cells "a", "b" … with its results in a folder of its own.
class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    options_.seed = 7;
    scenario_.name = "fake";
    scenario_.design.blocks = 3;
    add_cells(2);
  }

  void add_cells(std::size_t count) {
    scenario_.cells.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      scenario_.cells[i].id = std::string(1, static_cast<char>('a' + i));
      scenario_.cells[i].load.measure = 5s;
    }
  }

  const report::Report& run() {
    const auto folder = RunFolder::create(results_, scenario_.name,
                                          process::make_run_id(base::SystemClock{}), clock_);
    EXPECT_TRUE(folder.has_value());
    blocks_.report_file = folder->report_file();
    auto result = run_in(*folder, scenario_, options_, clock_, blocks_, observer_);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    result_ = std::move(*result);
    EXPECT_EQ(blocks_.closed, 1);
    return result_.report;
  }

  /// Of each trial of a cell.
  [[nodiscard]] std::vector<std::string> statuses(std::size_t cell) const {
    std::vector<std::string> statuses;
    for (const auto& trial : result_.report.cells[cell].trials)
      statuses.emplace_back(report::word_of(trial.status));
    return statuses;
  }
  [[nodiscard]] const report::Design& design() const { return result_.report.design; }
  [[nodiscard]] const std::vector<std::string>& warnings() const {
    return result_.report.environment.warnings;
  }

  base::TemporaryFolder results_;
  base::SetClock clock_;
  scenario::Scenario scenario_;
  RunOptions options_;
  FakeBlocks blocks_{clock_};
  KeepingObserver observer_;
  RunResult result_;
};

std::size_t trials_in(const base::Json& report) {
  std::size_t count = 0;
  for (const base::Json& cell : report.at("cells")) count += cell.at("trials").size();
  return count;
}

TEST_F(RunnerTest, RunsEachCellOnceInEachBlock) {
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kCompleted);
  EXPECT_FALSE(result_.failure);
  EXPECT_THAT(blocks_.blocks, SizeIs(6));
  for (std::size_t i = 0; i < 6; ++i) {
    const TrialSpec& spec = blocks_.blocks[i].at(0);
    EXPECT_EQ(spec.block, static_cast<int>(i / 2));
    EXPECT_EQ(spec.cell_index, block_order(7, spec.block, 2).at(i % 2));
    EXPECT_EQ(spec.cell.id, scenario_.cells[spec.cell_index].id);
    EXPECT_TRUE(fs::is_directory(spec.folder)) << spec.folder;
    EXPECT_EQ(observer_.started[i].folder, spec.folder);
    EXPECT_EQ(observer_.outlooks[i].left, 6 - i);
    EXPECT_EQ(observer_.finished[i].position, spec.position);
  }
  EXPECT_EQ(report.environment.host_name, "made for " + blocks_.blocks[0].at(0).cell.id);
  EXPECT_THAT(report.cells[1].trials[2].folder, HasSubstr("trials/b02-"));
  EXPECT_EQ(design().blocks_completed, 3);
  EXPECT_EQ(design().stopped, report::Stopped::kBlocks);
}

TEST_F(RunnerTest, SaysWhatProbablyComesNext) {
  run();
  for (std::size_t i = 0; i + 1 < 6; ++i) {
    EXPECT_THAT(blocks_.next_cells[i], ElementsAre(blocks_.blocks[i + 1].at(0).cell.id));
  }
  EXPECT_THAT(blocks_.next_cells[5], IsEmpty());
}

TEST_F(RunnerTest, WritesTheReportAfterEveryTrial) {
  run();
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(trials_in(blocks_.reports.at(i)), i);
    EXPECT_EQ(blocks_.reports.at(i).at("outcome"), "interrupted") << "until the end";
  }
  EXPECT_EQ(trials_in(base::Json::parse(base::read_file(result_.file).value())), 6U);
  EXPECT_THAT(observer_.notes, Contains("something was left behind"));
  EXPECT_THAT(warnings(), Contains(HasSubstr("something was left behind")));
}

TEST_F(RunnerTest, ACompactReportSaysThatItIsOne) {
  options_.compact = true;
  run();
  EXPECT_FALSE(blocks_.reports.front().contains("compact")) << "while it runs";
  EXPECT_EQ(base::Json::parse(base::read_file(result_.file).value()).at("compact"), true);
}

TEST_F(RunnerTest, TheLeastDisturbedAttemptStays) {
  blocks_.end_of = [](const TrialSpec& spec) {
    constexpr double kSeverity[] = {3, 2, 4};
    const bool is_bad = spec.block == 1 && spec.cell_index == 0;
    return is_bad ? disturbed(kSeverity[spec.attempt]) : good();
  };
  const auto& report = run();
  EXPECT_THAT(statuses(0), ElementsAre("ok", "superseded", "ok", "superseded", "ok"));
  EXPECT_TRUE(report.cells[0].trials[2].disturbed);
  EXPECT_THAT(report.cells[0].trials[2].folder, HasSubstr("-again1-"));
  EXPECT_THAT(statuses(1), ElementsAre("ok", "ok", "ok"));
  EXPECT_EQ(design().trials_rerun, 2);
}

TEST_F(RunnerTest, InTurnsABlockRunsTogether) {
  scenario_.design.slice = 100ms;
  run();
  ASSERT_THAT(blocks_.blocks, SizeIs(3));
  for (int block = 0; block < 3; ++block) {
    const auto order = block_order(7, block, 2);
    const auto& trials = blocks_.blocks[static_cast<std::size_t>(block)];
    ASSERT_THAT(trials, SizeIs(2));
    EXPECT_EQ(trials[0].cell_index, order[0]);
    EXPECT_EQ(trials[1].cell_index, order[1]);
  }
  EXPECT_THAT(blocks_.next_cells[0],
              ElementsAre(blocks_.blocks[1][0].cell.id, blocks_.blocks[1][1].cell.id));
}

TEST_F(RunnerTest, InTurnsABlockStaysOrGoesTogether) {
  scenario_.design.slice = 100ms;
  blocks_.end_of = [](const TrialSpec& spec) {
    return spec.block == 2 && spec.cell_index == 1 && spec.attempt == 0 ? disturbed(2) : good();
  };
  const auto& report = run();
  for (const std::size_t cell : {0U, 1U}) {
    EXPECT_THAT(statuses(cell), ElementsAre("ok", "ok", "superseded", "ok"));
  }
  EXPECT_THAT(report.cells[0].trials[2].reasons,
              ElementsAre("the machine disturbed another of its block"));
}

TEST_F(RunnerTest, ACellThatFailsBeforeItMeasuresTwiceInARowIsGivenUp) {
  scenario_.design.blocks = 4;
  blocks_.end_of = [](const TrialSpec& spec) {
    return spec.cell_index == 0 ? ended(report::TrialStatus::kFailed) : good();
  };
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kCompleted);
  EXPECT_THAT(statuses(0), ElementsAre("failed", "failed"));
  EXPECT_THAT(statuses(1), SizeIs(4));
  EXPECT_EQ(report.cells[0].status, report::CellStatus::kFailed);
}

TEST_F(RunnerTest, ACellIsNotGivenUpForFailuresThatMeasuredOrAreApart) {
  scenario_.design.blocks = 4;
  blocks_.end_of = [](const TrialSpec& spec) {
    if (spec.cell_index == 0)
      return spec.block % 2 == 0 ? ended(report::TrialStatus::kFailed) : good();
    TrialOutcome outcome = good();
    outcome.trial.status = report::TrialStatus::kFailed;
    return outcome;
  };
  run();
  EXPECT_THAT(statuses(0), ElementsAre("failed", "ok", "failed", "ok"));
  EXPECT_THAT(statuses(1), SizeIs(4));
}

TEST_F(RunnerTest, AnInterruptKeepsTheTrialsSoFar) {
  blocks_.end_of = [this](const TrialSpec&) {
    return blocks_.blocks.size() == 3 ? ended(report::TrialStatus::kInterrupted) : good();
  };
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kInterrupted);
  EXPECT_EQ(result_.failure.value().code, base::ErrorCode::kInterrupted);
  EXPECT_THAT(blocks_.blocks, SizeIs(4));
  auto all = statuses(0);
  for (const auto& status : statuses(1)) all.push_back(status);
  EXPECT_THAT(all, testing::UnorderedElementsAre("ok", "ok", "ok", "interrupted"));
  EXPECT_EQ(base::Json::parse(base::read_file(result_.file).value()).at("outcome"), "interrupted");
  EXPECT_EQ(design().blocks_completed, 1);
}

TEST_F(RunnerTest, ASignalThatInterruptsNoTrialEndsTheRunToo) {
  blocks_.signal_after = 1;
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kInterrupted);
  EXPECT_THAT(statuses(0), ElementsAre("ok"));
  EXPECT_THAT(statuses(1), ElementsAre("ok"));
  EXPECT_EQ(design().blocks_completed, 1);
}

TEST_F(RunnerTest, PilotsDecideTheWarmUp) {
  scenario_.cells[1].load.warmup_by_pilots = true;
  scenario_.cells[0].load.warmup = 1s;
  blocks_.end_of = [](const TrialSpec& spec) {
    TrialOutcome outcome = good();
    if (!spec.pilot) return outcome;
    auto& series = outcome.trial.measurement->series_requests;
    for (int i = 0; i < 100; ++i) series.push_back(i < 20 ? 20 : 100);
    return outcome;
  };
  run();
  const TrialSpec& pilot = blocks_.blocks.at(0).at(0);
  EXPECT_TRUE(pilot.pilot);
  EXPECT_EQ(pilot.cell.load.measure, 10s);
  EXPECT_THAT(pilot.folder.string(), HasSubstr("/pilot-00-b"));
  EXPECT_THAT(blocks_.blocks, SizeIs(7));
  for (std::size_t i = 1; i < 7; ++i) {
    const TrialSpec& spec = blocks_.blocks[i].at(0);
    EXPECT_FALSE(spec.pilot);
    EXPECT_EQ(spec.cell.load.warmup, spec.cell_index == 1 ? 2500ms : 1s);
  }
  EXPECT_THAT(statuses(1), SizeIs(3)) << "a pilot is in no estimate";
  EXPECT_EQ(design().pilot_warmup_seconds, 2.5);
  EXPECT_THAT(observer_.notes, Contains("warm-up of every trial: 2500ms (by the pilots)"));
}

TEST_F(RunnerTest, ACellThatIsNeverSteadyIsWarnedOf) {
  scenario_.cells[0].load.warmup_by_pilots = true;
  blocks_.end_of = [](const TrialSpec&) {
    TrialOutcome outcome = good();
    for (int i = 0; i < 100; ++i) {
      outcome.trial.measurement->series_requests.push_back(i < 50 ? 20 : 100);
    }
    return outcome;
  };
  run();
  EXPECT_THAT(warnings(), Contains(HasSubstr("a was not steady within 5 s of its pilot")));
}

TEST_F(RunnerTest, WhatWouldNotEndInTimeIsLeftOut) {
  options_.max_time = 30s;  // of 6 × 6.5 s
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kOutOfTime);
  EXPECT_FALSE(result_.failure);
  EXPECT_THAT(blocks_.blocks, SizeIs(4));
  EXPECT_EQ(design().stopped, report::Stopped::kMaxTime);
  EXPECT_EQ(design().max_time_seconds, 30);
  EXPECT_THAT(warnings(), Contains(HasSubstr("(--max-time 30s): 2 more trials were planned")));
  EXPECT_EQ(observer_.outlooks[3].time, 30s - 3 * 6500ms + 0s)
      << "no more is left than the limit leaves";
}

TEST_F(RunnerTest, PrecisionAddsBlocksUntilIntervalsAreNarrowEnough) {
  scenario_.design.blocks = 10;
  scenario_.design.precision = 0.02;
  blocks_.end_of = [](const TrialSpec& spec) { return good(spec.block < 3 ? 80 : 100); };
  run();
  EXPECT_EQ(design().stopped, report::Stopped::kPrecision);
  EXPECT_GT(design().blocks_completed, 10);
  EXPECT_LT(design().blocks_completed, 24);
  EXPECT_LE(design().half_width_ratio, 0.02);
}

TEST_F(RunnerTest, PrecisionEndsAtTheMostBlocks) {
  scenario_.design.blocks = 10;
  scenario_.design.max_blocks = 13;
  scenario_.design.precision = 0.02;
  blocks_.end_of = [](const TrialSpec& spec) { return good(spec.block % 2 == 0 ? 80 : 100); };
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kCompleted);
  EXPECT_EQ(design().stopped, report::Stopped::kMaxBlocks);
  EXPECT_EQ(design().blocks_completed, 13);
}

TEST_F(RunnerTest, AFailedPreparationIsInTheReport) {
  blocks_.preparation = []() -> base::Result<void> { return base::failed("no PostgreSQL"); };
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kFailed);
  EXPECT_EQ(result_.failure.value().message, "no PostgreSQL");
  EXPECT_EQ(report.environment.failure, "no PostgreSQL");
  EXPECT_TRUE(report.environment.host_name) << "what was found out is kept";
  EXPECT_THAT(blocks_.blocks, IsEmpty());
}

TEST_F(RunnerTest, AnInterruptedPreparationIsAnInterruptedRun) {
  blocks_.preparation = []() -> base::Result<void> {
    return base::interrupted("interrupted while a service started");
  };
  EXPECT_EQ(run().outcome, report::Outcome::kInterrupted);
}

TEST_F(RunnerTest, WhereNoTrialCanBeRunAnyMoreTheRunHasFailed) {
  blocks_.broken_after = 3;
  const auto& report = run();
  EXPECT_EQ(report.outcome, report::Outcome::kFailed);
  EXPECT_EQ(report.environment.failure, "PostgreSQL does not start again");
  EXPECT_EQ(report.cells[0].trials.size() + report.cells[1].trials.size(), 2U);
}

}  // namespace
}  // namespace poolbench::run
