#include "scenario/matrix/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "scenario/expand_fixture.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Read {
  Matrix matrix;
  std::vector<std::string> mistakes;

  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Combination& c : matrix.combinations) ids.push_back(cell_id(matrix, c));
    return ids;
  }
};

Read read(const std::string& text) {
  Mistakes mistakes;
  const auto source = source_of(text);
  const Setting tree = parse_toml(source->text, source, mistakes).value();
  Read result{read_matrix(tree.find("matrix"), mistakes), {}};
  for (const Diagnostic& d : mistakes.in_order()) {
    result.mistakes.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " +
                              d.message);
  }
  return result;
}

TEST(Matrix, AbsentIsASingleCellCalledAll) {
  EXPECT_THAT(read("").ids(), ElementsAre("all"));
  EXPECT_THAT(read("[matrix]").ids(), ElementsAre("all"));
}

TEST(Matrix, CrossesAxesInTheOrderOfTheFileTheLastOneFastest) {
  const Read r = read("[matrix]\nvariant = [\"b\", \"a\"]\n\"target.params.workers\" = [2, 1]");
  EXPECT_THAT(r.ids(), ElementsAre("variant=b,workers=2", "variant=b,workers=1",
                                   "variant=a,workers=2", "variant=a,workers=1"));
}

TEST(Matrix, TakesAnAxisAsNestedTablesToo) {
  const Read r = read("[matrix]\ntarget.params.workers = [1]\nload.connections = [5]");
  EXPECT_THAT(r.ids(), ElementsAre("workers=1,connections=5"));
  EXPECT_EQ(r.matrix.axes.front().path, "target.params.workers");
}

TEST(Matrix, NamesAnAxisByTheShortestSuffixThatIsItsOwn) {
  const Read r = read(
      "[matrix]\n\"load.threads\" = [1]\n\"target.params.threads\" = [2]\n"
      "\"target.params.pool.size\" = [3]");
  EXPECT_THAT(r.ids(), ElementsAre("load.threads=1,params.threads=2,size=3"));
}

TEST(Matrix, WritesValuesThatAreNotStringsAsCompactJson) {
  const Read r = read(
      "[matrix]\n\"target.params.pool\" = [false, { max_size = 4, b = \"x\" }]\n"
      "\"load.rate\" = [0.5]");
  EXPECT_THAT(r.ids(),
              ElementsAre("pool=false,rate=0.5", R"(pool={"max_size":4,"b":"x"},rate=0.5)"));
}

TEST(Matrix, ExcludesWhatMatchesEveryConditionOfARule) {
  const Read r = read(
      "[matrix]\n\"target.params.a\" = [1, 2, 3]\n\"target.params.b\" = [true, false]\n"
      "[[matrix.exclude]]\na = [1, 2]\nb = true\n[[matrix.exclude]]\ntarget.params.a = 3");
  EXPECT_THAT(r.ids(), ElementsAre("a=1,b=false", "a=2,b=false"));
  EXPECT_THAT(r.mistakes, IsEmpty());
}

TEST(Matrix, RefusesAnExcludeThatMatchesNothing) {
  const Read r = read(
      "[matrix]\n\"target.params.a\" = [1]\n\"target.params.b\" = [2]\n"
      "[[matrix.exclude]]\na = 1\nb = 3\n");
  EXPECT_THAT(r.mistakes, ElementsAre("6:5 axis b has no value 3"));
  EXPECT_THAT(read("[matrix]\n\"target.params.a\" = [1, 2]\n[[matrix.exclude]]\na = 1\n"
                   "[[matrix.exclude]]\na = 1\n")
                  .mistakes,
              ElementsAre("5:1 this exclude matches no cell"));
}

TEST(Matrix, IncludesCellsThatLackTheOtherAxes) {
  const Read r = read(
      "[matrix]\n\"target.params.pool\" = [true]\n\"target.params.workers\" = [1, 2]\n"
      "[[matrix.include]]\n\"target.endpoint\" = \"no-db\"\nworkers = [1, 8]\n");
  EXPECT_THAT(r.ids(), ElementsAre("pool=true,workers=1", "pool=true,workers=2",
                                   "workers=1,endpoint=no-db", "workers=8,endpoint=no-db"));
  EXPECT_THAT(r.mistakes, IsEmpty());
}

TEST(Matrix, OfIncludesAloneHasOnlyThem) {
  EXPECT_THAT(read("[[matrix.include]]\nvariant = [\"a\", \"b\"]").ids(),
              ElementsAre("variant=a", "variant=b"));
}

TEST(Matrix, RefusesAnIncludeThatIsThereAlready) {
  EXPECT_THAT(read("[matrix]\nvariant = [\"a\"]\n[[matrix.include]]\nvariant = \"a\"").mistakes,
              ElementsAre("3:1 the matrix has the cell variant=a already"));
}

