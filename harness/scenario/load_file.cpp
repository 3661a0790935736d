#include <utility>

#include "base/file.h"
#include "scenario/expand.h"
#include "scenario/scenario.h"
#include "scenario/target/target_lookup.h"

namespace poolbench::scenario {

tl::expected<Scenario, std::vector<Diagnostic>> load_file(const std::filesystem::path& file,
                                                          const Overrides& overrides) {
  base::Result<std::string> text = base::read_file(file);
  if (!text) {
    Diagnostic unreadable;
    unreadable.file = file.string();
    unreadable.message = text.error().message;
    unreadable.next = text.error().next;
    return tl::unexpected(std::vector<Diagnostic>{std::move(unreadable)});
  }
  const auto source =
      std::make_shared<const Source>(Source{file.string(), *std::move(text), false});
  TargetLookup targets(file.parent_path());
  return expand(source, overrides, [&targets](const Setting& use, Mistakes& mistakes) {
    return targets.find(use, mistakes);
  });
}

}  // namespace poolbench::scenario
