#include "scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A path as its reader sees it, whatever folder the source tree is in.
std::string without_folder(std::string text) {
  const std::string folder = testdata() + "/";
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
    text.erase(at, folder.size());
  }
  return text;
}

TEST(LoadFile, SaysEveryMistakeOfAFileAtOnceWithPlaceTextAndRemedy) {
  const auto result = load_file(testdata() + "/mistakes.toml", all_generators());
  ASSERT_FALSE(result.has_value());
  const std::string text = without_folder(to_text(result.error()));
  const std::string golden = testdata() + "/mistakes.txt";
  // To renew the golden file: POOLBENCH_WRITE_GOLDEN=1 scenario_test, then read the difference.
  if (std::getenv("POOLBENCH_WRITE_GOLDEN") != nullptr) std::ofstream(golden) << text;
  EXPECT_EQ(text, base::read_file(golden).value());
  for (const Diagnostic& d : result.error()) {
    EXPECT_GT(d.line, 0) << d.message;
    EXPECT_GT(d.column, 0) << d.message;
    EXPECT_FALSE(d.source_line.empty()) << d.message;
  }
}

TEST(LoadFile, NamesAFileThatCannotBeRead) {
  const auto result = load_file("/no/such/file.toml", all_generators());
  ASSERT_FALSE(result.has_value());
  ASSERT_EQ(result.error().size(), 1U);
  EXPECT_EQ(result.error().front().file, "/no/such/file.toml");
  EXPECT_THAT(to_text(result.error()), HasSubstr("No such file"));
}

TEST(LoadFile, LoadsEveryShippedScenario) {
  int shipped = 0;
  for (const auto& entry : std::filesystem::directory_iterator(POOLBENCH_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    ++shipped;
    const auto result = load_file(entry.path(), all_generators());
    ASSERT_TRUE(result.has_value()) << to_text(result.error());
    EXPECT_EQ(result->name, entry.path().stem());
    EXPECT_FALSE(result->summary.empty());
    EXPECT_EQ(result->file, entry.path());
    EXPECT_EQ(result->sha256.size(), 64U);
  }
  EXPECT_GE(shipped, 3);
}

TEST(LoadFile, ShippedMatrixComparesTheCeilingWithThePoolOfTheSameWorkers) {
  const auto result =
      load_file(POOLBENCH_SOURCE_DIR "/scenarios/django-matrix.toml", all_generators());
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(result->cells.size(), 12U);
  EXPECT_THAT(ids_of(*result), Contains("workers=4,endpoint=no-db"));
  ASSERT_EQ(result->comparisons.size(), 4U);
  const auto id = [](int workers) {
    return "pool=true,conn_max_age=0,workers=" + std::to_string(workers);
  };
  const auto ceiling = [](int workers) {
    return "workers=" + std::to_string(workers) + ",endpoint=no-db";
  };
  EXPECT_THAT(result->comparisons[3].pairs,
              ElementsAre(testing::Pair(id(1), ceiling(1)), testing::Pair(id(2), ceiling(2)),
                          testing::Pair(id(4), ceiling(4))));
}

TEST(LoadFile, ShippedQuestionsSpeakOfTheCellsTheyMean) {
  const auto result =
      load_file(POOLBENCH_SOURCE_DIR "/scenarios/django-pool.toml", all_generators());
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(result->comparisons.front().pairs.front(),
            std::pair(std::string("variant=no-pool"), std::string("variant=pool")));
  EXPECT_THAT(result->hypotheses.back().cells, ElementsAre("variant=pool", "variant=persistent"));
  EXPECT_EQ(result->references.front().value_by_cell.at("variant=pool"), 1054.0);
}

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::filesystem::copy(testdata() + "/targets/web", folder_ / "app",
                          std::filesystem::copy_options::recursive);
  }

  tl::expected<Scenario, std::vector<Diagnostic>> load_using(const std::string& use) {
    const auto file = folder_ / "mine.toml";
    std::ofstream(file) << "schema = 1\nname = \"mine\"\ntarget.use = \"" << use << "\"\n";
    return load_file(file, all_generators());
  }

  base::TemporaryFolder folder_;
};

TEST_F(FolderTest, TakesATargetByPathFromTheScenariosFolder) {
  for (const char* use : {"app/target.toml", "app/", "./app"}) {
    const auto result = load_using(use);
    ASSERT_TRUE(result.has_value()) << use << "\n" << to_text(result.error());
    const TargetSpec& spec = *result->cells.front().target.spec;
    EXPECT_EQ(spec.name, "web");
    EXPECT_EQ(spec.folder, std::filesystem::canonical(folder_ / "app"));
    EXPECT_EQ(spec.serve.folder, std::filesystem::canonical(folder_ / "app") / "app");
  }
}

TEST_F(FolderTest, SaysThatATargetsFileIsAbsentOrWrong) {
  EXPECT_THAT(to_text(load_using("ap/target.toml").error()), HasSubstr("there is no"));
  EXPECT_THAT(to_text(load_using("web").error()), HasSubstr("unknown target"));
  std::ofstream(folder_ / "app/target.toml") << "schema = 1\nnmae = \"web\"\n";
  const std::string text = to_text(load_using("./app").error());
  EXPECT_THAT(text, HasSubstr("app/target.toml:2:1: unknown key nmae"));
  EXPECT_THAT(text, HasSubstr("did you mean \"name\"?"));
}

TEST(LoadFile, ListsTheTargetsThatExistNearestFirst) {
  const auto result = expand_text("schema = 1\nname = \"t\"\ntarget.use = \"wbe\"\n");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().front().message, "target.use: unknown target \"wbe\"");
  EXPECT_EQ(result.error().front().next, "did you mean \"web\"? known: web");
}

}  // namespace
}  // namespace poolbench::scenario
