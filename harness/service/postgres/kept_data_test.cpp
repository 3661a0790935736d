#include "service/postgres/kept_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uintmax_t kMiB = std::uintmax_t{1} << 20U;

/// A cluster used at `used` whose data sets were made on these days of a month.
KeptCluster kept(const std::string& folder, std::int64_t used,
                 const std::vector<std::pair<std::string, int>>& made,
                 std::uintmax_t bytes = kMiB) {
  KeptCluster cluster{folder, "pg15", "postgres 1 2", bytes, {}, used};
  for (const auto& [key, day] : made) {
    cluster.templates.push_back({key, "db_" + key, "2026-01-0" + std::to_string(day), 1.5});
  }
  return cluster;
}

std::string chosen(const std::vector<KeptCluster>& all, const std::set<std::string>& keys,
                   const std::string& server = "pg15") {
  const KeptCluster* cluster = choose(all, server, keys);
  return cluster == nullptr ? "none" : cluster->folder.string();
}

TEST(ChooseTest, TakesTheOneThatHoldsMost) {
  const std::vector all{kept("a", 1, {{"x", 1}}), kept("b", 2, {{"x", 1}, {"y", 1}, {"z", 1}}),
                        kept("c", 3, {{"y", 1}})};
  EXPECT_EQ(chosen(all, {"x", "y"}), "b");
  EXPECT_EQ(chosen(all, {"y", "w"}), "c");
  EXPECT_EQ(chosen(all, {"w"}), "none");
  EXPECT_EQ(chosen(all, {}), "none");
  EXPECT_EQ(chosen({}, {"x"}), "none");
}

TEST(ChooseTest, TakesNoneOfAnotherServer) {
  EXPECT_EQ(chosen({kept("a", 1, {{"x", 1}})}, {"x"}, "pg16"), "none");
}

TEST(ChooseTest, AMakingThatAnotherReplacedDoesNotCount) {
  const std::vector all{kept("old", 9, {{"x", 1}, {"y", 1}}), kept("new", 2, {{"x", 2}})};
  EXPECT_EQ(chosen(all, {"x"}), "new");
  EXPECT_EQ(chosen(all, {"y"}), "old");
}

TEST(SuperfluousTest, ReplacedOnesGoAndThoseThatWereUsedLongestAgo) {
  EXPECT_THAT(superfluous({kept("old", 1, {{"x", 1}}), kept("new", 2, {{"x", 2}, {"y", 2}})}),
              ElementsAre("old"));
  EXPECT_THAT(superfluous({kept("other", 1, {{"x", 1}, {"z", 1}}), kept("new", 2, {{"x", 2}})}),
              IsEmpty());
  const std::vector five{kept("a", 5, {{"a", 1}}), kept("b", 1, {{"b", 1}}),
                         kept("c", 4, {{"c", 1}}), kept("d", 3, {{"d", 1}}),
                         kept("e", 2, {{"e", 1}})};
  EXPECT_THAT(superfluous(five), ElementsAre("b"));
  EXPECT_THAT(superfluous(five, {.clusters = 4, .bytes = 2 * kMiB}), ElementsAre("d", "e", "b"));
}

class KeptDataTest : public testing::Test {
 protected:
  /// Keeps a cluster of one file.
  fs::path keep(const KeptCluster& cluster) {
    const auto begun = begin_keeping(cache_);
    EXPECT_TRUE(begun) << begun.error().message;
    fs::create_directory(*begun / "cluster");
    std::ofstream(*begun / "cluster" / "PG_VERSION") << "15\n";
    EXPECT_TRUE(finish_keeping(cache_, *begun, cluster));
    return *begun;
  }

  base::TemporaryFolder cache_;
};

