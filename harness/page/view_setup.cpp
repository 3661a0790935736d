#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "page/view.h"
#include "report/format/text.h"
#include "report/metric.h"

// What was run, where and how: the record of a report.

namespace poolbench::page {
namespace {

using report::Report;

View entry(const std::string& name, const std::string& value) {
  View view;
  view.set("name", name);
  view.set("value", value);
  return view;
}

std::string shortened(const std::string& digits) {
  constexpr std::size_t kShown = 12;
  return digits.size() > kShown ? digits.substr(0, kShown) + "…" : digits;
}

std::string machine(const report::Environment& environment) {
  constexpr double kBytesPerGiB = 1024.0 * 1024 * 1024;
  std::vector<std::string> parts;
  const std::string model = base::printable(environment.cpu_model.value_or("processor unknown"));
  parts.push_back(environment.cpu_count ? fmt::format("{} × {}", *environment.cpu_count, model)
                                        : model);
  if (environment.memory_bytes) {
    parts.push_back(
        fmt::format("{:.1f} GiB", static_cast<double>(*environment.memory_bytes) / kBytesPerGiB));
  }
  if (environment.virtualized.value_or(false)) parts.emplace_back("virtual machine");
  if (environment.cgroup_cpu_max) {
    parts.push_back("CPU quota " + base::printable(*environment.cgroup_cpu_max));
  }
  return report::join_parts(parts);
}

std::string versions_text(const report::TargetFacts& target) {
  std::vector<std::string> parts = {base::printable(target.name)};
  if (!target.url.empty()) parts.push_back(base::printable(target.url));
  const base::Json versions = target.versions.value_or(base::Json::object());
  for (const auto& [name, version] : versions.items()) {
    parts.push_back(base::printable(name) + " " + report::value_text(version));
  }
  if (!target.versions) parts.emplace_back("versions not known: the server ran already");
  return report::join_parts(parts);
}

std::string design_text(const report::Design& design) {
  std::vector<std::string> parts;
  if (design.blocks_planned && design.blocks_completed) {
    parts.push_back(
        fmt::format("{} of {} blocks", *design.blocks_completed, *design.blocks_planned));
  }
  if (design.trials_rerun.value_or(0) > 0) {
    parts.push_back(fmt::format("{} trials run again", *design.trials_rerun));
  }
  if (design.seed) parts.push_back(fmt::format("seed {}", *design.seed));
  if (design.warmup_seconds) {
    parts.push_back(fmt::format("warm-up {:.6g} s", *design.warmup_seconds));
  } else if (design.pilot_warmup_seconds) {
    parts.push_back(fmt::format("warm-up {:.6g} s (by pilots)", *design.pilot_warmup_seconds));
  }
  if (design.measure_seconds) {
    parts.push_back(fmt::format("measure {:.6g} s", *design.measure_seconds));
  }
  return report::join_parts(parts);
}

Views facts_of(const Report& report) {
  const report::Environment& environment = report.environment;
  Views facts;
  facts.push_back(entry("Machine", machine(environment)));
  facts.push_back(entry(
      "System", report::join_parts({base::printable(environment.os_description.value_or("")),
                                    environment.kernel_release
                                        ? "Linux " + base::printable(*environment.kernel_release)
                                        : std::string("kernel unknown")})));
  if (environment.postgres) {
    facts.push_back(entry("PostgreSQL", base::printable(environment.postgres->version + ", " +
                                                        environment.postgres->source)));
  }
  if (!environment.targets.empty()) {
    for (const auto& target : environment.targets) {
      facts.push_back(entry("Target", versions_text(target)));
    }
  } else if (environment.target) {
    facts.push_back(entry("Target", versions_text(*environment.target)));
  }
  std::vector<report::GeneratorFacts> generators = environment.generators;
  if (generators.empty() && environment.generator) generators = {*environment.generator};
  for (const auto& generator : generators) {
    facts.push_back(entry("Generator", base::printable(generator.name + " " + generator.version)));
  }
  facts.push_back(entry("Load", report::load_text(report)));
  facts.push_back(entry("Design", design_text(report.design)));
  facts.push_back(
      entry("poolbench", base::printable(report.tool.version + ", revision " +
                                         report.tool.revision + ", " + report.tool.build)));
  facts.push_back(entry("Scenario", base::printable(report.scenario.file) + ", SHA-256 " +
                                        shortened(base::printable(report.scenario.sha256))));
  facts.push_back(entry("Report", base::printable(report.report_id) + ", schema " +
                                      base::printable(report.schema_version)));
  for (const auto& reference : report.scenario.references) {
    facts.push_back(entry("Published", base::printable(reference.source)));
  }
  return facts;
}

Views postgres_settings(const Report& report) {
  Views settings;
  if (!report.environment.postgres) return settings;
  for (const auto& [name, value] : report.environment.postgres->settings.items()) {
    settings.push_back(entry(base::printable(name), report::value_text(value)));
  }
  return settings;
}

}  // namespace

void add_setup(View& page, const Source& source) {
  std::vector<std::map<std::string, std::string>> all;
  std::set<std::string> paths;
  for (const report::CellReport& cell : source.report.cells) {
    all.push_back(settings_of(cell));
    for (const auto& [path, value] : all.back()) paths.insert(path);
  }
  Views common, different;
  for (const std::string& path : paths) {
    Views values;
    std::set<std::string> distinct;
    for (const auto& settings : all) {
      const auto found = settings.find(path);
      const std::string value = found == settings.end() ? "" : found->second;
      distinct.insert(value);
      View view;
      view.set("value", value);
      view.set("is_set", !value.empty());
      values.push_back(view);
    }
    if (distinct.size() == 1) {
      common.push_back(entry(path, *distinct.begin()));
    } else {
      View row;
      row.set("name", path);
      row.set("values", View(values));
      different.push_back(row);
    }
  }
  Views names;
  for (const CellName& name : source.cells.all()) names.push_back(name.view());
  page.set("all_cells", View(names));
  page.set("facts", View(facts_of(source.report)));
  const Views settings = postgres_settings(source.report);
  page.set("has_postgres_settings", !settings.empty());
  page.set("postgres_settings", View(settings));
  page.set("has_different", !different.empty());
  page.set("different", View(different));
  page.set("common", View(common));
}

}  // namespace poolbench::page
