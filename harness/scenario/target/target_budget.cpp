#include "scenario/target/target_budget.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "scenario/target/program_reading.h"
#include "scenario/target/target_metrics.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

constexpr std::string_view kOfTarget = "target.";

TargetSpec::Budget::ServesAtOnce read_serves_at_once(
    TableReader& reader, const std::map<std::string, ParameterSpec>& params) {
  TargetSpec::Budget::ServesAtOnce serves{read_conditions(reader, "when", params),
                                          reader.texts("params")};
  if (serves.params.empty()) {
    reader.refuse_missing("params",
                          "name the parameters whose product it is: params = [\"workers\"]");
  }
  for (const std::string& name : serves.params) {
    const auto param = params.find(name);
    if (param == params.end()) {
      reader.refuse("params", "names no parameter: " + in_quotes(name),
                    suggestion(name, names_of(params)));
    } else if (!param->second.default_value.is_number_integer()) {
      reader.refuse("params",
                    "must name parameters that are integers; " + in_quotes(name) + " is none");
    }
  }
  reader.refuse_unknown();
  return serves;
}

/// The metric of that name, if it can tell how long requests waited.
void read_metric(TableReader& reader, const std::vector<MetricSpec>& metrics,
                 TargetSpec::Budget::ConnectionWait& wait) {
  const std::string name = reader.required_text("metric");
  wait.metric = std::string(kOfTarget) + name;
  if (name.empty()) return;
  const auto metric = std::ranges::find(metrics, wait.metric, &MetricSpec::name);
  if (metric == metrics.end()) {
    reader.refuse("metric", "names no [[metric]] of the target: " + in_quotes(name));
    return;
  }
  const auto unit = us_per_request(*metric);
  if (!unit) {
    reader.refuse("metric", "must name a counter per request, in us, ms or s",
                  "write kind = \"counter\", per = \"request\" and unit = \"ms\" there");
    return;
  }
  wait.us_per_unit = *unit;
}

}  // namespace

TargetSpec::Budget read_budget(TableReader& top, const std::map<std::string, ParameterSpec>& params,
                               const std::vector<MetricSpec>& metrics) {
  TargetSpec::Budget budget;
  TableReader reader = table_below(top, "budget");
  for (const Setting* table : reader.tables("serves_at_once")) {
    TableReader inner(table, reader.path("serves_at_once"), table->place, reader.mistakes());
    budget.serves_at_once.push_back(read_serves_at_once(inner, params));
  }
  if (reader.has("connection_wait")) {
    TableReader inner = table_below(reader, "connection_wait");
    TargetSpec::Budget::ConnectionWait wait;
    wait.none_when = read_conditions(inner, "none_when", params);
    read_metric(inner, metrics, wait);
    budget.connection_wait = std::move(wait);
    inner.refuse_unknown();
  }
  reader.refuse_unknown();
  return budget;
}

std::optional<double> serves_at_once(const TargetSpec::Budget& budget,
                                     const std::map<std::string, base::Json>& params) {
  for (const TargetSpec::Budget::ServesAtOnce& serves : budget.serves_at_once) {
    if (!all_hold(serves.when, params)) continue;
    double product = 1;
    for (const std::string& name : serves.params) product *= params.at(name).get<double>();
    return product;
  }
  return std::nullopt;
}

}  // namespace poolbench::scenario
