#include "generator/turns.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;

constexpr base::SteadyTime kStart{std::chrono::hours(1)};

std::vector<Turns> tables(int count, base::Duration warmup, base::Duration measure) {
  std::vector<Turns> turns;
  for (int index = 0; index < count; ++index) {
    turns.emplace_back(Turn{kStart, 100ms, index, count}, warmup, measure);
  }
  return turns;
}

TEST(Turns, AtAnyTimeItIsTheTurnOfOneOrOfNobody) {
  const auto turns = tables(3, 200ms, 500ms);
  for (auto time = kStart - 50ms; time < turns[0].window_end() + 50ms; time += 5ms) {
    int ours = 0;
    for (const Turns& each : turns) ours += each.is_ours(time) ? 1 : 0;
    const bool warming = time >= kStart && time < kStart + 2 * 3 * turn_length(100ms);
    const bool window = time >= turns[0].window_start() && time < turns[0].window_end();
    EXPECT_EQ(ours, warming || window ? 1 : 0) << (time - kStart).count();
  }
}

TEST(Turns, EveryOtherRoundGoesBackwards) {
  const auto turns = tables(3, {}, 300ms);
  std::vector<int> order;
  for (auto time = turns[0].window_start() + 50ms; time < turns[0].window_end();
       time += turn_length(100ms)) {
    for (int index = 0; index < 3; ++index) {
      if (turns[static_cast<std::size_t>(index)].is_ours(time)) order.push_back(index);
    }
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 2, 1, 0, 0, 1, 2}));
}

TEST(Turns, EachMeasuresItsSlicesBetweenTheirLeadAndTail) {
  for (const Turns& each : tables(3, 150ms, 420ms)) {
    base::Duration measured{};
    for (auto time = kStart; time < each.window_end() + 500ms; time += 500us) {
      if (each.is_measured(time)) {
        EXPECT_TRUE(each.is_ours(time));
        EXPECT_TRUE(each.is_ours(time - lead_of(100ms)));
        EXPECT_TRUE(each.is_ours(time + tail_of(100ms)));
        measured += 500us;
      }
      EXPECT_EQ(each.measured_until(time + 500us), measured);
    }
    EXPECT_EQ(measured, 500ms) << "whole slices";
  }
}

TEST(Turns, TheNextTurnIsTheFirstMomentThatIsOurs) {
  for (const Turns& each : tables(4, 200ms, 300ms)) {
    for (auto time = kStart - 50ms; time < each.window_end(); time += 25ms) {
      if (each.is_ours(time)) continue;
      const auto next = each.next_turn(time);
      ASSERT_GT(next, time);
      if (next == each.window_end()) {
        EXPECT_FALSE(each.is_ours(next));
      } else {
        EXPECT_TRUE(each.is_ours(next));
      }
      for (auto between = time; between < next; between += 5ms) {
        EXPECT_FALSE(each.is_ours(between));
      }
    }
  }
}

report::Measurement measure_in_turns(const FakeServer& server, int index, base::SteadyTime start) {
  Options options;
  options.server = server.endpoint();
  options.connections = 2;
  options.warmup = 40ms;
  options.measure = 120ms;
  options.turn = Turn{start, 40ms, index, 2};
  return measure(options);
}

TEST(Turns, GeneratorsThatTakeThemLeaveNoRequestUncounted) {
  const FakeServer servers[] = {FakeServer(answer_all), FakeServer(answer_all)};
  report::Measurement measured[2];
  const auto start = std::chrono::steady_clock::now() + 50ms;
  {
    const std::jthread other([&] { measured[1] = measure_in_turns(servers[1], 1, start); });
    measured[0] = measure_in_turns(servers[0], 0, start);
  }
  for (const int index : {0, 1}) {
    const report::Measurement& m = measured[index];
    EXPECT_DOUBLE_EQ(m.measured_seconds, 0.120);
    EXPECT_EQ(m.requests.failed(), 0U);
    EXPECT_GT(m.requests.carried_over, 0U) << "those of the leads and tails";
    const auto warmup = m.details["warmup_requests"].get<std::uint64_t>();
    EXPECT_GT(warmup, 0U);
    EXPECT_EQ(static_cast<std::uint64_t>(servers[index].requests()),
              warmup + m.requests.sent + m.requests.carried_over);
    const auto arrived =
        std::accumulate(m.series_requests.begin(), m.series_requests.end(), std::uint64_t{0});
    EXPECT_NEAR(m.throughput_requests_per_second * m.measured_seconds, static_cast<double>(arrived),
                0.5);
    EXPECT_GT(arrived, m.requests.sent / 2);
  }
}

}  // namespace
}  // namespace poolbench::generator