TEST_F(KeptDataTest, AreFoundAgainWithAllThatIsKnownOfThem) {
  EXPECT_THAT(kept_clusters(cache_), IsEmpty());
  keep(kept("", 0, {{"x", 1}, {"y", 2}}));
  const auto all = kept_clusters(cache_);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().templates, kept("", 0, {{"x", 1}, {"y", 2}}).templates);
  EXPECT_EQ(all.front().server, "pg15");
  EXPECT_EQ(all.front().program, "postgres 1 2");
  EXPECT_EQ(all.front().bytes, kMiB);
  EXPECT_EQ(base::read_file(all.front().cluster() / "PG_VERSION").value(), "15\n");
  EXPECT_TRUE(is_there(all.front()));
}

TEST_F(KeptDataTest, WhatIsNotWholeIsNotThere) {
  const auto begun = begin_keeping(cache_);
  ASSERT_TRUE(begun);
  EXPECT_THAT(kept_clusters(cache_), IsEmpty());
  // Not even with a manifest: its name comes last.
  ASSERT_TRUE(base::write_file_atomically(*begun / "manifest.json", "{}"));
  EXPECT_THAT(kept_clusters(cache_), IsEmpty());
  fs::create_directory(cache_ / "data" / "torn");
  for (const char* text : {"", "{\"schema\": 1}", "[]", "{\"schema\": 2}"}) {
    ASSERT_TRUE(base::write_file_atomically(cache_ / "data" / "torn" / "manifest.json", text));
    EXPECT_THAT(kept_clusters(cache_), IsEmpty()) << text;
  }
}

TEST_F(KeptDataTest, OneThatIsReplacedIsNoLongerThereForWhoCopiesIt) {
  keep(kept("", 0, {{"x", 1}}));
  const KeptCluster before = kept_clusters(cache_).front();
  keep(kept("", 0, {{"x", 2}}));
  EXPECT_FALSE(is_there(before));
  const auto all = kept_clusters(cache_);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().templates.front().made_at, "2026-01-02");
}

TEST_F(KeptDataTest, TheOneThatWasUsedLastStays) {
  for (const char* key : {"a", "b", "c", "d"}) keep(kept("", 0, {{key, 1}}));
  for (const KeptCluster& each : kept_clusters(cache_)) {
    const auto age = std::chrono::hours('z' - each.templates.front().key.front());
    fs::last_write_time(each.folder / "manifest.json", fs::file_time_type::clock::now() - age);
  }
  for (const KeptCluster& each : kept_clusters(cache_)) {
    if (each.templates.front().key == "a") touch(each);
  }
  keep(kept("", 0, {{"e", 1}}));
  std::vector<std::string> keys;
  for (const KeptCluster& each : kept_clusters(cache_)) keys.push_back(each.templates.front().key);
  EXPECT_THAT(keys, UnorderedElementsAre("a", "c", "d", "e"));
}

TEST_F(KeptDataTest, WhatAKilledRunLeftIsRemovedInTheEnd) {
  const auto left = begin_keeping(cache_);
  const auto young = begin_keeping(cache_);
  ASSERT_TRUE(left && young);
  fs::last_write_time(*left, fs::file_time_type::clock::now() - std::chrono::hours(3));
  keep(kept("", 0, {{"x", 1}}));
  EXPECT_FALSE(fs::exists(*left));
  EXPECT_TRUE(fs::exists(*young));
}

TEST_F(KeptDataTest, AProgramHasAnotherStampOnceItChanged) {
  const fs::path program = cache_ / "postgres";
  EXPECT_EQ(program_stamp(program), "");
  std::ofstream(program) << "one";
  const std::string stamp = program_stamp(program);
  EXPECT_EQ(program_stamp(program), stamp);
  std::ofstream(program) << "other";
  EXPECT_NE(program_stamp(program), stamp);
}

TEST_F(KeptDataTest, FolderThatCannotBeMadeIsToldByItsReason) {
  std::ofstream(cache_ / "data") << "in the way";
  const auto begun = begin_keeping(cache_);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, testing::HasSubstr("cannot make"));
}

}  // namespace
}  // namespace poolbench::service
