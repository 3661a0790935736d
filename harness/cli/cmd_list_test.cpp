#include <gmock/gmock.h>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

namespace poolbench::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

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

}  // namespace
}  // namespace poolbench::cli
