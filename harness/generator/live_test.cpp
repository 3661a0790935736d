#include "generator/live.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

report::Quantiles latencies() {
  stats::Histogram us;
  us.record(1500, 20000);
  return report::quantiles_of(us);
}

TEST(LiveView, TellsThePhaseItsRateItsLatenciesAndItsErrors) {
  Options options;
  options.measure = 5s;
  LiveView view(options);
  view.lines({Phase::kMeasure, 1s, 100, 0, 100, {}});
  const auto lines = view.lines({Phase::kMeasure, 2s, 300, 2, 200, latencies()});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0],
              StartsWith("measure     ████████████░░░░░░░░░░░░░░░░░░  2.0 of 5.0 s, 3.0"));
  EXPECT_THAT(lines[1], StartsWith("requests/s  200      ▅█  150 on average"));
  EXPECT_THAT(lines[2], HasSubstr("p50 1.500  p75 1.500  p90 1.500  p95 1.500  p99 1.500"));
  EXPECT_EQ(lines[3], "requests    300 ended, 2 errors");
}

TEST(LiveView, TellsHowManyRequestsAreLeftWhenTheirNumberIsGiven) {
  Options options;
  options.request_count = 1000;
  LiveView view(options);
  EXPECT_THAT(view.lines({Phase::kMeasure, 2s, 250, 0, 125, {}})[0],
              HasSubstr("  250 of 1000 requests, about 6.0 s left"));
}

TEST(LiveView, SaysWhatItWaitsForAfterTheEnd) {
  Options options;
  options.measure = 1s;
  options.rate_hz = 12.5;
  LiveView view(options);
  const auto lines = view.lines({Phase::kMeasure, 1100ms, 12, 0, 0, {}});
  EXPECT_THAT(lines[0], HasSubstr("waiting for the last answers"));
  EXPECT_THAT(lines[1], HasSubstr("12.5 asked for"));
}

}  // namespace
}  // namespace poolbench::generator
