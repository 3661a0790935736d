#include "run/pilots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

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

TEST(Pilots, RunTheCellWithoutWarmUpForTenSeconds) {
  scenario::Cell original = cell("all");
  original.load.connections = 7;
  original.load.requests = 1000;
  original.load.generator = "ab";
  const auto pilot = pilot_of(original);
  EXPECT_EQ(pilot.load.connections, 7);
  EXPECT_EQ(pilot.load.measure, 10s);
  EXPECT_EQ(pilot.load.warmup, base::Duration{});
  EXPECT_EQ(pilot.load.requests, std::nullopt);
  EXPECT_EQ(pilot.load.generator, "native");
}

}  // namespace
}  // namespace poolbench::run
