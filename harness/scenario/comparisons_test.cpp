#include "scenario/comparisons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/metric.h"
#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// Pool and age crossed with workers; no-db cells by include, for each number of workers.
constexpr const char* kMatrix =
    "[matrix]\n\"target.params.pool\" = [false, true]\n\"target.params.conn_max_age\" = [0, 60]\n"
    "\"target.params.workers\" = [1, 2]\n"
    "[[matrix.exclude]]\npool = true\nconn_max_age = 60\n"
    "[[matrix.include]]\n\"target.endpoint\" = \"no-db\"\nworkers = [1, 2]\n";

std::vector<std::pair<std::string, std::string>> pairs(const std::string& sides) {
  const auto result = expand_body(std::string(kMatrix) + "[[compare]]\nname = \"c\"\n" + sides);
  EXPECT_TRUE(result.has_value()) << (result ? "" : to_text(result.error()));
  return result.value().comparisons.front().pairs;
}

std::vector<std::string> mistakes(const std::string& question) {
  return mistakes_in(expand_body("[matrix]\n\"target.params.workers\" = [1, 2]\n" + question));
}

TEST(Comparison, PairsCellsThatAgreeOnTheOtherAxes) {
  EXPECT_THAT(
      pairs("baseline = { pool = false, conn_max_age = 0 }\ncandidate = { pool = true }"),
      ElementsAre(
          Pair("pool=false,conn_max_age=0,workers=1", "pool=true,conn_max_age=0,workers=1"),
          Pair("pool=false,conn_max_age=0,workers=2", "pool=true,conn_max_age=0,workers=2")));
}

TEST(Comparison, TakesTheSettingOfACellForAnAxisItDoesNotVary) {
  EXPECT_THAT(pairs("baseline = { pool = false }\ncandidate = { endpoint = \"no-db\" }"),
              ElementsAre(Pair("pool=false,conn_max_age=0,workers=1", "workers=1,endpoint=no-db"),
                          Pair("pool=false,conn_max_age=0,workers=2", "workers=2,endpoint=no-db")));
}

TEST(Comparison, NeverPairsACellWithItself) {
  EXPECT_THAT(pairs("baseline = { workers = 1, pool = true }\ncandidate = { pool = true }"),
              ElementsAre(Pair("pool=true,conn_max_age=0,workers=1",
                               "pool=true,conn_max_age=0,workers=2")));
}

TEST(Comparison, DefaultsToThroughput) {
  const auto result = expand_body(
      std::string(kMatrix) +
      "[[compare]]\nname = \"c\"\nbaseline = { pool = false }\ncandidate = { pool = true }");
  EXPECT_THAT(result->comparisons.front().metrics, ElementsAre(report::metric_names({}).front()));
}

TEST(Comparison, RefusesSelectorsThatChooseNothingOrNeverAgree) {
  EXPECT_THAT(mistakes_in(expand_body(std::string(kMatrix) +
                                      "[[compare]]\nname = \"c\"\n"
                                      "baseline = { pool = true, conn_max_age = 60 }\n"
                                      "candidate = { conn_max_age = 60 }\n")),
              ElementsAre("16:12 compare.baseline chooses no cell of the matrix"));
  EXPECT_THAT(
      mistakes_in(expand_body(std::string(kMatrix) + "[[compare]]\nname = \"c\"\n"
                                                     "baseline = { pool = true, workers = 1 }\n"
                                                     "candidate = { pool = true, workers = 1 }\n")),
      ElementsAre("17:13 compare.candidate agrees with no baseline cell on the axes that "
                  "neither names"));
  EXPECT_THAT(mistakes("[[compare]]\nname = \"c\"\ncandidate = {}\n"),
              ElementsAre("6:1 compare.baseline is missing",
                          "8:13 a selector must be a table that names an axis and its value, "
                          "found an empty table"));
}

