#include "run/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace poolbench::run {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST(CacheTest, TheVariablesSayWhereItIs) {
  EXPECT_EQ(cache_folder({{"POOLBENCH_CACHE", "/a"}, {"XDG_CACHE_HOME", "/b"}, {"HOME", "/c"}}),
            "/a");
  EXPECT_EQ(cache_folder({{"XDG_CACHE_HOME", "/b"}, {"HOME", "/c"}}), "/b/poolbench");
  EXPECT_EQ(cache_folder({{"XDG_CACHE_HOME", ""}, {"HOME", "/c"}}), "/c/.cache/poolbench");
  EXPECT_EQ(cache_folder({{"POOLBENCH_CACHE", "a"}}), fs::current_path() / "a");
}

TEST(CacheTest, ARelativeXdgCacheHomeIsIgnored) {
  EXPECT_EQ(cache_folder({{"XDG_CACHE_HOME", "b"}, {"HOME", "/c"}}), "/c/.cache/poolbench");
  EXPECT_EQ(cache_folder({{"XDG_CACHE_HOME", "./b"}, {"HOME", "/c"}}), "/c/.cache/poolbench");
}

TEST(CacheTest, WithoutHomeItIsInTheHomeOfTheUser) {
  const passwd* user = ::getpwuid(::geteuid());
  const fs::path home = user == nullptr ? "/" : user->pw_dir;
  EXPECT_EQ(cache_folder({}), home / ".cache" / "poolbench");
  EXPECT_EQ(cache_folder({{"HOME", "relative"}}), home / ".cache" / "poolbench");
}

class OpenCacheTest : public testing::Test {
 protected:
  OpenCacheTest() {
    std::string name = (fs::temp_directory_path() / "poolbench-cache-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~OpenCacheTest() override { fs::remove_all(folder_); }

  service::Cache open(const base::Environment& caller) {
    return open_cache(folder_ / "scratch", [&](const std::string& text) { note_ += text; }, caller);
  }

  fs::path folder_;
  std::string note_;
};

TEST_F(OpenCacheTest, IsMadeWhereItCanBeWritten) {
  const service::Cache cache = open({{"HOME", folder_.string()}});
  EXPECT_EQ(note_, "");
  EXPECT_TRUE(cache.can_keep());
  EXPECT_TRUE(fs::is_directory(folder_ / ".cache" / "poolbench"));
}

TEST_F(OpenCacheTest, FallsBackToScratchWithANote) {
  std::ofstream(folder_ / "file") << "in the way";
  const service::Cache cache = open({{"POOLBENCH_CACHE", (folder_ / "file" / "cache").string()}});
  EXPECT_EQ(cache.kept, folder_ / "file" / "cache");
  EXPECT_EQ(cache.writable, folder_ / "scratch");
  EXPECT_FALSE(cache.can_keep());
  EXPECT_THAT(note_, AllOf(HasSubstr("file/cache (Not a directory)"),
                           HasSubstr("Set POOLBENCH_CACHE to a folder")));
}

TEST_F(OpenCacheTest, MakesNoHome) {
  const fs::path home = folder_ / "nonexistent";
  EXPECT_FALSE(open({{"HOME", home.string()}}).can_keep());
  EXPECT_THAT(note_, HasSubstr("there is no folder " + home.string()));
  EXPECT_FALSE(fs::exists(home));
}

}  // namespace
}  // namespace poolbench::run
