#include "compare/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/within_report.h"
#include "report/json_place.h"
#include "report/metric.h"

namespace poolbench::compare {
namespace {

using base::Json;

/// The path of the first place where two JSON values differ, but for rounding; none if nowhere.
std::optional<std::string> first_difference(const Json& stated, const Json& real,
                                            const std::string& path) {
  if (stated.is_number() && real.is_number()) {
    if (nearly_equal(stated.get<double>(), real.get<double>())) return std::nullopt;
    return path;
  }
  if (stated.type() != real.type() || stated.size() != real.size()) return path;
  if (stated.is_object()) {
    for (const auto& [key, value] : stated.items()) {
      const auto other = real.find(key);
      if (other == real.end()) return path + "." + key;
      if (auto place = first_difference(value, *other, path + "." + key)) return place;
    }
    return std::nullopt;
  }
  if (stated.is_array()) {
    for (std::size_t i = 0; i < stated.size(); ++i) {
      if (auto place = first_difference(stated[i], real[i], fmt::format("{}[{}]", path, i))) {
        return place;
      }
    }
    return std::nullopt;
  }
  return stated == real ? std::nullopt : std::optional(path);
}

void compare(const Json& stated, const Json& real, const std::string& where, const char* problem,
             std::vector<Finding>& findings) {
  if (const auto place = first_difference(stated, real, where)) {
    findings.push_back({*place, problem});
  }
}

/// The question that a hypothesis' evidence answers.
scenario::Hypothesis question_of(const report::HypothesisResult& result) {
  scenario::Hypothesis question;
  question.claim = result.claim;
  question.metric = result.evidence.metric;
  question.fails_with = result.evidence.fails_with;
  question.at_least = result.evidence.at_least;
  question.at_most = result.evidence.at_most;
  for (const auto& found : result.evidence.cells) question.cells.push_back(found.cell);
  for (const auto& found : result.evidence.pairs) {
    question.pairs.emplace_back(found.baseline, found.candidate);
  }
  return question;
}

/// The report with everything derived from its trials computed anew.
report::Report recomputed(const report::Report& report) {
  report::Report fresh = report;
  report::summarise(fresh);
  fresh.comparisons = answer(fresh, report.comparisons);
  for (report::HypothesisResult& hypothesis : fresh.hypotheses) {
    hypothesis = decide(question_of(hypothesis), fresh);
  }
  return fresh;
}

void verify_content(const Json& document, std::vector<Finding>& findings) {
  const auto stated = report::look_up<std::string>(document, {"content_sha256"});
  if (!stated) {
    findings.push_back(
        {"content_sha256", "is missing, so nobody can tell whether the file changed"});
  } else if (*stated != report::content_sha256(document)) {
    findings.push_back({"content_sha256", "is not that of the content: the file was changed"});
  }
}

/// Whether these are 0, 1, 2 …, each once; if not, the first number that is missing or there twice.
std::optional<int> gap_in(std::vector<int> numbers) {
  std::ranges::sort(numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i)) return static_cast<int>(i);
  }
  return std::nullopt;
}

/// What ran at one position of a block, in one cell.
struct Place {
  std::vector<int> attempts;
  int good = 0, superseded = 0;
};

/// The attempts at a place are 0, 1, 2 …, each once. One of them at most counts; in a report that
/// knows of attempts, not all of them are superseded.
void verify_place(const Place& place, bool has_attempts, const std::string& where,
                  std::vector<Finding>& findings) {
  if (gap_in(place.attempts)) {
    findings.push_back({where, "lacks an attempt at its trial, or has one twice"});
  }
  if (place.good > 1) findings.push_back({where, "has more than one trial that counts"});
  if (has_attempts && place.superseded == std::ssize(place.attempts)) {
    findings.push_back({where, "has superseded trials only, and none in their place"});
  }
}

/// Each block's positions are 0, 1, 2 …, each once; blocks_completed and trials_rerun count nothing
/// that is not there.
void verify_order_of_trials(const report::Report& report, std::vector<Finding>& findings) {
  std::map<int, std::map<std::pair<std::size_t, int>, Place>> blocks;  // cells and positions
  int again = 0;
  for (std::size_t i = 0; i < report.cells.size(); ++i) {
    for (const report::Trial& trial : report.cells[i].trials) {
      Place& place = blocks[trial.block][{i, trial.position}];
      place.attempts.push_back(trial.attempt);
      place.good += trial.status == report::TrialStatus::kOk ? 1 : 0;
      place.superseded += trial.status == report::TrialStatus::kSuperseded ? 1 : 0;
      again += trial.attempt > 0 && trial.status != report::TrialStatus::kInterrupted ? 1 : 0;
    }
  }
  const auto& rerun = report.design.trials_rerun;
  for (const auto& [block, places] : blocks) {
    std::vector<int> positions;
    for (const auto& [at, place] : places) {
      positions.push_back(at.second);
      verify_place(place, report.design.trials_rerun.has_value(),
                   fmt::format("cells[{}], block {}", at.first, block), findings);
    }
    if (const auto gap = gap_in(positions)) {
      findings.push_back(
          {"cells", fmt::format("block {} has no trial at position {}, or two", block, *gap)});
    }
  }
  if (rerun && *rerun != again) {
    findings.push_back(
        {"design.trials_rerun", fmt::format("{}, but {} trials were run again", *rerun, again)});
  }
  const auto& completed = report.design.blocks_completed;
  if (completed.value_or(0) > std::ssize(blocks)) {
    findings.push_back(
        {"design.blocks_completed",
         fmt::format("{}, but there are trials of {} blocks only", *completed, blocks.size())});
  }
}

/// The margin of each comparison is the metric's.
void verify_margins(const report::Report& report, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < report.comparisons.size(); ++i) {
    const report::ComparisonResult& comparison = report.comparisons[i];
    const auto metric = report::find_metric(comparison.metric, report.metrics);
    if (metric && !nearly_equal(metric->margin, comparison.margin)) {
      findings.push_back({fmt::format("comparisons[{}].margin", i),
                          fmt::format("is not the metric's, {}", metric->margin)});
    }
  }
}

}  // namespace

std::string unverified(const report::Report& report) {
  if (!report.compact.value_or(false)) return {};
  return "rates of trials by the native generator, and peaks of connections that were sampled: the "
         "report is compact, without the series that they follow from";
}

std::vector<Finding> verify(const Json& document, const report::Report& report) {
  std::vector<Finding> findings;
  verify_content(document, findings);
  for (std::size_t i = 0; i < report.cells.size(); ++i) {
    for (std::size_t j = 0; j < report.cells[i].trials.size(); ++j) {
      verify_trial(report.cells[i].trials[j], report.compact.value_or(false),
                   fmt::format("cells[{}].trials[{}]", i, j), findings);
    }
  }
  verify_order_of_trials(report, findings);
  verify_margins(report, findings);
  const Json stated = report::to_json(report), real = report::to_json(recomputed(report));
  for (std::size_t i = 0; i < report.cells.size(); ++i) {
    for (const char* member : {"status", "error", "summary"}) {
      compare(stated["cells"][i][member], real["cells"][i][member],
              fmt::format("cells[{}].{}", i, member), "does not follow from the trials", findings);
    }
  }
  compare(stated["comparisons"], real["comparisons"], "comparisons",
          "does not follow from the trials and scenario.references", findings);
  compare(stated["hypotheses"], real["hypotheses"], "hypotheses", "does not follow from the trials",
          findings);
  return findings;
}

}  // namespace poolbench::compare