TEST(Matrix, RefusesAxesThatCannotBe) {
  const auto mistake = [](const std::string& body) { return read("[matrix]\n" + body).mistakes; };
  EXPECT_THAT(mistake("workers = [1]"), ElementsAre("2:1 \"workers\" cannot be an axis"));
  EXPECT_THAT(mistake("load = [1]"), ElementsAre("2:1 \"load\" cannot be an axis"));
  EXPECT_THAT(mistake("\"design.blocks\" = [1]"),
              ElementsAre("2:1 \"design.blocks\" cannot be an axis"));
  EXPECT_THAT(mistake("\"load..rate\" = [1]"), ElementsAre("2:1 \"load..rate\" cannot be an axis"));
  EXPECT_THAT(mistake("\"load.rate\" = []"), ElementsAre("2:15 axis load.rate has no values"));
  EXPECT_THAT(mistake("\"load.rate\" = 5"),
              ElementsAre("2:15 axis load.rate must be a list of values, found the number 5"));
  EXPECT_THAT(mistake("\"load.rate\" = [5, 6, 5]"),
              ElementsAre("2:22 axis load.rate has the value \"5\" twice"));
  EXPECT_THAT(mistake("\"load.rate\" = [[5]]"),
              ElementsAre("2:16 a value of axis load.rate cannot be a list"));
  EXPECT_THAT(
      mistake("variant = [1]"),
      ElementsAre("2:12 a value of axis variant must be a variant's name, found the number 1"));
  EXPECT_THAT(mistake("\"load.rate\" = [1]\nload.rate = [2]"),
              ElementsAre("3:6 axis load.rate is given twice"));
  EXPECT_THAT(mistake("\"target.params.pool\" = [true]\n\"target.params.pool.size\" = [2]"),
              ElementsAre("3:1 axis target.params.pool.size lies inside axis target.params.pool"));
}

TEST(Matrix, RefusesMoreCellsThanItWillBuildBeforeBuildingThem) {
  std::string body = "[matrix]\n";
  for (int axis = 0; axis < 30; ++axis) {
    body += "\"target.params.p" + std::to_string(axis) + "\" = [1, 2, 3, 4, 5, 6, 7, 8]\n";
  }
  const Read r = read(body);
  EXPECT_THAT(r.mistakes, ElementsAre("1:1 the matrix has more than 10000 cells"));
  EXPECT_THAT(r.matrix.combinations, IsEmpty());
}

TEST(Matrix, RefusesToExcludeEverything) {
  EXPECT_THAT(read("[matrix]\nvariant = [\"a\"]\n[[matrix.exclude]]\nvariant = \"a\"").mistakes,
              ElementsAre("1:1 the matrix has no cell left"));
}

TEST(Matrix, FindsAnAxisByASuffixOnlyWhereThatIsClear) {
  const Matrix matrix =
      read("[matrix]\n\"load.threads\" = [1]\n\"target.params.threads\" = [2]").matrix;
  EXPECT_EQ(find_axis(matrix, "load.threads"), 0U);
  EXPECT_EQ(find_axis(matrix, "params.threads"), 1U);
  EXPECT_EQ(find_axis(matrix, "threads"), std::nullopt);
  EXPECT_EQ(find_axis(matrix, "reads"), std::nullopt);
  EXPECT_EQ(find_axis(matrix, ""), std::nullopt);
}

/// For random matrices: cells = product − excluded + included, and no two have the same id.
TEST(Matrix, CountsProductLessExcludedPlusIncluded) {
  std::mt19937 random(20250708);  // NOLINT(bugprone-random-generator-seed): repeatable
  for (int round = 0; round < 200; ++round) {
    std::string body = "[matrix]\n";
    std::vector<int> sizes;
    std::size_t product = 1;
    for (std::size_t axis = 0; axis < 1 + random() % 4; ++axis) {
      sizes.push_back(1 + static_cast<int>(random() % 4));
      product *= static_cast<std::size_t>(sizes.back());
      body += "\"target.params.p" + std::to_string(axis) + "\" = [";
      for (int value = 0; value < sizes.back(); ++value) body += std::to_string(value) + ", ";
      body += "]\n";
    }
    std::size_t excluded = 0;
    if (sizes.size() > 1) {
      const std::size_t kept = 1 + random() % static_cast<std::size_t>(sizes[0]);
      body += "[[matrix.exclude]]\np1 = 0\np0 = [";
      for (std::size_t value = 0; value < kept; ++value) body += std::to_string(value) + ", ";
      body += "]\n";
      excluded = kept * product / static_cast<std::size_t>(sizes[0] * sizes[1]);
    }
    const std::size_t included = random() % 3;
    if (included > 0) {
      body += "[[matrix.include]]\n\"target.endpoint\" = [";
      for (std::size_t i = 0; i < included; ++i) body += "\"e" + std::to_string(i) + "\", ";
      body += "]\n";
    }
    const Read r = read(body);
    const std::vector<std::string> ids = r.ids();
    const std::size_t expected = product - excluded + included;
    EXPECT_EQ(r.mistakes.size(), expected == 0 ? 1U : 0U) << body;
    EXPECT_EQ(ids.size(), expected) << body;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size()) << body;
  }
}

}  // namespace
}  // namespace poolbench::scenario
