#include "run/description.h"

#include <fmt/format.h>

#include <set>

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "load/external/driver.h"
#include "load/native_driver.h"
#include "process/run_command.h"
#include "run/adaptation.h"
#include "scenario/postgres_settings.h"
#include "scenario/postgres_wheels.h"
#include "service/prepare.h"
#include "service/target_command.h"

namespace poolbench::run {
namespace {

report::GeneratorFacts native_facts() {
  return {"native", base::kVersion,
          base::sha256_hex(base::read_file(load::native_program()).value_or(""))};
}

report::ScenarioFacts facts_of(const scenario::Scenario& scenario) {
  report::ScenarioFacts facts{scenario.name,    scenario.file.string(), scenario.sha256,
                              scenario.summary, scenario.effective,     {}};
  for (const scenario::Reference& reference : scenario.references) {
    facts.references.push_back({reference.source, reference.metric, reference.value_by_cell});
  }
  return facts;
}

report::CellReport planned_cell(const scenario::Cell& cell) {
  report::CellReport planned;
  planned.id = cell.id;
  planned.config = cell.config;
  for (const scenario::Factor& factor : cell.factors) planned.factors[factor.axis] = factor.value;
  return planned;
}

base::Result<void> hash_data(const scenario::TargetSpec& target, report::TargetFacts& facts) {
  facts.data_sha256 = {std::nullopt};
  facts.data_inputs_sha256 = {std::nullopt};
  if (!target.data.inputs) return {};
  const auto hash = [&](const std::vector<std::vector<std::string>>& commands) {
    return service::hash_inputs(target.folder, *target.data.inputs, commands);
  };
  auto makers = target.data.commands;  // of the data, with what a superuser makes
  if (!target.data.extensions.empty()) makers.push_back(target.data.extensions);
  for (const auto& [name, text] : target.data.environment) makers.push_back({name, text});
  const auto data = hash(makers), inputs = hash({});
  if (!data || !inputs) return tl::unexpected(data ? inputs.error() : data.error());
  facts.data_sha256 = {*data};
  facts.data_inputs_sha256 = {*inputs};
  return {};
}

}  // namespace

std::set<std::string> generators_of(const scenario::Scenario& scenario) {
  std::set<std::string> names;
  for (const scenario::Cell& cell : scenario.cells) names.insert(cell.load.generator);
  return names;
}

base::Result<report::PostgresFacts> postgres_facts(service::PostgresSession& session,
                                                   const scenario::PostgresSettings& settings) {
  const auto version = session.version();
  if (!version) return tl::unexpected(version.error());
  const auto changed = session.changed_settings();
  if (!changed) return tl::unexpected(changed.error());
  auto packager = session.packager();
  if (!packager) return tl::unexpected(packager.error());
  report::PostgresFacts facts;
  facts.version = *version;
  facts.source = scenario::is_external(settings) ? "external" : "private";
  facts.packaging = {
      settings.version.empty() ? *packager : std::optional<std::string>(scenario::kPostgresWheels)};
  facts.settings = *changed;
  return facts;
}

base::Result<report::TargetFacts> target_facts(process::Supervisor& supervisor,
                                               const scenario::TargetSpec& target,
                                               const std::filesystem::path& prepared) {
  report::TargetFacts facts;
  facts.name = target.name;
  for (const auto& [name, file] : target.request_files) facts.request_files[name] = file.sha256;
  for (const auto& [name, file] : target.files) facts.file_templates[name] = file.sha256;
  if (!target.versions_command.empty()) {
    constexpr base::Duration kLimit = std::chrono::seconds(30);
    process::Command command;
    command.name = "versions of target " + target.name;
    POOLBENCH_TRY(service::set_words(command, target, target.versions_command,
                                     service::target_words(prepared)));
    command.environment = service::target_environment(target);
    command.folder = target.folder;
    const auto output = process::capture_stdout(supervisor, command, kLimit);
    if (!output) return tl::unexpected(output.error());
    facts.versions = base::parse_json(*output);
    if (!facts.versions->is_object()) {
      return base::failed("the target's versions command printed no JSON object: " + *output,
                          target.folder.string());
    }
  }
  auto inherited = service::inherited_hashes(target);
  facts.inherited = std::move(inherited.named);
  facts.inherited_always = std::move(inherited.always);
  POOLBENCH_TRY(hash_data(target, facts));
  return facts;
}

base::Result<report::ServiceFacts> service_facts(process::Supervisor& supervisor,
                                                 const scenario::ServiceUse& service,
                                                 const std::filesystem::path& prepared) {
  constexpr base::Duration kLimit = std::chrono::seconds(30);
  const scenario::ServiceSpec& spec = *service.spec;
  report::ServiceFacts facts;
  facts.name = service.name;
  facts.sha256 =
      base::sha256_hex(base::read_file(spec.folder / scenario::kServiceFile).value_or(""));
  for (const auto& [name, file] : spec.files) facts.file_templates[name] = file.sha256;
  if (spec.versions_command.empty()) return facts;
  process::Command command;
  command.name = "versions of service " + service.name;
  auto words = service::target_words(prepared);
  service::add_parameters(words, service.params);
  POOLBENCH_TRY(service::set_words(command, spec, spec.versions_command, words));
  command.environment = service::target_environment(spec);
  command.environment["PATH"] = scenario::service_path();
  const auto output = process::capture_stdout(supervisor, command, kLimit);
  if (!output) return tl::unexpected(output.error());
  facts.versions = base::parse_json(*output);
  if (!facts.versions.is_object()) facts.versions = {{service.name, base::first_line(*output)}};
  return facts;
}

void add_versions(base::Json& known, const base::Json& more) {
  for (const auto& [name, version] : more.items()) {
    if (!known.contains(name)) {
      known[name] = version;
    } else if (known[name] != version && known[name].is_string() && version.is_string()) {
      const auto all = known[name].get<std::string>();
      if ((", " + all + ", ").find(", " + version.get<std::string>() + ", ") == std::string::npos) {
        known[name] = all + ", " + version.get<std::string>();
      }
    }
  }
}

report::TargetFacts running_target_facts(const scenario::TargetSpec& target) {
  report::TargetFacts facts;
  facts.name = target.name;
  const base::HttpServer& server = *target.serve.running;
  facts.url = fmt::format("{}://{}", server.tls ? "https" : "http", base::to_text(server.endpoint));
  for (const auto& [name, file] : target.request_files) facts.request_files[name] = file.sha256;
  facts.versions = std::nullopt;
  return facts;
}

std::vector<report::GeneratorFacts> generator_facts(
    const scenario::Scenario& scenario, const std::map<std::string, load::Tool>& tools) {
  std::vector<report::GeneratorFacts> facts;
  for (const std::string& name : generators_of(scenario)) {
    const auto tool = tools.find(name);
    if (tool == tools.end()) {
      facts.push_back(native_facts());
    } else {
      facts.push_back({name, tool->second.version, tool->second.sha256});
    }
  }
  return facts;
}

report::Report new_report(const scenario::Scenario& scenario, const std::string& report_id,
                          const base::Clock& clock) {
  report::Report report;
  report.report_id = report_id;
  report.started_at = base::rfc3339(clock.utc_now());
  report.tool = {"poolbench", base::kVersion, base::kRevision, base::kBuild};
  report.scenario = facts_of(scenario);
  report.metrics = scenario.metrics;
  for (const scenario::Cell& cell : scenario.cells) report.cells.push_back(planned_cell(cell));
  return report;
}

report::Design design_of(const scenario::Scenario& scenario, const Schedule& schedule,
                         const Pilots& pilots, std::optional<base::Duration> max_time) {
  const scenario::LoadSettings& load = scenario.cells.front().load;
  report::Design design;
  design.seed = schedule.seed();
  design.blocks_planned = schedule.blocks_planned();
  design.blocks_completed = schedule.blocks_completed();
  design.trials_rerun = schedule.rerun();
  design.precision = scenario.design.precision;
  design.half_width_ratio = schedule.half_width();
  design.stopped = schedule.stopped();
  if (max_time) design.max_time_seconds = base::to_seconds(*max_time);
  if (!load.warmup_by_pilots) design.warmup_seconds = base::to_seconds(load.warmup);
  design.pilots = pilots.list();
  if (!design.pilots.empty()) design.pilot_warmup_seconds = base::to_seconds(pilots.warmup());
  design.measure_seconds = base::to_seconds(load.measure);
  return design;
}

}  // namespace poolbench::run
