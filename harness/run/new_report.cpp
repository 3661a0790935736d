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

report::Report new_report(const scenario::Scenario& scenario, const Plan& plan,
                          const std::string& report_id, const base::Clock& clock) {
  report::Report report;
  report.report_id = report_id;
  report.started_at = base::rfc3339(clock.utc_now());
  report.tool = tool_facts();
  report.scenario = {{"name", scenario.name},           {"summary", scenario.summary},
                     {"file", scenario.file.string()},  {"sha256", scenario.sha256},
                     {"effective", scenario.effective}, {"references", references_json(scenario)}};
  const scenario::LoadSettings& load = scenario.cells.front().load;
  report.design = {{"seed", plan.seed},
                   {"blocks_planned", scenario.design.blocks},
                   {"blocks_completed", 0},
                   {"warmup_seconds", base::to_seconds(load.warmup)},
                   {"measure_seconds", base::to_seconds(load.measure)}};
  report.environment = base::Json::object();
  for (const scenario::Cell& cell : scenario.cells) report.cells.push_back(planned_cell(cell));
  return report;
}

}  // namespace poolbench::run