TEST(Hypothesis, BoundsAValueOfCellsOrARatioOfPairs) {
  const auto result = expand_body(
      std::string(kMatrix) +
      "[[hypothesis]]\nclaim = \"a\"\nmetric = \"error_ratio\"\ncell = { pool = true }\n"
      "between = [0.1, 2]\n"
      "[[hypothesis]]\nclaim = \"b\"\nmetric = \"latency_p99_us\"\n"
      "baseline = { pool = false }\ncandidate = { pool = true }\nratio_at_most = 1\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  const Hypothesis& value = result->hypotheses.front();
  EXPECT_THAT(value.cells, ElementsAre("pool=true,conn_max_age=0,workers=1",
                                       "pool=true,conn_max_age=0,workers=2"));
  EXPECT_EQ(value.at_least, 0.1);
  EXPECT_EQ(value.at_most, 2);
  const Hypothesis& ratio = result->hypotheses.back();
  EXPECT_EQ(ratio.pairs.size(), 2U);
  EXPECT_EQ(ratio.at_least, std::nullopt);
  EXPECT_EQ(ratio.at_most, 1);
}

TEST(Hypothesis, NeedsOneSubjectAndBoundsThatFitIt) {
  const std::string head = "[[hypothesis]]\nclaim = \"c\"\nmetric = \"error_ratio\"\n";
  EXPECT_THAT(mistakes(head + "at_least = 1\n"), ElementsAre("6:1 hypothesis.cell is missing"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\n"),
              ElementsAre("6:1 hypothesis.between is missing"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nratio_at_least = 1\n"),
              ElementsAre("10:18 hypothesis.ratio_at_least is a bound on a ratio, but there is no "
                          "baseline and candidate"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nat_least = 1\nbetween = [1, 2]\n"),
              ElementsAre("11:11 hypothesis.between says what at_least and at_most say"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nat_least = 2\nat_most = 1\n"),
              ElementsAre("11:11 hypothesis.at_most is less than at_least"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nbaseline = { workers = 1 }\n"
                              "candidate = { workers = 2 }\nratio_at_least = 1\n"),
              ElementsAre("9:8 hypothesis.cell does not go with baseline and candidate"));
}

TEST(Reference, GivesAFigureToEveryCellItsSelectorChooses) {
  const auto result = expand_body(
      "[matrix]\n\"target.params.workers\" = [1, 2]\n"
      "[[reference]]\nsource = \"s\"\nmetric = \"error_ratio\"\n"
      "values = [{ cell = { workers = [1, 2] }, value = 7 }]\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_THAT(result->references.front().value_by_cell,
              ElementsAre(Pair("workers=1", 7.0), Pair("workers=2", 7.0)));
}

TEST(Questions, AreNotJudgedAgainstAMatrixThatIsWrong) {
  EXPECT_THAT(mistakes_in(expand_body("[matrix]\n\"target.params.workers\" = []\n[[compare]]\n"
                                      "name = \"c\"\nbaseline = { workers = 1 }\n"
                                      "candidate = { workers = 2 }\n")),
              ElementsAre("5:27 axis target.params.workers has no values"));
}

TEST(Hypothesis, MayClaimThatACellFailsAndHow) {
  const std::string head = "[[hypothesis]]\nclaim = \"c\"\nfails_with = \"wrong answer\"\n";
  const auto result = expand_body(std::string(kMatrix) + head + "cell = { pool = true }\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(result->hypotheses.front().fails_with, "wrong answer");
  EXPECT_EQ(result->hypotheses.front().cells.size(), 2U);
  EXPECT_THAT(mistakes(head), ElementsAre("6:1 hypothesis.cell is missing"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nmetric = \"error_ratio\"\n"),
              ElementsAre("10:10 hypothesis.metric does not go with fails_with"));
  EXPECT_THAT(mistakes(head + "cell = { workers = 1 }\nat_least = 1\n"),
              ElementsAre("10:12 hypothesis.at_least does not go with fails_with"));
}

}  // namespace
}  // namespace poolbench::scenario
