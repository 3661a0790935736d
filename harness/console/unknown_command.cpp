#include "console/unknown_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "console/output.h"

namespace poolbench::console {

bool explain_unknown_command(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return false;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  if (names.empty() || std::ranges::find(names, word) != names.end()) return false;
  const std::string near = base::nearest_name(word, names);
  tell("poolbench: error: there is no command \"{}\"\n  next: {}\n", word,
       near.empty() ? fmt::format("choose from {}", fmt::join(names, ", "))
                    : fmt::format("did you mean {}?", near));
  return true;
}

}  // namespace poolbench::console
