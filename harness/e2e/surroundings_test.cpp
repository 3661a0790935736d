// Surroundings that refuse what a program takes for granted: an error that says what, no abort, and
// nothing left.
#include <unistd.h>

#include "e2e/shell.h"

namespace poolbench::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class SurroundingsTest : public ShellTest {};

/// What root does as nobody.
class UnprivilegedTest : public ShellTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become nobody";
    for (const char* folder : {"results", "cache"}) {
      fs::create_directory(folder_ / folder);
      fs::permissions(folder_ / folder, fs::perms(0777));
    }
    ASSERT_EQ(bash(kAsNobody + "$poolbench --version"), 0) << err_;
  }

  // LeakSanitizer would need a thread of its own at the end.
  inline static const std::string kAsNobody =
      "export ASAN_OPTIONS=detect_leaks=0 POOLBENCH_CACHE=$PWD/cache; "
      "setpriv --reuid=65534 --regid=65534 --clear-groups ";
};

TEST_F(SurroundingsTest, AFolderThatIsGoneOrATmpdirThatIsNoneStopsNothing) {
  const std::string scenario = write_toy_bench(folder_, ToyBench{}).string();
  EXPECT_EQ(bash("mkdir gone; cd gone; rmdir ../gone; $poolbench plan '" + scenario + "'"), 0);
  EXPECT_EQ(bash("TMPDIR=/nonexistent $poolbench list generators"), 0) << err_;
}

TEST_F(UnprivilegedTest, AnInputThatCannotBeReadIsNamed) {
  ToyBench bench;
  bench.prepare = "[\"true\"]\ninputs = [\"locked\"]";
  fs::create_directories(folder_ / "toy" / "locked" / "inner");
  fs::permissions(folder_ / "toy" / "locked" / "inner", fs::perms(0700));
  EXPECT_EQ(bash_run(bench, "", kAsNobody), 2) << err_;
  EXPECT_THAT(err_, AllOf(HasSubstr("locked/inner"), HasSubstr("Permission denied")));
  EXPECT_TRUE(fs::is_empty(folder_ / "results")) << "nothing was started";
}

TEST_F(UnprivilegedTest, AThreadThatIsRefusedIsAnError) {
  EXPECT_EQ(bash(kAsNobody + "prlimit --nproc=1 $poolbench load http://127.0.0.1:1/"), 3);
  EXPECT_THAT(err_, AllOf(HasSubstr("refuses another thread"), HasSubstr("ulimit -u")));
}

}  // namespace
}  // namespace poolbench::e2e
