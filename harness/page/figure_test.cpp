#include "page/figure.h"

#include <gmock/gmock.h>

namespace poolbench::page {
namespace {

std::string shown(const View& view, const std::string& key) {
  return view.get(key)->string_value();
}

TEST(FigureTest, GroupsThousandsFromOneThousandOn) {
  EXPECT_EQ(group_thousands("999"), "999");
  EXPECT_EQ(group_thousands("1592"), "1\u202F592");
  EXPECT_EQ(group_thousands("-1234567.891"), "-1\u202F234\u202F567.891");
  EXPECT_EQ(group_thousands("<0.0001"), "<0.0001");
  EXPECT_EQ(group_thousands("–"), "–");
}

TEST(FigureTest, HasThreeDigitsOrMore) {
  EXPECT_EQ(number_text(1592.4), "1\u202F592");
  EXPECT_EQ(number_text(30.98), "31.0");
  EXPECT_EQ(number_text(0.14837), "0.148");
  EXPECT_EQ(number_text(0), "0");
}

TEST(FigureTest, KeepsTheValueAsTheReportHasIt) {
  const Figure figure{.text = "237", .pointer = "/cells/0", .value = 236.75, .before = "×"};
  const View view = figure.view();
  EXPECT_TRUE(view.get("is_number")->is_true());
  EXPECT_EQ(shown(view, "value"), "236.75");
  EXPECT_EQ(shown(view, "pointer"), "/cells/0");
  EXPECT_EQ(shown(view, "before"), "×");
}

TEST(FigureTest, WhatIsUnknownIsADashWithItsReason) {
  const View view = unknown("not run").view();
  EXPECT_TRUE(view.get("is_unknown")->is_true());
  EXPECT_TRUE(view.get("is_number")->is_false());
  EXPECT_EQ(shown(view, "text"), "–");
  EXPECT_EQ(shown(view, "reason"), "not run");
}

TEST(FigureTest, AlignsDecimalPointsWithSpacesOfTheSameWidth) {
  Figure whole, tenths, hundredths;
  whole.text = "209";
  tenths.text = "31.0";
  hundredths.text = "7.79";
  Figure nothing = unknown("");
  const std::vector<Figure*> column = {&whole, &tenths, &hundredths, &nothing};
  align(column);
  EXPECT_EQ(whole.after, "\u2008\u2007\u2007");
  EXPECT_EQ(tenths.after, "\u2007");
  EXPECT_EQ(hundredths.after, "");
  EXPECT_EQ(nothing.after, "");
}

TEST(FigureTest, EscapesWhatAPointerMayNotHold) {
  EXPECT_EQ(pointer_part("endpoint.a/b~c.latency_p50_us"), "endpoint.a~1b~0c.latency_p50_us");
}

}  // namespace
}  // namespace poolbench::page
