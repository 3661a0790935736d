#include "base/program.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace poolbench::base {
namespace {

std::string if_executable(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return {};
  if (::access(file.c_str(), X_OK) != 0) return {};
  const auto absolute = std::filesystem::absolute(file, error);
  return error ? std::string() : absolute.string();
}

}  // namespace

std::string find_program(std::string_view name, std::string_view path) {
  if (name.empty()) return {};
  if (name.find('/') != std::string_view::npos) return if_executable(name);
  for (;;) {
    const std::size_t colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    // POSIX: an empty entry of PATH is the current folder.
    std::string found = if_executable(std::filesystem::path(folder.empty() ? "." : folder) / name);
    if (!found.empty() || colon == std::string_view::npos) return found;
    path.remove_prefix(colon + 1);
  }
}

std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  return find_program(name, path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
}

}  // namespace poolbench::base
