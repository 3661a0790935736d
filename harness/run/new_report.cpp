#include "run/new_report.h"

#include "run/environment.h"

namespace poolbench::run {
namespace {

base::Json references_json(const scenario::Scenario& scenario) {
  base::Json references = base::Json::array();
  for (const scenario::Reference& reference : scenario.references) {
    references.push_back({{"source", reference.source},
                          {"metric", reference.metric},
                          {"values", reference.value_by_cell}});
  }
  return references;
}

report::CellReport planned_cell(const scenario::Cell& cell) {
  report::CellReport planned;
  planned.id = cell.id;
  planned.config = cell.config;
  planned.factors = base::Json::object();
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
  report.scenario = {{"name", scenario.name},           {"summary", scenario.summary},
                     {"file", scenario.file.string()},  {"sha256", scenario.sha256},
                     {"effective", scenario.effective}, {"references", references_json(scenario)}};
  report.environment = base::Json::object();
  for (const scenario::Cell& cell : scenario.cells) report.cells.push_back(planned_cell(cell));
  return report;
}

base::Json design_json(const scenario::Scenario& scenario, const Schedule& schedule,
                       const Pilots& pilots, std::optional<base::Duration> max_time) {
  const scenario::LoadSettings& load = scenario.cells.front().load;
  const bool piloted = !pilots.json().empty();
  const auto seconds = [](base::Duration time) { return base::Json(base::to_seconds(time)); };
  return {{"seed", schedule.seed()},
          {"blocks_planned", schedule.blocks_planned()},
          {"blocks_completed", schedule.blocks_completed()},
          {"trials_rerun", schedule.rerun()},
          {"precision", base::or_null(scenario.design.precision)},
          {"half_width_ratio", base::or_null(schedule.half_width())},
          {"stopped", schedule.stopped().empty() ? base::Json() : base::Json(schedule.stopped())},
          {"max_time_seconds", max_time ? seconds(*max_time) : base::Json()},
          {"warmup_seconds", load.warmup_by_pilots ? base::Json() : seconds(load.warmup)},
          {"pilot_warmup_seconds", piloted ? seconds(pilots.warmup()) : base::Json()},
          {"pilots", pilots.json()},
          {"measure_seconds", base::to_seconds(load.measure)}};
}

}  // namespace poolbench::run
