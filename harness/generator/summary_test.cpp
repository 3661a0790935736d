#include "generator/summary.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::Duration kWindow = 10s;

// 10,000 good requests, each in progress for this long.
ThreadStats tally_of(base::Duration each) {
  ThreadStats stats;
  stats.outcomes[0] = 10'000;
  stats.in_progress = each * 10'000;
  return stats;
}

std::vector<std::string> reasons(const ThreadStats& stats, const Options& options, ThreadUse use) {
  use.wall = kWindow;
  return limit_reasons(limit_evidence(stats, options, kWindow, std::array{use}));
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

TEST(Limits, AThreadThatIsNeverIdleIsALimitIfHalfOfThatIsItsOwnWork) {
  EXPECT_THAT(reasons(tally_of(100ms), closed(100), {{}, 6s, 3600ms}),
              ElementsAre(AllOf(HasSubstr("never idle"), HasSubstr("60 % busy"))));
  EXPECT_THAT(reasons(tally_of(100ms), closed(100), {{}, 4s, 5600ms}), IsEmpty())
      << "others had the processor for most of the time";
}

TEST(Limits, WaitingForAProcessorIsTheMachinesAndNoLimit) {
  EXPECT_THAT(reasons(tally_of(1ms), closed(1), {{}, 200ms, 5s}), IsEmpty());
}

TEST(Limits, IdleConnectionsAreALimitOnlyOfABusyGenerator) {
  EXPECT_THAT(reasons(tally_of(9600us), closed(10), {{}, 6s, {}}), IsEmpty());
  EXPECT_THAT(reasons(tally_of(9400us), closed(10), {{}, 6s, {}}),
              ElementsAre(HasSubstr("94.0 %")));
  EXPECT_THAT(reasons(tally_of(9400us), closed(10), {{}, 1s, {}}), IsEmpty());
  const std::array idle = {ThreadUse{kWindow, 1s, {}}};
  const auto evidence = limit_evidence(tally_of(9400us), closed(10), kWindow, idle);
  EXPECT_THAT(idle_connections_text(evidence), AllOf(HasSubstr("94.0 %"), HasSubstr("10 % busy")));
  EXPECT_FALSE(limit_evidence(tally_of(1ms), closed(101), kWindow, {}).little_ratio)
      << "too few requests a connection to tell";
}

// Answers of 10 ms, of which 1 in 10 waited so long for the generator.
ThreadStats delayed(std::uint64_t run_delay_us) {
  ThreadStats stats = tally_of(10ms);
  stats.response_us.record(10'000, 10'000);
  stats.run_delay_us.record(run_delay_us, 1'000);
  stats.run_delay_us.record(1, 9'000);
  return stats;
}

std::optional<double> delay_share(const ThreadStats& stats, ThreadUse use) {
  use.wall = kWindow;
  return limit_evidence(stats, closed(10), kWindow, std::array{use}).delay_share_of_latency;
}

TEST(Limits, WhatWaitingExplainsOfTheLatencyIsAShareOfIt) {
  EXPECT_NEAR(*delay_share(delayed(5'000), {{}, 1s, 1s}), 0.05, 0.001);
  EXPECT_EQ(delay_share(delayed(5'000'000), {{}, 1s, 1s}), 1) << "never more than all of it";
  EXPECT_NEAR(*delay_share(delayed(5'000), {{}, 4s, 5600ms}), 0.56, 0.001)
      << "all requests wait for a thread that is never idle";
}

TEST(Limits, WithoutAGoodAnswerThereIsNoLatencyToExplain) {
  ThreadStats refused;
  refused.outcomes[static_cast<std::size_t>(Outcome::kConnectRefused)] = 500;
  refused.in_progress = 20us * 500;
  EXPECT_EQ(delay_share(refused, {{}, 10ms, 600ms}), std::nullopt);
  EXPECT_THAT(reasons(refused, closed(1), {{}, 10ms, 600ms}), IsEmpty());
}

TEST(Limits, WhatWasSentAndAbortedAtTheEndWasSent) {
  Options options;
  options.rate_hz = 1000;
  ThreadStats stats = tally_of(1ms);
  stats.outcomes[static_cast<std::size_t>(Outcome::kAbortedAtDeadline)] = 500;
  EXPECT_THAT(reasons(stats, options, {{}, 6s, {}}), IsEmpty());
}

TEST(Limits, ARateThatWasNotSentIsALimitOfABusyGeneratorOnly) {
  Options options = closed(10);
  options.rate_hz = 1000;
  ThreadStats late = tally_of(1ms), dropped = tally_of(1ms);
  late.overdue = 200;
  dropped.dropped = 500;
  for (const ThreadStats* stats : {&late, &dropped}) {
    EXPECT_THAT(reasons(*stats, options, {{}, 4s, {}}), IsEmpty()) << "the target is too slow";
    EXPECT_THAT(reasons(*stats, options, {{}, 6s, {}}),
                ElementsAre(HasSubstr("planned requests were sent in time")));
  }
  late.overdue = 90;
  EXPECT_THAT(reasons(late, options, {{}, 6s, {}}), IsEmpty());
}

TEST(Limits, LatenessIsNoLimit) {
  Options options = closed(10);
  options.rate_hz = 1000;
  ThreadStats stats = tally_of(1ms);
  stats.lateness_us.record(50'000, 1'000);
  EXPECT_THAT(reasons(stats, options, {{}, 200ms, 5s}), IsEmpty());
}

}  // namespace
}  // namespace poolbench::generator
