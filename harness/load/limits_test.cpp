#include "load/limits.h"

#include <gmock/gmock.h>

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::Duration kWindow = 10s;

// 10,000 good requests, each in progress for this long.
Tally tally_of(base::Duration each) {
  Tally tally;
  tally.outcomes[0] = 10'000;
  tally.in_progress = each * 10'000;
  return tally;
}

std::vector<std::string> reasons(const Tally& tally, const Options& options, ThreadUse use) {
  use.wall = kWindow;
  return limit_reasons(limit_evidence(tally, options, kWindow, std::array{use}));
}

Options closed(int connections) {
  Options options;
  options.connections = connections;
  return options;
}

TEST(Limits, AnIdleGeneratorIsNoLimit) {
  EXPECT_THAT(reasons(tally_of(10ms), closed(10), {{}, 1s, 100ms}), IsEmpty());
}

TEST(Limits, ABusyThreadIsALimit) {
  EXPECT_THAT(reasons(tally_of(10ms), closed(10), {{}, 8900ms, {}}), IsEmpty());
  EXPECT_THAT(reasons(tally_of(10ms), closed(10), {{}, 9100ms, {}}),
              ElementsAre(HasSubstr("91 % busy")));
}

TEST(Limits, TheBusiestThreadCounts) {
  const std::array uses = {ThreadUse{kWindow, 1s, {}}, ThreadUse{kWindow, 9500ms, {}}};
  EXPECT_EQ(limit_evidence(tally_of(10ms), closed(10), kWindow, uses).busiest_thread, 0.95);
}

TEST(Limits, AThreadThatOnlyWaitsForAProcessorIsALimit) {
  EXPECT_THAT(reasons(tally_of(100ms), closed(100), {{}, 4s, 5600ms}),
              testing::Contains(HasSubstr("never idle")));
}

TEST(Limits, WaitingForAProcessorMattersAsAPartOfTheLatency) {
  EXPECT_THAT(reasons(tally_of(10ms), closed(10), {{}, 1s, 1s}), IsEmpty());
  EXPECT_THAT(reasons(tally_of(1ms), closed(1), {{}, 1s, 1s}),
              ElementsAre(HasSubstr("10.0 % of the time")));
}

TEST(Limits, LittlesLawTellsOfConnectionsThatDidNothing) {
  EXPECT_THAT(reasons(tally_of(9600us), closed(10), {}), IsEmpty());
  EXPECT_THAT(reasons(tally_of(9400us), closed(10), {}), ElementsAre(HasSubstr("94.0 %")));
  EXPECT_FALSE(limit_evidence(tally_of(1ms), closed(101), kWindow, {}).little_ratio)
      << "too few requests a connection to tell";
}

TEST(Limits, WhatWasSentAndAbortedAtTheEndWasSent) {
  Options options;
  options.rate_hz = 1000;
  Tally tally = tally_of(1ms);
  tally.outcomes[static_cast<std::size_t>(Outcome::kAbortedAtDeadline)] = 500;
  EXPECT_THAT(reasons(tally, options, {}), IsEmpty());
  tally.dropped = 500;
  EXPECT_THAT(reasons(tally, options, {}), ElementsAre(HasSubstr("planned requests were sent")));
}

TEST(Limits, AnOpenLoopMustSendWhatItPlannedWhenItPlanned) {
  Options options = closed(10);
  options.rate_hz = 1000;
  Tally tally = tally_of(1ms);
  for (int i = 0; i < 1000; ++i) tally.lateness_us.record(i < 990 ? 900 : 5000);
  EXPECT_THAT(reasons(tally, options, {}), IsEmpty());
  for (int i = 0; i < 100; ++i) tally.lateness_us.record(5000);
  EXPECT_THAT(reasons(tally, options, {}), ElementsAre(HasSubstr("lateness was 5.0 ms")));
  tally.lateness_us = {};
  tally.dropped = 200;
  EXPECT_THAT(reasons(tally, options, {}), ElementsAre(HasSubstr("98.0 % of the planned")));
}

}  // namespace
}  // namespace poolbench::load
