#include "service/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class InputsTest : public testing::Test {
 protected:
  InputsTest() {
    write("data/a.sql", "one");
    write("data/deep/b.sql", "two");
  }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    ASSERT_TRUE(base::write_file_atomically(folder_ / file, text));
  }
  void link(const fs::path& to, const fs::path& at) const { fs::create_symlink(to, folder_ / at); }
  [[nodiscard]] std::string hash(const std::vector<std::vector<std::string>>& commands = {}) const {
    return hash_inputs(folder_, {"data"}, commands).value();
  }

  base::TemporaryFolder folder_;
};

TEST_F(InputsTest, HashNamesAndContentAsTheyAlwaysDid) {
  EXPECT_EQ(hash(), base::sha256_hex("data/a.sql\n" + base::sha256_hex("one") +
                                     "\ndata/deep/b.sql\n" + base::sha256_hex("two") + "\n"));
  const std::string before = hash();
  write("data/__pycache__/a.pyc", "code");
  EXPECT_EQ(hash(), before);
  write("data/a.sql", "three");
  EXPECT_NE(hash(), before);
}

TEST_F(InputsTest, HashWhatLiesBehindALinkToAFolder) {
  write("elsewhere/c.sql", "three");
  const std::string without = hash();
  link("../elsewhere", "data/more");
  const std::string with = hash();
  EXPECT_NE(with, without);
  write("elsewhere/c.sql", "four");
  EXPECT_NE(hash(), with);
}

TEST_F(InputsTest, EndWhereLinksGoRoundAndNameLinksThatLeadNowhere) {
  link("..", "data/deep/up");
  link("itself", "data/itself");
  const std::string round = hash();
  link("gone", "data/dangling");
  EXPECT_NE(hash(), round);
}

TEST_F(InputsTest, HashTheTextOfTheCommandsToo) {
  const std::string one = hash({{"psql", "-c", "create table t(i int)"}});
  EXPECT_NE(one, hash());
  EXPECT_NE(one, hash({{"psql", "-c", "create table t(i bigint)"}}));
  EXPECT_NE(one, hash({{"psql", "-c create table t(i int)"}}));
}

TEST_F(InputsTest, WaitForNoWriterOfAFifo) {
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto hash = hash_inputs(folder_, {"fifo"}, {});
  ASSERT_FALSE(hash);
  EXPECT_THAT(hash.error().message, HasSubstr("is neither a plain file nor a folder"));
  EXPECT_FALSE(base::sha256_of_file(fifo));
}

TEST_F(InputsTest, FailWhereThereIsNothingToHash) {
  EXPECT_THAT(hash_inputs(folder_, {"dta"}, {}).error().message, HasSubstr("no such file"));
  fs::create_directories(folder_ / "empty/folder");
  EXPECT_THAT(hash_inputs(folder_, {"empty"}, {}).error().message, HasSubstr("no file in it"));
}

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
  Cache open(const base::Environment& caller) { return open_cache(folder_ / "scratch", caller); }

  base::TemporaryFolder folder_;
};

TEST_F(OpenCacheTest, IsMadeWhereItCanBeWritten) {
  const Cache cache = open({{"HOME", folder_.string()}});
  EXPECT_EQ(cache.warning, "");
  EXPECT_TRUE(cache.can_keep());
  EXPECT_TRUE(fs::is_directory(folder_ / ".cache" / "poolbench"));
}

TEST_F(OpenCacheTest, FallsBackToScratchWithAWarning) {
  std::ofstream(folder_ / "file") << "in the way";
  const Cache cache = open({{"POOLBENCH_CACHE", (folder_ / "file" / "cache").string()}});
  EXPECT_EQ(cache.kept, folder_ / "file" / "cache");
  EXPECT_EQ(cache.writable, folder_ / "scratch");
  EXPECT_FALSE(cache.can_keep());
  EXPECT_THAT(cache.warning, AllOf(HasSubstr("file/cache (Not a directory)"),
                                   HasSubstr("Set POOLBENCH_CACHE to a folder")));
}

TEST_F(OpenCacheTest, MakesNoHome) {
  const fs::path home = folder_ / "nonexistent";
  const Cache cache = open({{"HOME", home.string()}});
  EXPECT_FALSE(cache.can_keep());
  EXPECT_THAT(cache.warning, HasSubstr("there is no folder " + home.string()));
  EXPECT_FALSE(fs::exists(home));
}

}  // namespace
}  // namespace poolbench::service
