#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/raii.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::base {
namespace {

class FileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(FileTest, AtomicWriteReplacesAndLeavesNothingBeside) {
  const auto path = folder_ / "report.json";
  ASSERT_TRUE(write_file_atomically(path, "one").has_value());
  ASSERT_TRUE(write_file_atomically(path, "two\nthree\n").has_value());
  EXPECT_EQ(read_file(path).value(), "two\nthree\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(tail_of_file(path, 1), "three");
  EXPECT_EQ(tail_of_file(path, 9), "two\nthree");
}

TEST_F(FileTest, AWriteGoesThroughLinksAndReplacesNoDevice) {
  const auto file = folder_ / "real.txt", link = folder_ / "link.txt";
  ASSERT_TRUE(write_file_atomically(file, "old"));
  std::filesystem::create_symlink("real.txt", link);
  ASSERT_TRUE(write_file_atomically(link, "new"));
  EXPECT_EQ(read_file(file).value(), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(write_file_atomically(pipe, "through"));
  char buffer[16];
  EXPECT_EQ(::read(reader.get(), buffer, sizeof buffer), 7);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST_F(FileTest, SaysWhyAFileCannotBeReadOrWritten) {
  EXPECT_THAT(read_file(folder_ / "absent").error().message, testing::HasSubstr("No such file"));
  EXPECT_THAT(read_file(folder_).error().message, testing::HasSubstr("directory"));
  EXPECT_FALSE(write_file_atomically(folder_ / "no" / "way", "x").has_value());
}

}  // namespace
}  // namespace poolbench::base
