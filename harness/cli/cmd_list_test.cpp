#include <gmock/gmock.h>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

namespace poolbench::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ListTargetsTest : public CommandTest {
 protected:
  ListTargetsTest() : CommandTest({add_list_command}) {}

  void write_target(const std::filesystem::path& folder, const std::string& name) const {
    std::filesystem::create_directories(folder_ / folder);
    ASSERT_TRUE(
        base::write_file_atomically(folder_ / folder / "target.toml",
                                    "schema = 2\nname = \"" + name +
                                        "\"\ndefault_endpoint = \"q\"\nserve.command = [\"run\"]\n"
                                        "endpoint.q.path = \"/\"\n"));
  }
};

TEST_F(ListTargetsTest, ShowsATargetBesideItsApplication) {
  write_target("shop", "shop");
  for (const char* path : {"/shop", "/shop/target.toml"}) {
    EXPECT_EQ(run("list targets " + folder_.string() + path), console::kDone) << errors_;
    EXPECT_THAT(output_, HasSubstr("shop: "));
  }
}

TEST_F(ListTargetsTest, ShowsTheTargetsOfAFolderOfScenarios) {
  write_target("targets/a", "first");
  write_target("targets/b", "second");
  EXPECT_EQ(run("list targets " + folder_.string()), console::kDone) << errors_;
  EXPECT_THAT(output_, AllOf(HasSubstr("first: "), HasSubstr("second: ")));
}

TEST_F(ListTargetsTest, SaysWhatToNameWhereThereIsNone) {
  EXPECT_EQ(run("list targets " + folder_.string()), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("name a target.toml, its folder"));
}

class ListScenariosTest : public ListTargetsTest {
 protected:
  void write_scenario(const std::string& name, const std::string& more) const {
    write_target("targets/shop", "shop");
    ASSERT_TRUE(base::write_file_atomically(
        folder_ / (name + ".toml"),
        "schema = 1\nname = \"" + name + "\"\ntarget.use = \"shop\"\n" + more));
  }
};

TEST_F(ListScenariosTest, SaysWhatEachAsksAndHowLongItRuns) {
  write_scenario("a",
                 "summary = \"Does it pay?\"\nload.warmup = \"2s\"\nload.measure = \"4s\"\n"
                 "design.blocks = 12\n");
  write_scenario("b", "load.warmup = \"1s\"\nload.measure = \"1s\"\ndesign.blocks = 1\n");
  EXPECT_EQ(run("list scenarios " + folder_.string()), console::kDone) << errors_;
  EXPECT_THAT(output_,
              AllOf(HasSubstr("a.toml\n  Does it pay?\n  1 cell × 12 blocks, about 1 min 30 s, "
                              "with --quick 21 s\n"),
                    HasSubstr("b.toml\n  1 cell × 1 block, about 3.5 s"),
                    HasSubstr("2 scenarios, about 1 min 34 s in all\n")));
}

TEST_F(ListScenariosTest, AMistakeInOneHidesNoOther) {
  write_scenario("a", "blocks = 3\n");
  write_scenario("b", "");
  EXPECT_EQ(run("list scenarios " + folder_.string()), console::kBadUsage);
  EXPECT_THAT(output_, AllOf(HasSubstr("b.toml"), Not(HasSubstr("a.toml"))));
  EXPECT_THAT(errors_, HasSubstr("a.toml:4:1"));
}

TEST_F(ListScenariosTest, SaysWhatToNameWhereThereIsNone) {
  EXPECT_EQ(run("list scenarios " + folder_.string()), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("name a scenario file"));
}

TEST_F(ListTargetsTest, ShowsServicesWithWhatTheyNeed) {
  std::filesystem::create_directories(folder_ / "services/hop");
  ASSERT_TRUE(base::write_file_atomically(
      folder_ / "services/hop/service.toml",
      "schema = 1\nname = \"hop\"\nsummary = \"a hop\"\ninstall = \"build it\"\n"
      "params.size = { type = \"integer\", default = 8, argument = [\"-s\", \"{value}\"] }\n"
      "serve.command = [\"no-such-hop\", \"{arguments}\", \"{port}\", \"{upstream.host}\"]\n"));
  EXPECT_EQ(run("list services " + folder_.string()), console::kDone) << errors_;
  EXPECT_THAT(output_, AllOf(HasSubstr("hop: a hop\n  stands between target and PostgreSQL\n"
                                       "  no-such-hop is not installed: build it\n"),
                             HasSubstr("service.hop.params\n    size"), HasSubstr("8 unless set")));
}

}  // namespace
}  // namespace poolbench::cli
