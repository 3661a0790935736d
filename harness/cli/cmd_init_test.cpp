#include <gmock/gmock.h>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"

namespace poolbench::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class InitCommandTest : public CommandTest {
 protected:
  InitCommandTest() : CommandTest({add_init_command, add_plan_command}) {}

  void write(const char* file, const std::string& text) const {
    ASSERT_TRUE(base::write_file_atomically(folder_ / file, text));
  }
  [[nodiscard]] std::string in(const char* file) const { return (folder_ / file).string(); }
};

TEST_F(InitCommandTest, SaysWhatItGuessedWhatToEditAndWhatToRun) {
  write("Procfile", "web: python3 server.py $PORT\n");
  EXPECT_EQ(run("init " + folder_.string()), console::kDone) << errors_;
  EXPECT_THAT(output_,
              AllOf(HasSubstr("taken for Procfile"), HasSubstr("wrote " + in("target.toml")),
                    HasSubstr("target.toml:"), HasSubstr("the page to measure"),
                    HasSubstr("poolbench run --check " + in("poolbench.toml"))));
  EXPECT_EQ(run("plan " + in("poolbench.toml")), console::kDone) << errors_;
}

TEST_F(InitCommandTest, OverwritesNothing) {
  for (const char* file : {"target.toml", "poolbench.toml"}) {
    write(file, "mine\n");
    EXPECT_EQ(run("init " + folder_.string()), console::kBadUsage);
    EXPECT_THAT(errors_, HasSubstr(in(file) + " is there already; nothing was written"));
    EXPECT_EQ(base::read_file(in(file)), "mine\n");
    std::filesystem::remove(in(file));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(InitCommandTest, NamesAFolderThatIsNotThere) {
  EXPECT_EQ(run("init " + in("gone")), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("there is no folder"));
}

}  // namespace
}  // namespace poolbench::cli
