#include "init/sources.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "base/file.h"

namespace poolbench::init {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepest = 4;
constexpr std::size_t kMostFiles = 500, kLongestFile = std::size_t{1} << 18U, kLongestLine = 500;
constexpr auto kExtensions =
    std::to_array<std::string_view>({".py", ".js", ".mjs", ".cjs", ".ts", ".go"});
constexpr auto kOthersFolders =
    std::to_array<std::string_view>({"node_modules", "vendor", "venv", "env", "__pycache__", "dist",
                                     "build", "results", "site-packages", "test", "tests"});

bool is_source(const fs::path& file) {
  const std::string name = file.filename().string();
  return std::ranges::find(kExtensions, file.extension().string()) != kExtensions.end() &&
         !name.starts_with("test_") && !name.ends_with("_test.go");
}

bool is_others(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with('.') || std::ranges::find(kOthersFolders, name) != kOthersFolders.end();
}

}  // namespace

Sources::Sources(fs::path folder) : folder_(std::move(folder)) { read({}, 0); }

void Sources::read(const fs::path& below, int depth) {
  std::vector<fs::path> folders;
  for (const fs::path& entry :
       base::entries_of(folder_ / below).value_or(std::vector<fs::path>{})) {
    std::error_code ignored;
    if (fs::is_directory(fs::symlink_status(entry, ignored))) {
      if (!is_others(entry)) folders.push_back(below / entry.filename());
    } else if (files_.size() < kMostFiles && is_source(entry) &&
               fs::file_size(entry, ignored) <= kLongestFile) {
      files_.push_back({below / entry.filename(), base::read_file(entry).value_or("")});
    }
  }
  if (depth == kDeepest) return;
  for (const fs::path& inner : folders) read(inner, depth + 1);
}

bool Sources::has(const fs::path& path) const {
  std::error_code ignored;
  return fs::exists(folder_ / path, ignored);
}

std::string Sources::text_of(const fs::path& path) const {
  return base::read_file(folder_ / path).value_or("");
}

std::vector<fs::path> Sources::named(std::string_view end) const {
  std::vector<fs::path> paths;
  for (const File& file : files_) {
    if (file.path.string().ends_with(end)) paths.push_back(file.path);
  }
  std::ranges::sort(paths, {}, [](const fs::path& path) {
    return std::pair(std::distance(path.begin(), path.end()), path.string());
  });
  return paths;
}

std::vector<Found> Sources::find_all(const std::regex& expression, std::string_view end) const {
  std::vector<Found> found;
  for (const File& file : files_) {
    if (!file.path.string().ends_with(end)) continue;
    std::istringstream lines(file.text);
    std::string line;
    while (std::getline(lines, line)) {
      if (line.size() > kLongestLine) continue;  // written by a program
      for (std::sregex_iterator match(line.begin(), line.end(), expression), none; match != none;
           ++match) {
        found.push_back({file.path, {match->begin() + 1, match->end()}});
      }
    }
  }
  return found;
}

std::optional<Found> Sources::find(const std::regex& expression, std::string_view end) const {
  auto all = find_all(expression, end);
  return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

}  // namespace poolbench::init
