#include "compare/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/text.h"
#include "compare/effect.h"
#include "report/budget.h"
#include "report/metric.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

constexpr const char* kUnexplained = "unexplained_us";
/// A part that makes up less of the difference is not worth a word.
constexpr double kLeastShare = 0.1;

std::string metric_name(const char* member) {
  return fmt::format("{}{}", report::kOfBudget, member);
}

bool is_explained(const std::string& metric) {
  const auto known = report::find_metric(metric, {});
  return metric == "throughput_requests_per_second" || metric == metric_name("total_us") ||
         (known && known->quantile != nullptr);
}

/// What the budgets of the cell's trials divide; none where there are none, or not all alike.
const report::Budget* budget_of(const report::CellReport& cell) {
  const auto& total = report::built_in_metric(metric_name("total_us"));
  const report::Budget* first = nullptr;
  for (const report::Trial& trial : cell.trials) {
    if (!report::counted_metric_of(trial, total)) continue;
    if (first != nullptr && trial.budget->of != first->of) return nullptr;
    first = &*trial.budget;
  }
  return first;
}

/// Candidate less baseline, paired by block; none where there are too few pairs.
std::optional<report::PartDifference> difference_of(const report::Report& report,
                                                    const report::ComparisonResult& pair,
                                                    const char* member) {
  const Sample baseline = sample_of(report, pair.baseline, metric_name(member));
  const Sample candidate = sample_of(report, pair.candidate, metric_name(member));
  std::vector<double> differences;
  for (const auto& [block, value] : candidate.by_block) {
    const auto same = std::ranges::find(baseline.by_block, block, &std::pair<int, double>::first);
    if (same != baseline.by_block.end()) differences.push_back(value - same->second);
  }
  if (std::ssize(differences) < kFewestBlocks) return std::nullopt;
  const stats::Location location(differences);
  const auto interval = location.interval(0.95);
  if (!interval) return std::nullopt;
  return report::PartDifference{member, location.estimate(), interval->low, interval->high};
}

bool is_clear(const report::PartDifference& difference) {
  return difference.ci_low > 0 || difference.ci_high < 0;
}

/// "8.1" of 8100 µs: milliseconds, to what matters of them.
std::string milliseconds(double us) {
  constexpr double kPerMillisecond = 1000, kMany = 100, kOne = 1, kLeast = 0.005;
  const double ms = std::abs(us) / kPerMillisecond;
  const char* const sign = us < 0 && ms >= kLeast ? "−" : "";
  if (ms >= kMany) return fmt::format("{}{:.0f}", sign, ms);
  return ms >= kOne ? fmt::format("{}{:.1f}", sign, ms) : fmt::format("{}{:.2f}", sign, ms);
}

/// "pool=true": what the candidate has and the baseline has not.
std::string subject(const report::CellReport& baseline, const report::CellReport& candidate) {
  std::string text;
  for (const auto& [axis, value] : candidate.factors.items()) {
    const auto other = baseline.factors.find(axis);
    if (other != baseline.factors.end() && *other == value) continue;
    const std::string shown = value.is_string() ? value.get<std::string>() : base::json_dump(value);
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", axis, shown);
  }
  return text.empty() ? candidate.id : text;
}

const char* words_of(const std::string& member) {
  for (const report::BudgetPart& part : report::kBudgetParts) {
    if (part.member == member) return part.words;
  }
  return "unexplained";
}

/// "6.9 ms connecting, 0.9 ms application CPU": those that go the way of the difference, or all
/// others; the largest first.
std::string listed(std::vector<report::PartDifference> parts, double sign) {
  std::erase_if(parts, [&](const auto& part) { return part.difference_us * sign <= 0; });
  std::ranges::sort(parts, std::ranges::greater{},
                    [](const auto& part) { return std::abs(part.difference_us); });
  std::string text;
  for (const report::PartDifference& part : parts) {
    text += fmt::format("{}{} ms {}", text.empty() ? "" : ", ",
                        milliseconds(std::abs(part.difference_us)), words_of(part.part));
  }
  return text;
}

