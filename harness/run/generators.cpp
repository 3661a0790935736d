#include "run/generators.h"

#include <set>

#include "base/file.h"
#include "base/version.h"
#include "generator/options.h"
#include "load/native_driver.h"
#include "service/prepare.h"

namespace poolbench::run {
namespace {

std::set<std::string> names_in(const scenario::Scenario& scenario) {
  std::set<std::string> names;
  for (const scenario::Cell& cell : scenario.cells) names.insert(cell.load.generator);
  return names;
}

report::GeneratorFacts native_facts() {
  return {"native", base::kVersion,
          base::sha256_hex(base::read_file(load::native_program()).value_or(""))};
}

base::Result<void> check_all_descriptors(const scenario::Scenario& scenario) {
  for (const scenario::Cell& cell : scenario.cells) {
    auto checked = generator::check_descriptors(cell.load.connections, cell.load.threads);
    if (checked) continue;
    checked.error().where = cell.id;
    return checked;
  }
  return {};
}

}  // namespace

std::filesystem::path tools_folder() { return service::cache_folder() / "generators" / "bin"; }

base::Result<Tools> find_tools(process::Supervisor& supervisor, const scenario::Scenario& scenario,
                               const std::filesystem::path& scratch) {
  POOLBENCH_TRY(check_all_descriptors(scenario));
  Tools tools;
  for (const std::string& name : names_in(scenario)) {
    const load::Driver* driver = load::find_driver(name);
    if (driver == nullptr) continue;
    auto tool = load::identify(supervisor, *driver, tools_folder(), scratch);
    if (!tool) return tl::unexpected(tool.error());
    tools[name] = std::move(*tool);
  }
  return tools;
}

std::vector<report::GeneratorFacts> generator_facts(const scenario::Scenario& scenario,
                                                    const Tools& tools) {
  std::vector<report::GeneratorFacts> facts;
  for (const std::string& name : names_in(scenario)) {
    const auto tool = tools.find(name);
    if (tool == tools.end()) {
      facts.push_back(native_facts());
    } else {
      facts.push_back({name, tool->second.version, tool->second.sha256});
    }
  }
  return facts;
}

}  // namespace poolbench::run
