#pragma once

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace poolbench::base {

/// A new folder of a test, whose tests may run beside it in other processes: nobody else has it,
/// and it goes away with all that is in it. It stands for its path.
class TemporaryFolder {
 public:
  /// In the folder for temporary files and for its owner alone, unless said otherwise.
  explicit TemporaryFolder(
      std::filesystem::perms mode = std::filesystem::perms::owner_all,
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "poolbench-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), name);
    }
    path_ = name;
    std::filesystem::permissions(path_, mode);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  operator const std::filesystem::path&() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& below) const {
    return path_ / below;
  }
  [[nodiscard]] std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace poolbench::base
