#include "scenario/target/input_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;

bool is_unknown(const fs::file_status& status) {
  return status.type() == fs::file_type::none || status.type() == fs::file_type::unknown;
}

tl::unexpected<base::Error> cannot_look(const fs::path& path, const std::error_code& error) {
  return base::bad_input(fmt::format("cannot be read: {}", error.message()), path.string());
}

class Listing {
 public:
  explicit Listing(fs::path root) : root_(std::move(root)) {}

  base::Result<InputFiles> list(const fs::path& input) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (is_unknown(status)) return cannot_look(input, error);
    if (!fs::exists(status)) {
      return base::bad_input("there is no such file or folder", input.string());
    }
    if (fs::is_directory(status)) {
      POOLBENCH_TRY(add_folder(input));
    } else if (fs::is_regular_file(status)) {
      files_[input] = "";
    } else {
      return base::bad_input("is neither a plain file nor a folder", input.string());
    }
    if (files_.empty()) return base::bad_input("there is no file in it", input.string());
    return std::move(files_);
  }

 private:
  /// In the order of names, so that of two links to one folder the same comes first every time.
  base::Result<void> add_folder(const fs::path& folder) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (const auto seen = seen_.find(real); !error && seen != seen_.end()) {
      files_[folder] = "listed as " + seen->second.lexically_relative(root_).string();
      return {};
    }
    seen_[real] = folder;
    std::vector<fs::path> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      entries.push_back(at->path());
    }
    if (error) {
      return cannot_look(folder, error);
    }
    std::ranges::sort(entries);
    for (const fs::path& entry : entries) POOLBENCH_TRY(add(entry));
    return {};
  }

  base::Result<void> add(const fs::path& entry) {
    std::error_code error;
    const fs::file_status status = fs::status(entry, error);
    if (fs::is_directory(status)) return add_folder(entry);
    const bool byte_code = entry.parent_path().filename() == "__pycache__";
    if (fs::is_regular_file(status)) {
      if (!byte_code) files_[entry] = "";
    } else if (std::error_code ignored; fs::is_symlink(entry, ignored) && !fs::is_other(status)) {
      files_[entry] = "leads to " + fs::read_symlink(entry, ignored).string();
    } else if (is_unknown(status)) {
      return cannot_look(entry, error);
    }
    return {};
  }

  fs::path root_;
  InputFiles files_;
  std::map<fs::path, fs::path> seen_;  ///< folders that were listed: how, by their real paths
};

}  // namespace

base::Result<InputFiles> input_files(const fs::path& folder, const std::string& input) {
  return Listing(folder).list(folder / input);
}

}  // namespace poolbench::scenario
