#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scenario/diagnostics.h"
#include "scenario/target/target_spec.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// What stands below the inputs of a target: each file by its path, with an empty text. A symbolic
/// link to a folder is followed; one that leads nowhere, or to a folder that was listed already (as
/// a loop does), stands for itself, with where it leads as its text.
using InputFiles = std::map<std::filesystem::path, std::string>;

/// Lists an input, a file or folder below `folder`, with all that stands in it, less Python's byte
/// code. Fails when it cannot be read, and when there is no file.
base::Result<InputFiles> input_files(const std::filesystem::path& folder, const std::string& input);

/// Reads the text of a target.toml that stands in `folder`. Every mistake is collected; nothing is
/// returned if there is one.
std::optional<TargetSpec> read_target(const std::shared_ptr<const Source>& source,
                                      const std::filesystem::path& folder, Mistakes& mistakes);

/// How a file that describes a target is called.
inline constexpr const char* kTargetFile = "target.toml";

/// Names of the folders of `folder` that hold a target.toml, sorted; empty if it cannot be read.
std::vector<std::string> targets_in(const std::filesystem::path& folder);

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
