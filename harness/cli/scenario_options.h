#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "scenario/scenario.h"

namespace poolbench::cli {

/// The scenario file and the options that change it: --only, --set, --blocks, --measure, --seed.
class ScenarioOptions {
 public:
  void add_to(CLI::App& command);
  /// Without the file and --only.
  void add_changes_to(CLI::App& command);

  /// Prints every mistake to stderr and returns nothing if there is any (exit code 2).
  [[nodiscard]] std::optional<scenario::Scenario> load() const;
  /// From this file, with these for --only; or every mistake.
  [[nodiscard]] tl::expected<scenario::Scenario, std::vector<scenario::Diagnostic>> read(
      const std::string& file, const std::vector<std::string>& only) const;

 private:
  std::string file_;
  scenario::Overrides overrides_;
  std::optional<int> blocks_;
  std::optional<std::string> measure_;
  std::optional<std::uint64_t> seed_;
};

}  // namespace poolbench::cli
