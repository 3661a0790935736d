#include "run/budget_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenario/scenario.h"
#include "scenario/target/target_budget.h"
#include "scenario/target/target_params.h"

namespace poolbench::run {

report::BudgetRules budget_rules(const scenario::Cell& cell) {
  report::BudgetRules rules;
  rules.connections = cell.load.connections;
  rules.open_loop = cell.load.rate_hz.has_value();
  rules.is_direct = cell.services.path.empty();
  const auto pooler = std::ranges::find_if(
      cell.services.path, [](const scenario::ServiceUse& use) { return use.spec->pools; });
  if (pooler != cell.services.path.end()) rules.pooler = pooler->name;
  for (const scenario::ServiceUse& use : cell.services.path) {
    if (use.spec->wait.empty()) continue;
    rules.pooler_waits.push_back(
        {fmt::format("service.{}.{}", use.name, use.spec->wait), use.spec->wait_us_per_unit});
  }
  if (!cell.postgres.target_dsn_env.empty()) rules.pooler = "$" + cell.postgres.target_dsn_env;
  const scenario::TargetSpec::Budget& budget = cell.target.spec->budget;
  rules.serves_at_once = scenario::serves_at_once(budget, cell.target.params);
  if (const auto& wait = budget.connection_wait) {
    const bool has_none =
        !wait->none_when.empty() && scenario::all_hold(wait->none_when, cell.target.params);
    rules.connection_wait = {true, has_none, wait->metric, wait->us_per_unit};
  }
  return rules;
}

}  // namespace poolbench::run
