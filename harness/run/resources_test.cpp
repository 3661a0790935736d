#include "run/resources.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "base/time.h"
#include "process/sweep.h"

namespace poolbench::run {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LockFileTest : public testing::Test {
 protected:
  LockFileTest() {
    std::ofstream(victim_) << kPrecious;
    fs::permissions(victim_, fs::perms(0600));
  }

  void expect_refused(const std::string& why) {
    const auto opened = open_lock_file(lock_);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr(why));
    EXPECT_EQ(opened.error().where, lock_.string());
    EXPECT_EQ(base::read_file(victim_).value(), kPrecious);
    EXPECT_EQ(fs::status(victim_).permissions(), fs::perms(0600));
  }

  static constexpr const char* kPrecious =
      "precious, and longer than any id of any run can ever be";
  base::TemporaryFolder folder_;
  fs::path lock_ = folder_ / "lock", victim_ = folder_ / "victim";
};

TEST_F(LockFileTest, IsMadeForEveryUser) {
  ASSERT_TRUE(open_lock_file(lock_));
  EXPECT_EQ(fs::status(lock_).permissions(), fs::perms(0666));
  EXPECT_TRUE(open_lock_file(lock_));
}

TEST_F(LockFileTest, FollowsNoSymbolicLink) {
  fs::create_symlink(victim_, lock_);
  expect_refused("it is a symbolic link");
  fs::remove(lock_);
  fs::create_symlink(folder_ / "not-there", lock_);
  expect_refused("it is a symbolic link");
  EXPECT_FALSE(fs::exists(folder_ / "not-there"));
}

TEST_F(LockFileTest, AcceptsNoOtherNameOfAFile) {
  fs::create_hard_link(victim_, lock_);
  expect_refused("other names");
}

TEST_F(LockFileTest, AcceptsNothingButAPlainFile) {
  ASSERT_EQ(::mkfifo(lock_.c_str(), 0666), 0);
  expect_refused("not a plain file");
  fs::remove(lock_);
  fs::create_directory(lock_);
  expect_refused("");
}

TEST_F(LockFileTest, NamesTheRunThatHoldsItWithoutCuttingOffAnything) {
  std::ofstream(lock_) << kPrecious;
  const auto fd = open_lock_file(lock_);
  ASSERT_TRUE(fd);
  EXPECT_EQ(holder(fd->get()), "");
  const std::string id = process::make_run_id(base::SystemClock());
  name_holder(fd->get(), id);
  EXPECT_EQ(holder(fd->get()), id);
  EXPECT_EQ(fs::file_size(lock_), std::string(kPrecious).size());
  name_holder(fd->get(), "20250708T123456Z-1-1");  // its run is no longer alive
  EXPECT_EQ(holder(fd->get()), "");
}

TEST_F(LockFileTest, LeavesAFileOfAnotherUserAsItIs) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  std::ofstream(lock_) << kPrecious;
  ASSERT_EQ(::chown(lock_.c_str(), 65534, 65534), 0);
  const auto fd = open_lock_file(lock_);
  ASSERT_TRUE(fd);
  name_holder(fd->get(), process::make_run_id(base::SystemClock()));
  EXPECT_EQ(base::read_file(lock_).value(), kPrecious);
}

}  // namespace
}  // namespace poolbench::run