/// "; queries, round trips not known".
std::string unknown_parts(const report::Explanation& explanation) {
  std::string text;
  for (const report::BudgetPart& part : report::kBudgetParts) {
    if (std::ranges::find(explanation.parts, part.member, &report::PartDifference::part) !=
        explanation.parts.end()) {
      continue;
    }
    text += fmt::format("{}{}", text.empty() ? "" : ", ", part.words);
  }
  return text.empty() ? text : fmt::format(" (in which there may be what is not known: {})", text);
}

/// What the difference is made of; empty where no part is clear.
std::string reasons(const report::Explanation& explanation) {
  const double all = explanation.difference_us, sign = all < 0 ? -1 : 1;
  std::vector<report::PartDifference> named = explanation.parts;
  const report::PartDifference unexplained = named.back();
  named.pop_back();
  std::erase_if(named, [&](const auto& part) {
    return !is_clear(part) || std::abs(part.difference_us) < kLeastShare * std::abs(all);
  });
  const bool is_largest = std::ranges::all_of(named, [&](const auto& part) {
    return std::abs(part.difference_us) <= std::abs(unexplained.difference_us);
  });
  const std::string same = listed(named, sign), other = listed(named, -sign);
  const std::string left = milliseconds(unexplained.difference_us * sign);
  std::string text;
  if (is_largest) {
    if (named.empty() && !is_clear(unexplained)) return {};
    text = fmt::format("{} ms of it are unexplained{}", left, unknown_parts(explanation));
    if (!same.empty()) text += fmt::format(", the rest is {}", same);
  } else {
    text = fmt::format("{}{}{} ms unexplained{}", same, same.empty() ? "" : ", ", left,
                       unknown_parts(explanation));
  }
  if (!other.empty()) text += fmt::format("; against it {}", other);
  return text;
}

std::string sentence(const report::CellReport& baseline, const report::CellReport& candidate,
                     const report::Explanation& explanation) {
  const report::PartDifference total{"", explanation.difference_us, explanation.ci_low,
                                     explanation.ci_high};
  if (!is_clear(total)) return {};
  const std::string why = reasons(explanation);
  if (why.empty()) return {};
  const auto serves = [](const report::CellReport& cell) {
    return budget_of(cell)->serves_at_once.value_or(0);
  };
  const bool is_worker = explanation.of == report::BudgetOf::kWorker;
  std::string who = subject(baseline, candidate);
  if (is_worker && serves(baseline) != serves(candidate)) {
    who += fmt::format(", which serves {} instead of {} requests at once,", serves(candidate),
                       serves(baseline));
  }
  const bool is_less = total.difference_us < 0;
  const double near = is_less ? -total.ci_high : total.ci_low;
  const double far = is_less ? -total.ci_low : total.ci_high;
  return fmt::format("{} takes {} ms ({}–{}) {} {}: {}", who,
                     milliseconds(std::abs(total.difference_us)), milliseconds(near),
                     milliseconds(far), is_less ? "less" : "more",
                     is_worker ? "of a worker's time per request" : "per request, on average", why);
}

}  // namespace

std::optional<report::Explanation> explain(const report::Report& report,
                                           const report::ComparisonResult& comparison) {
  const auto* const baseline = report::find_cell(report, comparison.baseline);
  const auto* const candidate = report::find_cell(report, comparison.candidate);
  if (!is_explained(comparison.metric) || baseline == nullptr || candidate == nullptr) return {};
  const auto* const before = budget_of(*baseline);
  const auto* const after = budget_of(*candidate);
  if (before == nullptr || after == nullptr || before->of != after->of) return {};
  const auto total = difference_of(report, comparison, "total_us");
  const auto unexplained = difference_of(report, comparison, kUnexplained);
  if (!total || !unexplained) return {};
  report::Explanation explanation;
  explanation.of = before->of;
  explanation.difference_us = total->difference_us;
  explanation.ci_low = total->ci_low;
  explanation.ci_high = total->ci_high;
  for (const report::BudgetPart& part : report::kBudgetParts) {
    const auto difference = difference_of(report, comparison, part.member);
    if (difference) explanation.parts.push_back(*difference);
  }
  explanation.parts.push_back(*unexplained);
  explanation.text = sentence(*baseline, *candidate, explanation);
  return explanation;
}

}  // namespace poolbench::compare
