#include "page/cells.h"

#include <gmock/gmock.h>

namespace poolbench::page {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

report::CellReport cell_with(const base::Json& factors) {
  report::CellReport cell;
  for (const auto& [axis, value] : factors.items()) {
    cell.id += (cell.id.empty() ? "" : ",") + axis + "=" +
               (value.is_string() ? value.get<std::string>() : base::json_dump(value));
  }
  cell.factors = factors;
  return cell;
}

report::Report crossed(int variants, int workers) {
  report::Report report;
  for (int v = 0; v < variants; ++v) {
    for (int w = 1; w <= workers; ++w) {
      report.cells.push_back(cell_with({{"variant", "v" + std::to_string(v)}, {"workers", w}}));
    }
  }
  return report;
}

TEST(CellsTest, IsNamedByItsVariant) {
  report::Report report;
  report.cells = {cell_with({{"variant", "pool"}}), cell_with({{"variant", "no-pool"}})};
  const Cells cells(report);
  EXPECT_EQ(cells.all()[0].label, "pool");
  EXPECT_EQ(cells.named("variant=no-pool").index, 1U);
  EXPECT_EQ(cells.named("variant=gone").label, "variant=gone");
}

TEST(CellsTest, SaysWhereItsSettingsDifferFromTheBase) {
  report::Report report;
  report.cells = {cell_with({{"variant", "no-pool"}}), cell_with({{"variant", "pool"}})};
  report.cells[0].config = {{"target", {{"params", {{"pool", false}, {"workers", 2}}}}}};
  report.cells[1].config = {{"target", {{"params", {{"pool", true}, {"workers", 2}}}}}};
  const Cells cells(report);
  EXPECT_EQ(cells.all()[0].detail, "the base");
  EXPECT_EQ(cells.all()[1].detail, "pool = true");
}

TEST(CellsTest, AreOneGroupUpToEight) {
  const report::Report report = crossed(4, 2);
  const Cells cells(report);
  ASSERT_EQ(cells.groups().size(), 1U);
  EXPECT_THAT(cells.groups()[0].title, IsEmpty());
  EXPECT_EQ(cells.all()[7].style.hue, 7U);
}

TEST(CellsTest, AreGroupedByTheAxisThatComparisonsHoldConstant) {
  report::Report report = crossed(3, 4);
  report.comparisons.emplace_back().baseline = "variant=v0,workers=3";
  report.comparisons.back().candidate = "variant=v1,workers=3";
  const Cells cells(report);
  ASSERT_EQ(cells.groups().size(), 4U);
  EXPECT_EQ(cells.groups()[0].title, "workers = 1");
  EXPECT_THAT(cells.groups()[0].cells, ElementsAre(0, 4, 8));
  EXPECT_EQ(cells.all()[5].style.hue, 1U) << "that of the same variant in every group";
  EXPECT_EQ(cells.all()[5].label_without({"workers"}), "v1");
}

TEST(CellsTest, AreGroupedInOrderWhereNoAxisDoes) {
  report::Report report = crossed(20, 1);
  const Cells cells(report);
  ASSERT_EQ(cells.groups().size(), 3U);
  EXPECT_EQ(cells.groups()[2].title, "cells 17 to 20");
  EXPECT_TRUE(cells.all()[8].style.is_hollow());
  EXPECT_NE(cells.all()[8].style.dash(), cells.all()[0].style.dash());
}

TEST(CellsTest, AreNotNamedByWhatAllOfThemShare) {
  EXPECT_EQ(Cells(crossed(2, 1)).all()[1].label, "v1");
  EXPECT_EQ(Cells(crossed(1, 1)).all()[0].label, "v0, workers=1") << "there is nothing else";
}

TEST(CellsTest, APairSharesTheAxesOfTheSameValue) {
  const report::Report report = crossed(2, 2);
  const Cells cells(report);
  EXPECT_THAT(shared_axes(cells.all()[0], cells.all()[2]), ElementsAre("workers"));
  EXPECT_THAT(shared_axes(cells.all()[0], cells.all()[0]), IsEmpty()) << "nothing would be left";
}

TEST(CellsTest, KeepsMarkupOfOthersOutOfItsNames) {
  report::Report report;
  report.cells = {cell_with({{"variant", "\033[31m<b>"}})};
  const Cells cells(report);
  EXPECT_EQ(cells.all()[0].label, " [31m<b>") << "the template escapes the rest";
}

}  // namespace
}  // namespace poolbench::page
