#pragma once

#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "init/application.h"

namespace poolbench::init {

/// A line of a source that matches an expression.
struct Found {
  std::filesystem::path file;       ///< relative to the application's folder
  std::vector<std::string> groups;  ///< those of the expression
};

/// The sources of an application, as far as a simple look goes: files of its languages, a few
/// folders deep, without what others wrote (node_modules, virtual environments) and without tests.
class Sources {
 public:
  explicit Sources(std::filesystem::path folder);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Whether there is such a file or folder.
  [[nodiscard]] bool has(const std::filesystem::path& path) const;
  /// The text of any file of the folder, none if it cannot be read.
  [[nodiscard]] std::string text_of(const std::filesystem::path& path) const;
  /// The sources whose names end so ("wsgi.py"), those in outer folders first.
  [[nodiscard]] std::vector<std::filesystem::path> named(std::string_view end) const;
  /// All lines that match, in files whose names end so.
  [[nodiscard]] std::vector<Found> find_all(const std::regex& expression,
                                            std::string_view end) const;
  [[nodiscard]] std::optional<Found> find(const std::regex& expression, std::string_view end) const;

 private:
  struct File {
    std::filesystem::path path;
    std::string text;
  };
  void read(const std::filesystem::path& below, int depth);

  std::filesystem::path folder_;
  std::vector<File> files_;
};

/// What the sources read from the environment decides: the variables through which the application
/// learns its address, its database and the size of its pool, and those that it demands.
void add_environment(Application& application, const Sources& sources);

/// The paths that the sources name as routes: one to measure, and one that tells of its health.
void add_routes(Application& application, const Sources& sources);

}  // namespace poolbench::init
