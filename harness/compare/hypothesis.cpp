#include "compare/hypothesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/effect.h"
#include "compare/verdict.h"

namespace poolbench::compare {
namespace {

using base::Json;

struct Bounds {
  std::optional<double> at_least, at_most;
  [[nodiscard]] bool hold(double value) const {
    return (!at_least || value >= *at_least) && (!at_most || value <= *at_most);
  }
  [[nodiscard]] bool hold(const stats::Interval& interval) const {
    return hold(interval.low) && hold(interval.high);
  }
  [[nodiscard]] bool exclude(const stats::Interval& interval) const {
    return (at_least && interval.high < *at_least) || (at_most && interval.low > *at_most);
  }
};

Json interval_json(const std::optional<stats::Interval>& interval) {
  if (!interval) return {{"ci_low", nullptr}, {"ci_high", nullptr}};
  return {{"ci_low", interval->low}, {"ci_high", interval->high}};
}

/// With too few trials for an interval, a claim is decided only when every one of them agrees.
void decide_by_agreement(const std::vector<double>& values, const Bounds& bounds, Json& item) {
  const auto holding = static_cast<std::size_t>(std::count_if(
      values.begin(), values.end(), [&](double value) { return bounds.hold(value); }));
  if (holding == values.size()) {
    item["verdict"] = "confirmed";
    item["note"] = values.size() == 1 ? std::string("the only trial agrees")
                                      : fmt::format("all {} trials agree", values.size());
  } else if (holding == 0) {
    item["verdict"] = "refuted";
    item["note"] = values.size() == 1 ? std::string("the only trial disagrees")
                                      : fmt::format("all {} trials disagree", values.size());
  } else {
    item["note"] = fmt::format("{} of {} trials agree", holding, values.size());
  }
}

Json decide_cell(const report::Report& report, const std::string& id, const std::string& metric,
                 const Bounds& bounds) {
  Json item = {{"cell", id}, {"n", 0}, {"estimate", nullptr}};
  const Sample sample = sample_of(report, id, metric);
  std::vector<double> values;
  for (const auto& [block, value] : sample.by_block) values.push_back(value);
  std::optional<stats::Interval> interval;
  if (!values.empty()) {
    const stats::Location location(values);
    interval = location.interval(0.95);
    item["n"] = location.n();
    item["estimate"] = location.estimate();
  }
  item.update(interval_json(interval));
  item["verdict"] = "inconclusive";
  item["note"] = sample.why_none;
  if (interval) {
    if (bounds.hold(*interval)) item["verdict"] = "confirmed";
    if (bounds.exclude(*interval)) item["verdict"] = "refuted";
  } else if (!values.empty()) {
    decide_by_agreement(values, bounds, item);
  }
  return item;
}

Json decide_pair(const report::Report& report, const std::pair<std::string, std::string>& pair,
                 const std::string& metric, const Bounds& bounds) {
  const auto& [baseline, candidate] = pair;
  Json item = {{"baseline", baseline}, {"candidate", candidate}, {"n", 0}, {"ratio", nullptr}};
  const auto log_ratios =
      paired_log_ratios(sample_of(report, baseline, metric), sample_of(report, candidate, metric));
  std::optional<stats::Interval> wide, shown;
  std::string note = log_ratios ? "" : log_ratios.error().message;
  if (log_ratios) {
    const Effect effect = paired_effect(*log_ratios);
    item["n"] = effect.n;
    item["ratio"] = std::exp(effect.estimate);
    const bool equivalence = bounds.at_least && bounds.at_most;
    const auto ratio_of = [](const stats::Interval& logs) {
      return stats::Interval{std::exp(logs.low), std::exp(logs.high)};
    };
    if (effect.n >= kFewestBlocks) {
      wide = ratio_of(*effect.interval_95);
      shown = equivalence ? ratio_of(*effect.interval_90) : wide;
    } else {
      note = fmt::format("needs at least {} blocks, has {}", kFewestBlocks, effect.n);
    }
    item["confidence"] = equivalence ? 0.90 : 0.95;
  }
  item.update(interval_json(shown));
  item["verdict"] = "inconclusive";
  item["note"] = note;
  if (shown && bounds.hold(*shown)) item["verdict"] = "confirmed";
  if (wide && bounds.exclude(*wide)) item["verdict"] = "refuted";
  return item;
}

/// Confirmed if all are, refuted if any is.
report::Decision joint_verdict(const Json& items) {
  bool all_confirmed = !items.empty();
  for (const Json& item : items) {
    if (item["verdict"] == "refuted") return report::Decision::kRefuted;
    all_confirmed = all_confirmed && item["verdict"] == "confirmed";
  }
  return all_confirmed ? report::Decision::kConfirmed : report::Decision::kInconclusive;
}

}  // namespace

report::HypothesisResult decide(const scenario::Hypothesis& hypothesis,
                                const report::Report& report) {
  const Bounds bounds{hypothesis.at_least, hypothesis.at_most};
  Json items = Json::array();
  for (const std::string& cell : hypothesis.cells) {
    items.push_back(decide_cell(report, cell, hypothesis.metric, bounds));
  }
  for (const auto& pair : hypothesis.pairs) {
    items.push_back(decide_pair(report, pair, hypothesis.metric, bounds));
  }
  if (const std::string noise = noise_of(report); !noise.empty()) {
    for (Json& item : items) {
      item["verdict"] = "inconclusive";
      item["note"] = noise;
    }
  }
  report::HypothesisResult result{hypothesis.claim, joint_verdict(items), {}};
  result.evidence = {{"metric", hypothesis.metric},
                     {"at_least", base::or_null(bounds.at_least)},
                     {"at_most", base::or_null(bounds.at_most)},
                     {hypothesis.pairs.empty() ? "cells" : "pairs", std::move(items)}};
  return result;
}

}  // namespace poolbench::compare
