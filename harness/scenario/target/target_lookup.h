#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/target/target_spec.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// How a file that describes a target is called.
inline constexpr const char* kTargetFile = "target.toml";

/// Names of the folders of `folder` that hold a target.toml, sorted; empty if it cannot be read.
std::vector<std::string> targets_in(const std::filesystem::path& folder);

/// Finds the target that `target.use` (a string) names. Null, and mistakes, when it cannot be used.
using TargetLoader =
    std::function<std::shared_ptr<const TargetSpec>(const Setting& use, Mistakes& mistakes)>;

/// Finds targets beside a scenario file: a word is `targets/<word>/target.toml` in the scenario's
/// folder; what holds a '/' or ends in ".toml" is a path from there (a folder means its
/// target.toml). Each file is read once.
class TargetLookup {
 public:
  explicit TargetLookup(std::filesystem::path scenario_folder);
  std::shared_ptr<const TargetSpec> find(const Setting& use, Mistakes& mistakes);

 private:
  std::shared_ptr<const TargetSpec> load(const Setting& use, Mistakes& mistakes) const;

  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<const TargetSpec>> loaded_;
};

}  // namespace poolbench::scenario
