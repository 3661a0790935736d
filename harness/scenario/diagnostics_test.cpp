#include "scenario/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using testing::EndsWith;

TEST(Diagnostic, PointsAtTheOffendingTextBelowItsLine) {
  Mistakes mistakes;
  mistakes.add({source_of("ok = 1\n\tü = nope\r\n"), 2, 6}, "what is nope?", "write yes");
  EXPECT_EQ(to_text(mistakes.in_order()),
            "t.toml:2:6: what is nope?\n"
            "    \tü = nope\n"
            "    \t    ^\n"
            "  next: write yes\n");
}

TEST(Diagnostic, ShowsTheWordsOfTheCommandLineWithoutALine) {
  Mistakes mistakes;
  mistakes.add({std::make_shared<const Source>(Source{"--set", "a=b", true}), 0, 0}, "no");
  EXPECT_EQ(to_text(mistakes.in_order()), "--set: no\n    a=b\n");
}

TEST(Diagnostic, LeavesOutALineTooLongToHelp) {
  Mistakes mistakes;
  mistakes.add({source_of(std::string(1000, 'x')), 1, 900}, "long");
  EXPECT_EQ(to_text(mistakes.in_order()), "t.toml:1:900: long\n");
}

TEST(Diagnostic, AreCountedByTheFileTheyAreIn) {
  Mistakes mistakes;
  const auto target = std::make_shared<const Source>(Source{"app/target.toml", "a\nb\n", false});
  mistakes.add({target, 2, 1}, "second");
  mistakes.add({target, 1, 1}, "first");
  EXPECT_EQ(count_text(mistakes.in_order()), "2 mistakes in app/target.toml");
  mistakes.add({source_of("a\n"), 1, 1}, "other");
  EXPECT_EQ(count_text(mistakes.in_order()), "2 mistakes in app/target.toml, 1 mistake in t.toml");
}

TEST(Mistakes, NameEachKnownWordOnce) {
  EXPECT_EQ(suggestion("zzz", {"type", "min", "type"}), "known: type, min");
}

TEST(Mistakes, AreKeptOnceAndOrderedByPlace) {
  Mistakes mistakes;
  const auto source = source_of("a\nb\n");
  mistakes.add({source, 2, 1}, "second");
  mistakes.add({source, 1, 1}, "first");
  mistakes.add({source, 2, 1}, "second");
  ASSERT_EQ(mistakes.count(), 2U);
  EXPECT_EQ(mistakes.in_order().front().message, "first");
}

TEST(Mistakes, SuggestTheNearestNameOrAllOfThem) {
  EXPECT_EQ(suggestion("conections", {"connections", "threads"}), "did you mean \"connections\"?");
  EXPECT_EQ(suggestion("zzz", {"connections", "threads"}), "known: connections, threads");
  EXPECT_EQ(suggestion("zzz", {}), "");
}

TEST(Mistakes, QuoteWhatSomebodyWroteWithoutTrustingIt) {
  EXPECT_EQ(in_quotes("a\nb\"c"), R"("a\nb\"c")");
  EXPECT_EQ(in_quotes("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_THAT(in_quotes(std::string(500, 'x')), EndsWith("x…\""));
}

}  // namespace
}  // namespace poolbench::scenario
