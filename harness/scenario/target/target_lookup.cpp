#include "scenario/target/target_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;

/// What to do about a target that does not exist: the nearest one, and all there are.
std::string targets_to_choose(const std::string& word, const fs::path& folder) {
  const std::vector<std::string> names = targets_in(folder);
  if (names.empty()) return fmt::format("there are none in {}", folder.string());
  const std::string near = suggestion(word, names);
  const std::string all = suggestion("", names);
  return near == all ? all : fmt::format("{} {}", near, all);
}

}  // namespace

std::vector<std::string> targets_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& entry : base::entries_of(folder).value_or(std::vector<fs::path>{})) {
    std::error_code ignored;
    if (fs::is_regular_file(entry / kTargetFile, ignored)) {
      names.push_back(entry.filename().string());
    }
  }
  return names;
}

TargetLookup::TargetLookup(fs::path scenario_folder) : folder_(std::move(scenario_folder)) {}

std::shared_ptr<const TargetSpec> TargetLookup::find(const Setting& use, Mistakes& mistakes) {
  const auto known = loaded_.find(use.text());
  if (known != loaded_.end()) return known->second;
  return loaded_[use.text()] = load(use, mistakes);
}

std::shared_ptr<const TargetSpec> TargetLookup::load(const Setting& use, Mistakes& mistakes) const {
  const std::string& word = use.text();
  const bool is_path = word.find('/') != std::string::npos || word.ends_with(".toml");
  fs::path file = is_path ? folder_ / word : folder_ / "targets" / word / kTargetFile;
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) file /= kTargetFile;
  if (!fs::exists(file, ignored)) {
    mistakes.add(use.place,
                 is_path ? fmt::format("target.use: there is no {}", file.string())
                         : fmt::format("target.use: unknown target {}", in_quotes(word)),
                 is_path ? "a path is taken from the scenario's folder"
                         : targets_to_choose(word, folder_ / "targets"));
    return nullptr;
  }
  base::Result<std::string> text = base::read_file(file);
  if (!text) {
    mistakes.add(use.place, fmt::format("target.use: {}", text.error().message), text.error().next);
    return nullptr;
  }
  const fs::path parent = fs::absolute(file, ignored).parent_path().lexically_normal();
  const auto source =
      std::make_shared<const Source>(Source{file.string(), *std::move(text), false});
  std::optional<TargetSpec> spec = read_target(source, parent, mistakes);
  return spec ? std::make_shared<const TargetSpec>(*std::move(spec)) : nullptr;
}

}  // namespace poolbench::scenario
