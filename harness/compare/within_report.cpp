#include "compare/within_report.h"

#include <cmath>

#include "compare/effect.h"
#include "compare/hypothesis.h"
#include "compare/verdict.h"
#include "report/metric.h"
#include "stats/multiple.h"

namespace poolbench::compare {
namespace {

struct Pair {
  report::ComparisonResult result;
  std::optional<Effect> effect;  ///< none: `result.reason` says why
};

std::optional<double> published_ratio(const scenario::Scenario& scenario,
                                      const report::ComparisonResult& comparison) {
  for (const scenario::Reference& reference : scenario.references) {
    if (reference.metric != comparison.metric) continue;
    const auto baseline = reference.value_by_cell.find(comparison.baseline);
    const auto candidate = reference.value_by_cell.find(comparison.candidate);
    if (baseline == reference.value_by_cell.end()) continue;
    if (candidate == reference.value_by_cell.end() || baseline->second == 0) continue;
    return candidate->second / baseline->second;
  }
  return std::nullopt;
}

/// The question alone, without any answer it may have had.
report::ComparisonResult question_of(const report::ComparisonResult& result) {
  report::ComparisonResult question;
  question.name = result.name;
  question.metric = result.metric;
  question.baseline = result.baseline;
  question.candidate = result.candidate;
  question.margin = result.margin;
  question.published_ratio = result.published_ratio;
  return question;
}

Pair estimate(const report::Report& report, report::ComparisonResult comparison) {
  const Sample baseline = sample_of(report, comparison.baseline, comparison.metric);
  const Sample candidate = sample_of(report, comparison.candidate, comparison.metric);
  if (auto why = why_unlike(baseline, candidate); !why.empty()) {
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

void judge_family(std::vector<Pair>& family) {
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
    const auto* const metric = report::find_metric(result.metric);
    result.verdict = judge(*pair.effect, *result.p_adjusted, result.margin,
                           metric != nullptr && metric->higher_is_better);
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
  judge_family(family);
  const std::string noise = noise_of(report);
  std::vector<report::ComparisonResult> answers;
  for (Pair& pair : family) {
    if (!noise.empty()) {
      pair.result.verdict = report::Verdict::kInconclusive;
      pair.result.reason = noise;
    }
    answers.push_back(std::move(pair.result));
  }
  return answers;
}

void compare_within(report::Report& report, const scenario::Scenario& scenario) {
  std::vector<report::ComparisonResult> questions;
  for (const scenario::Comparison& comparison : scenario.comparisons) {
    for (const std::string& metric : comparison.metrics) {
      const auto* const known = report::find_metric(metric);
      for (const auto& [baseline, candidate] : comparison.pairs) {
        auto& question = questions.emplace_back();
        question.name = comparison.name;
        question.metric = metric;
        question.baseline = baseline;
        question.candidate = candidate;
        question.margin = known != nullptr ? known->margin : 0;
        question.published_ratio = published_ratio(scenario, question);
      }
    }
  }
  report.comparisons = answer(report, questions);
  report.hypotheses.clear();
  for (const scenario::Hypothesis& hypothesis : scenario.hypotheses) {
    report.hypotheses.push_back(decide(hypothesis, report));
  }
}

}  // namespace poolbench::compare
