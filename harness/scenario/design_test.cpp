#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Scenario expanded(const std::string& body, const std::vector<std::string>& set = {}) {
  auto result = expand_body(body, {set, {}});
  EXPECT_TRUE(result.has_value()) << (result ? "" : to_text(result.error()));
  return result.value();
}

TEST(Design, PrecisionStartsWithTenBlocksAndHasALimit) {
  const DesignSettings design = expanded("[design]\nprecision = \"2%\"\n").design;
  EXPECT_EQ(design.precision, 0.02);
  EXPECT_EQ(design.blocks, 10);
  EXPECT_EQ(design.max_blocks, 24);
  EXPECT_EQ(expanded("[design]\nprecision = \"2%\"\nmax_blocks = 40\n").design.max_blocks, 40);
}

TEST(Design, BlocksAndPrecisionExcludeEachOther) {
  EXPECT_THAT(mistakes_in(expand_body("[design]\nblocks = 5\nprecision = \"2%\"\n")),
              ElementsAre("6:13 design.precision and design.blocks exclude each other"));
}

TEST(Design, TheCommandLineChoosesBetweenBlocksAndPrecision) {
  const auto fixed = expanded("[design]\nprecision = \"2%\"\n", {"design.blocks=3"}).design;
  EXPECT_EQ(fixed.precision, std::nullopt);
  EXPECT_EQ(fixed.blocks, 3);
  const auto precise = expanded("[design]\nblocks = 3\n", {"design.precision=\"1%\""}).design;
  EXPECT_EQ(precise.precision, 0.01);
  EXPECT_EQ(precise.blocks, 10);
}

TEST(Design, PrecisionIsAPercentageInQuotes) {
  EXPECT_THAT(mistakes_in(expand_body("[design]\nprecision = 2\n")),
              ElementsAre("5:13 design.precision must be a percentage in quotes from 0.1% to 50%, "
                          "found the number 2"));
  EXPECT_THAT(mistakes_in(expand_body("[design]\nprecision = \"0%\"\n")), testing::SizeIs(1));
  EXPECT_THAT(mistakes_in(expand_body("[design]\nprecision = \"2\"\n")), testing::SizeIs(1));
}

TEST(Design, ALimitOfBlocksNeedsAPrecision) {
  EXPECT_THAT(mistakes_in(expand_body("[design]\nmax_blocks = 12\n")),
              ElementsAre("5:14 design.max_blocks has no effect without design.precision"));
}

TEST(Design, ASliceIsOfEveryCellsLoad) {
  const Scenario s = expanded("[design]\nslice = \"100ms\"\n[matrix]\nload.threads = [1, 2]\n");
  for (const Cell& cell : s.cells) {
    EXPECT_EQ(cell.load.slice, std::chrono::milliseconds(100));
    EXPECT_EQ(cell.config["load"]["slice"], "100ms");
  }
  EXPECT_FALSE(expanded("").cells.front().config["load"].contains("slice"));
  EXPECT_THAT(mistakes_in(expand_body("[design]\nslice = \"1ms\"\n")), testing::SizeIs(1));
}

TEST(Design, OnlyCellsWithTheSameClosedLoopCanTakeTurns) {
  const std::string design = "[design]\nslice = \"100ms\"\n";
  const auto refused = [&](const std::string& body, const std::string& why) {
    EXPECT_THAT(mistakes_in(expand_body(design + body)),
                ElementsAre("5:9 design.slice: the cells cannot take turns: " + why))
        << body;
  };
  refused("[load]\nrate = 50\n", "all has load.rate");
  refused("[load]\nrequests = 50\n", "all has load.requests");
  refused("[load]\nmeasure = \"50ms\"\n", "all has a load.measure shorter than a slice");
  refused("[load]\ngenerator = \"oha\"\n", "all has load.generator oha");
  refused("[matrix]\nload.measure = [\"1s\", \"2s\"]\n",
          "measure=2s has another load.measure than measure=1s");
  refused("[matrix]\nload.warmup = [\"1s\", \"2s\"]\n",
          "warmup=2s has another load.warmup than warmup=1s");
  refused("[matrix]\npostgres.settings.fsync = [true, false]\n",
          "fsync=false has another postgres than fsync=true");
}

TEST(Design, AWarmUpThatIsNotSetIsFoundByPilots) {
  EXPECT_TRUE(expanded("").cells.front().load.warmup_by_pilots);
  const LoadSettings load = expanded("[load]\nwarmup = \"0s\"\n").cells.front().load;
  EXPECT_FALSE(load.warmup_by_pilots);
  EXPECT_EQ(load.warmup, base::Duration{});
}

DesignSettings quick_design(const std::string& body) {
  return expand_body(body, {.set = {}, .only = {}, .quick = true}).value().design;
}

TEST(Quick, HasAsFewBlocksAsGiveIntervalsAndShortTrials) {
  const auto quick = expand_body(
      "[load]\nwarmup = \"3s\"\nmeasure = \"8s\"\n"
      "[matrix]\n\"target.params.workers\" = [1, 2]\n",
      {.set = {}, .only = {}, .quick = true});
  ASSERT_TRUE(quick) << to_text(quick.error());
  EXPECT_EQ(quick->cells.size(), 2U);
  EXPECT_EQ(quick->cells.front().load.warmup, 1s);
  EXPECT_FALSE(quick->cells.front().load.warmup_by_pilots);
  EXPECT_EQ(quick->cells.front().load.measure, 1s);
  EXPECT_EQ(quick->design.blocks, 6);
  EXPECT_EQ(quick_design("[design]\nprecision = \"2%\"\nmax_blocks = 40\n").precision,
            std::nullopt);
}

TEST(Quick, MakesNothingLongerAndGivesWayToSet) {
  const auto quick =
      expand_body("[load]\nwarmup = \"200ms\"\nrequests = 100\n[design]\nblocks = 2\n",
                  {.set = {}, .only = {}, .quick = true});
  ASSERT_TRUE(quick) << to_text(quick.error());
  EXPECT_EQ(quick->cells.front().load.warmup, 200ms);
  EXPECT_EQ(quick->cells.front().load.measure, 60s) << "the longest for so many requests";
  EXPECT_EQ(quick->design.blocks, 2);
  EXPECT_EQ(expand_body("", {.set = {"design.precision=2%"}, .only = {}, .quick = true})
                ->design.precision,
            0.02);
  const auto counted = expand_body("[load]\nmeasure = \"8s\"\n",
                                   {.set = {"load.measure=3s"}, .only = {}, .quick = true});
  EXPECT_EQ(counted->cells.front().load.measure, 3s);
  const auto variants = expand_body(
      "[variant.a]\nload.measure = \"9s\"\n[variant.b]\n[matrix]\nvariant = [\"a\", \"b\"]\n",
      {.set = {}, .only = {}, .quick = true});
  for (const Cell& cell : variants->cells) EXPECT_EQ(cell.load.measure, 1s) << cell.id;
  const auto more = expand_body("", {.set = {"design.blocks=9"}, .only = {}, .quick = true});
  EXPECT_EQ(more->design.blocks, 9);
}

}  // namespace
}  // namespace poolbench::scenario
