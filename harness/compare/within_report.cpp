#include "compare/within_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/text.h"
#include "compare/effect.h"
#include "compare/explanation.h"
#include "compare/power.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "stats/inference.h"

namespace poolbench::compare {

namespace {

struct Pair {
  report::ComparisonResult result;
  std::optional<Effect> effect;  ///< none: `result.reason` says why
};

/// By the first of the scenario's references that has both cells.
std::optional<double> published_ratio(const report::Report& report,
                                      const report::ComparisonResult& comparison) {
  for (const report::Reference& reference : report.scenario.references) {
    if (reference.metric != comparison.metric) continue;
    const auto baseline = reference.values.find(comparison.baseline);
    const auto candidate = reference.values.find(comparison.candidate);
    if (baseline == reference.values.end() || candidate == reference.values.end()) continue;
    if (baseline->second != 0) return candidate->second / baseline->second;
  }
  return std::nullopt;
}

/// Whose build of PostgreSQL the cell runs on; none where nothing tells.
std::optional<std::string> packaging_of(const report::Report& report, const std::string& cell) {
  const report::Environment& environment = report.environment;
  for (const report::PostgresFacts& server : environment.postgres_servers) {
    if (std::ranges::find(server.cells, cell) != server.cells.end()) return server.packaging.value;
  }
  return environment.postgres ? environment.postgres->packaging.value : std::nullopt;
}

/// Whether statements are counted there, which costs time.
bool counts_statements(const report::Report& report, const std::string& id) {
  const auto* const cell = report::find_cell(report, id);
  return cell != nullptr &&
         report::look_up<bool>(cell->config, {"postgres", "statements"}).value_or(false);
}

/// Whether an axis of the matrix says which cells count statements.
bool varies_statements(const report::Report& report, const std::string& id) {
  const auto* const cell = report::find_cell(report, id);
  return cell != nullptr && std::ranges::any_of(cell->factors.items(), [](const auto& factor) {
           return factor.key() == "statements" || factor.key().ends_with(".statements");
         });
}

/// Why a difference of these cells is not that of their settings alone; empty if it is.
std::string why_other_server(const report::Report& report, const std::string& baseline,
                             const std::string& candidate) {
  if (counts_statements(report, baseline) != counts_statements(report, candidate) &&
      !varies_statements(report, candidate)) {
    return fmt::format(
        "of {} and {} only one counts statements (postgres.statements), which takes time", baseline,
        candidate);
  }
  const auto one = packaging_of(report, baseline), other = packaging_of(report, candidate);
  if (one == other) return {};
  const auto words = [](const auto& packaging) { return packaging.value_or("an unknown builder"); };
  return fmt::format(
      "{} runs on a PostgreSQL of {}, {} on one of {}: other builds, not only other versions",
      baseline, words(one), candidate, words(other));
}

/// The question alone, without any answer it may have had.
report::ComparisonResult question_of(const report::ComparisonResult& result) {
  report::ComparisonResult question;
  question.name = result.name;
  question.metric = result.metric;
  question.baseline = result.baseline;
  question.candidate = result.candidate;
  question.margin = result.margin;
  return question;
}

Pair estimate(const report::Report& report, report::ComparisonResult comparison) {
  comparison.published_ratio = published_ratio(report, comparison);
  const Sample baseline = sample_of(report, comparison.baseline, comparison.metric);
  const Sample candidate = sample_of(report, comparison.candidate, comparison.metric);
  auto why = why_other_server(report, comparison.baseline, comparison.candidate);
  if (why.empty()) why = why_unlike(baseline, candidate);
  if (!why.empty()) {
    comparison.verdict = report::Verdict::kIncomparable;
    comparison.reason = std::move(why);
    return {std::move(comparison), std::nullopt};
  }
  const auto log_ratios = paired_log_ratios(baseline, candidate);
  if (!log_ratios) {
    comparison.verdict = report::Verdict::kInconclusive;
    comparison.reason = log_ratios.error().message;
    return {std::move(comparison), std::nullopt};
  }
  const Effect effect = paired_effect(*log_ratios);
  comparison.n = effect.n;
  comparison.ratio = std::exp(effect.estimate);
  if (effect.interval_95) {
    comparison.ci_low = std::exp(effect.interval_95->low);
    comparison.ci_high = std::exp(effect.interval_95->high);
  }
  return {std::move(comparison), effect};
}

void judge_family(const report::Report& report, std::vector<Pair>& family) {
  std::vector<double> p_values;
  for (const Pair& pair : family) {
    if (pair.effect) p_values.push_back(pair.effect->p);
  }
  const auto adjusted = stats::benjamini_hochberg(p_values);
  std::size_t next = 0;
  for (Pair& pair : family) {
    if (!pair.effect) continue;
    auto& result = pair.result;
    result.p_adjusted = adjusted[next++];
    const auto metric = report::find_metric(result.metric, report.metrics);
    result.verdict = judge(*pair.effect, *result.p_adjusted, result.margin, metric->better);
    if (result.verdict == report::Verdict::kInconclusive) {
      result.reason = why_inconclusive(*pair.effect, *result.p_adjusted, result.margin);
    }
  }
}

}  // namespace

std::vector<report::ComparisonResult> answer(
    const report::Report& report, const std::vector<report::ComparisonResult>& questions) {
  std::vector<Pair> family;
  for (const auto& question : questions) family.push_back(estimate(report, question_of(question)));
  judge_family(report, family);
  const std::string noise = noise_of(report);
  std::vector<report::ComparisonResult> answers;
  const auto is_explicable = [&](const report::ComparisonResult& result) {
    return noise.empty() && result.verdict != report::Verdict::kIncomparable;
  };
  for (Pair& pair : family) {
    if (!noise.empty()) {
      pair.result.verdict = report::Verdict::kInconclusive;
      pair.result.reason = noise;
    }
    if (is_explicable(pair.result)) pair.result.explanation = explain(report, pair.result);
    answers.push_back(std::move(pair.result));
  }
  return answers;
}

void compare_within(report::Report& report, const scenario::Scenario& scenario) {
  std::vector<report::ComparisonResult> questions;
  for (const scenario::Comparison& comparison : scenario.comparisons) {
    for (const std::string& metric : comparison.metrics) {
      const auto known = report::find_metric(metric, report.metrics);
      for (const auto& [baseline, candidate] : comparison.pairs) {
        auto& question = questions.emplace_back();
        question.name = comparison.name;
        question.metric = metric;
        question.baseline = baseline;
        question.candidate = candidate;
        question.margin = known ? known->margin : 0;
      }
    }
  }
  report.comparisons = answer(report, questions);
  report.hypotheses.clear();
  for (const scenario::Hypothesis& hypothesis : scenario.hypotheses) {
    report.hypotheses.push_back(decide(hypothesis, report));
  }
}

namespace {

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

/// With too few trials for an interval, a claim is decided only when every one of them agrees.
void decide_by_agreement(const std::vector<double>& values, const Bounds& bounds,
                         report::CellEvidence& found) {
  const auto holding =
      std::ranges::count_if(values, [&](double value) { return bounds.hold(value); });
  if (holding == std::ssize(values)) {
    found.verdict = report::Decision::kConfirmed;
    found.note = values.size() == 1 ? std::string("the only trial agrees")
                                    : fmt::format("all {} trials agree", values.size());
  } else if (holding == 0) {
    found.verdict = report::Decision::kRefuted;
    found.note = values.size() == 1 ? std::string("the only trial disagrees")
                                    : fmt::format("all {} trials disagree", values.size());
  } else {
    found.note = fmt::format("{} of {} trials agree", holding, values.size());
  }
}

report::CellEvidence decide_cell(const report::Report& report, const std::string& id,
                                 const std::string& metric, const Bounds& bounds) {
  report::CellEvidence found;
  found.cell = id;
  const Sample sample = sample_of(report, id, metric);
  found.note = sample.why_none;
  std::vector<double> values;
  for (const auto& [block, value] : sample.by_block) values.push_back(value);
  if (values.empty()) return found;
  const stats::Location location(values);
  found.n = location.n();
  found.estimate = location.estimate();
  const auto interval = location.interval(0.95);
  if (!interval) {
    decide_by_agreement(values, bounds, found);
    return found;
  }
  found.ci_low = interval->low;
  found.ci_high = interval->high;
  if (bounds.hold(*interval)) found.verdict = report::Decision::kConfirmed;
  if (bounds.exclude(*interval)) found.verdict = report::Decision::kRefuted;
  return found;
}

report::PairEvidence decide_pair(const report::Report& report,
                                 const std::pair<std::string, std::string>& pair,
                                 const std::string& metric, const Bounds& bounds) {
  report::PairEvidence found;
  std::tie(found.baseline, found.candidate) = pair;
  found.note = why_other_server(report, found.baseline, found.candidate);
  if (!found.note.empty()) return found;
  const auto log_ratios = paired_log_ratios(sample_of(report, found.baseline, metric),
                                            sample_of(report, found.candidate, metric));
  if (!log_ratios) {
    found.note = log_ratios.error().message;
    return found;
  }
  const Effect effect = paired_effect(*log_ratios);
  found.n = effect.n;
  found.ratio = std::exp(effect.estimate);
  const bool equivalence = bounds.at_least && bounds.at_most;
  found.confidence = equivalence ? 0.90 : 0.95;
  if (effect.n < kFewestBlocks) {
    found.note = fmt::format("needs at least {} blocks, has {}", kFewestBlocks, effect.n);
    return found;
  }
  const auto ratio_of = [](const stats::Interval& logs) {
    return stats::Interval{std::exp(logs.low), std::exp(logs.high)};
  };
  const stats::Interval wide = ratio_of(*effect.interval_95);
  const stats::Interval shown = equivalence ? ratio_of(*effect.interval_90) : wide;
  found.ci_low = shown.low;
  found.ci_high = shown.high;
  if (bounds.hold(shown)) found.verdict = report::Decision::kConfirmed;
  if (bounds.exclude(wide)) found.verdict = report::Decision::kRefuted;
  return found;
}

/// Confirmed if all are, refuted if any is.
report::Decision joint_verdict(const report::Evidence& evidence) {
  std::vector<report::Decision> all;
  for (const auto& found : evidence.cells) all.push_back(found.verdict);
  for (const auto& found : evidence.pairs) all.push_back(found.verdict);
  using enum report::Decision;
  if (std::ranges::count(all, kRefuted) > 0) return kRefuted;
  const bool is_confirmed = !all.empty() && std::ranges::count(all, kConfirmed) == std::ssize(all);
  return is_confirmed ? kConfirmed : kInconclusive;
}

/// Nothing is decided in a noisy environment.
void leave_open(auto& all, const std::string& noise) {
  for (auto& found : all) {
    found.verdict = report::Decision::kInconclusive;
    found.note = noise;
  }
}

/// Whether a cell fails with these words.
report::CellEvidence decide_failure(const report::Report& report, const std::string& id,
                                    const std::string& words) {
  report::CellEvidence found;
  found.cell = id;
  const report::CellReport* cell = report::find_cell(report, id);
  if (cell == nullptr || cell->status == report::CellStatus::kPlanned) {
    found.note = "no trial tells";
    return found;
  }
  found.n = static_cast<int>(cell->trials.size());
  if (cell->status != report::CellStatus::kFailed) {
    found.verdict = report::Decision::kRefuted;
    found.note = "did not fail";
    return found;
  }
  const auto tells = [&](const std::string& text) { return text.find(words) != std::string::npos; };
  const bool as_claimed =
      tells(cell->error) || std::ranges::any_of(cell->trials, [&](const report::Trial& trial) {
        return trial.status == report::TrialStatus::kFailed &&
               std::ranges::any_of(trial.reasons, tells);
      });
  found.verdict = as_claimed ? report::Decision::kConfirmed : report::Decision::kRefuted;
  found.note = (as_claimed ? "" : "failed otherwise: ") + base::first_line(cell->error);
  return found;
}

}  // namespace

report::HypothesisResult decide(const scenario::Hypothesis& hypothesis,
                                const report::Report& report) {
  const Bounds bounds{hypothesis.at_least, hypothesis.at_most};
  report::HypothesisResult result;
  result.claim = hypothesis.claim;
  report::Evidence& evidence = result.evidence;
  evidence.metric = hypothesis.metric;
  evidence.fails_with = hypothesis.fails_with;
  evidence.at_least = hypothesis.at_least;
  evidence.at_most = hypothesis.at_most;
  for (const std::string& cell : hypothesis.cells) {
    evidence.cells.push_back(hypothesis.fails_with.empty()
                                 ? decide_cell(report, cell, hypothesis.metric, bounds)
                                 : decide_failure(report, cell, hypothesis.fails_with));
  }
  for (const auto& pair : hypothesis.pairs) {
    evidence.pairs.push_back(decide_pair(report, pair, hypothesis.metric, bounds));
  }
  const bool is_figure = hypothesis.fails_with.empty();
  if (const std::string noise = noise_of(report); is_figure && !noise.empty()) {
    leave_open(evidence.cells, noise);
    leave_open(evidence.pairs, noise);
  }
  result.verdict = joint_verdict(evidence);
  return result;
}

}  // namespace poolbench::compare
