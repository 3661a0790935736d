#include "compare/format/render.h"

namespace poolbench::compare {
namespace {

using base::Json;

Json to_json(const Level& level) {
  return {{"n", level.n},
          {"median", base::or_null(level.median)},
          {"ci_low", base::or_null(level.ci_low)},
          {"ci_high", base::or_null(level.ci_high)},
          {"pooled", base::or_null(level.pooled)}};
}

Json to_json(const std::vector<Difference>& differences) {
  Json json = Json::array();
  for (const Difference& difference : differences) {
    json.push_back(
        {{"field", difference.field}, {"base", difference.base}, {"head", difference.head}});
  }
  return json;
}

Json to_json(const DiffRow& row) {
  return {{"cell", row.cell},
          {"metric", row.metric},
          {"base", to_json(row.base)},
          {"head", to_json(row.head)},
          {"through_anchor", row.through_anchor},
          {"ratio", base::or_null(row.ratio)},
          {"ci_low", base::or_null(row.ci_low)},
          {"ci_high", base::or_null(row.ci_high)},
          {"confidence", 0.95},
          {"p_adjusted", base::or_null(row.p_adjusted)},
          {"margin", row.margin},
          {"margin_source", row.margin_is_noise ? "noise floor" : "metric or option"},
          {"session_spread", row.spread.relative},
          {"session_spread_source", row.spread.source},
          {"session_spread_sessions", row.spread.runs},
          {"verdict", report::word_of(row.verdict)},
          {"strict", row.strict},
          {"reason", row.reason},
          {"differences", to_json(row.differences)}};
}

}  // namespace

Json to_json(const Diff& diff) {
  Json json = {{"base", diff.base_id},
               {"head", diff.head_id},
               {"scenario", diff.scenario},
               {"same_run", diff.same_run},
               {"anchor", diff.anchor.empty() ? Json(nullptr) : Json(diff.anchor)},
               {"incomparable", to_json(diff.conditions.blocking)},
               {"notable", to_json(diff.conditions.notable)},
               {"under_test", to_json(diff.conditions.changed)},
               {"disturbances", diff.disturbances},
               {"only_in_base", diff.only_in_base},
               {"only_in_head", diff.only_in_head},
               {"rows", Json::array()},
               {"geometric_means", Json::array()}};
  for (const DiffRow& row : diff.rows) json["rows"].push_back(to_json(row));
  for (const GeometricMean& mean : diff.means) {
    json["geometric_means"].push_back(
        {{"metric", mean.metric}, {"ratio", mean.ratio}, {"cells", mean.cells}});
  }
  return json;
}

}  // namespace poolbench::compare
