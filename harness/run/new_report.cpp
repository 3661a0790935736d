#include "run/new_report.h"

#include "run/environment.h"

namespace poolbench::run {
namespace {

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

}  // namespace

report::Report new_report(const scenario::Scenario& scenario, const std::string& report_id,
                          const base::Clock& clock) {
  report::Report report;
  report.report_id = report_id;
  report.started_at = base::rfc3339(clock.utc_now());
  report.tool = tool_facts();
  report.scenario = facts_of(scenario);
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
  design.stopped = report::word_from<report::Stopped>(schedule.stopped());
  if (max_time) design.max_time_seconds = base::to_seconds(*max_time);
  if (!load.warmup_by_pilots) design.warmup_seconds = base::to_seconds(load.warmup);
  design.pilots = pilots.list();
  if (!design.pilots.empty()) design.pilot_warmup_seconds = base::to_seconds(pilots.warmup());
  design.measure_seconds = base::to_seconds(load.measure);
  return design;
}

}  // namespace poolbench::run
