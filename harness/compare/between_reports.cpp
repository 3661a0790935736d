#include "compare/between_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "compare/effect.h"
#include "compare/power.h"
#include "compare/selection.h"
#include "report/metric.h"
#include "report/summary.h"
#include "report/validity.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

/// Values by block as logarithms, or as those of ratios to the anchor.
base::Result<std::vector<double>> logs_of(const report::Report& report, const DiffRow& row,
                                          const std::string& anchor) {
  const Sample sample = sample_of(report, row.cell, row.metric);
  if (row.through_anchor) return paired_log_ratios(sample_of(report, anchor, row.metric), sample);
  if (sample.by_block.empty()) return base::failed(sample.why_none);
  std::vector<double> logs;
  for (const auto& [block, value] : sample.by_block) {
    if (value <= 0) return base::failed("a value is 0, so there is no ratio");
    logs.push_back(std::log(value));
  }
  return logs;
}

Level level_of(const report::CellReport& cell, const DiffRow& row) {
  std::vector<double> values;
  for (const auto& [block, value] : sample_of(cell, row.definition).by_block) {
    values.push_back(value);
  }
  const auto* const quantile = report::quantile_of(row.definition);
  if (values.empty() && quantile != nullptr && cell.status == report::CellStatus::kOk) {
    const auto all = report::pooled_quantiles(cell);
    const auto good =
        std::ranges::count(cell.trials, report::TrialStatus::kOk, &report::Trial::status);
    const auto pooled = report::pooled_instead(cell, *quantile, all).value_us;
    return {static_cast<int>(good), {}, {}, {}, pooled};
  }
  if (values.empty()) return {};
  const stats::Location location(values);
  Level level{location.n(), location.estimate(), {}, {}, {}};
  if (const auto interval = location.interval(0.95)) {
    level.ci_low = interval->low;
    level.ci_high = interval->high;
  }
  return level;
}

bool is_zero(const report::Report& report, const DiffRow& row) {
  const auto values = sample_of(report, row.cell, row.metric).by_block;
  return values.size() >= kFewestBlocks &&
         std::ranges::all_of(values, [](const auto& value) { return value.second == 0; });
}

std::string noise_of_either(const report::Report& base, const report::Report& head) {
  const std::string noise = noise_of(base);
  return noise.empty() ? noise_of(head) : noise;
}

std::string words_of(const report::DeclaredMetric& metric) {
  const std::string per =
      metric.per ? fmt::format(" per {}", report::word_of(*metric.per)) : std::string();
  return fmt::format("a {} in {}{} from {}, better {}, margin {:g}", report::word_of(metric.kind),
                     metric.unit, per, report::word_of(metric.source),
                     report::word_of(metric.better), metric.margin);
}

/// Why the values of a metric that a target declares are not the same quantity in both reports;
/// empty if they are.
std::string why_declared_otherwise(const std::string& metric, const report::Report& base,
                                   const report::Report& head) {
  using report::DeclaredMetric;
  const auto from = std::ranges::find(base.metrics, metric, &DeclaredMetric::name);
  const auto to = std::ranges::find(head.metrics, metric, &DeclaredMetric::name);
  const bool is_in_base = from != base.metrics.end(), is_in_head = to != head.metrics.end();
  if (!is_in_base && !is_in_head) return {};
  if (!is_in_base || !is_in_head) {
    return fmt::format("the metric is declared in {} only", is_in_base ? "base" : "head");
  }
  if (*from == *to) return {};
  return base::printable(fmt::format("the metric is declared as {} in base, as {} in head",
                                     words_of(*from), words_of(*to)));
}

/// Those that either report declares, as head does.
report::DeclaredMetrics declared_in_either(const report::Report& base, const report::Report& head) {
  report::DeclaredMetrics all = head.metrics;
  all.insert(all.end(), base.metrics.begin(), base.metrics.end());
  return all;
}

class Comparer {
 public:
  Comparer(const report::Report& base, const report::Report& head, const DiffOptions& options,
           Diff& diff)
      : base_(base), head_(head), options_(options), diff_(diff) {}

  void add(const report::CellReport& base, const report::CellReport& head,
           const report::Metric& metric) {
    DiffRow row;
    row.cell = base.id;
    row.metric = metric.name;
    row.definition = metric;
    row.base = level_of(base, row);
    row.head = level_of(head, row);
    row.through_anchor = !diff_.anchor.empty() && base.id != diff_.anchor &&
                         can_anchor(base_, diff_.anchor, metric.name) &&
                         can_anchor(head_, diff_.anchor, metric.name);
    set_allowances(head, row);
    row.differences = compare_settings(base, head, options_.factors);
    std::optional<Effect> effect;
    if (const auto obstacle = obstacle_of(base, head, row); !obstacle.empty()) {
      row.verdict = report::Verdict::kIncomparable;
      row.reason = obstacle;
    } else if (is_zero(base_, row) && is_zero(head_, row) &&
               noise_of_either(base_, head_).empty()) {
      row.verdict = report::Verdict::kNoChange;
      row.reason = "0 in both";
    } else {
      effect = estimate(row);
    }
    diff_.rows.push_back(std::move(row));
    effects_.push_back(effect);
  }

  /// Verdicts need the whole family.
  void judge_all() {
    std::vector<double> p_values;
    for (const auto& effect : effects_) {
      if (effect) p_values.push_back(effect->p);
    }
    const auto adjusted = stats::benjamini_hochberg(p_values);
    std::size_t next = 0;
    for (std::size_t i = 0; i < effects_.size(); ++i) {
      if (effects_[i]) judge_row(diff_.rows[i], *effects_[i], adjusted[next++]);
    }
  }

 private:
  /// What is no finding: the margin, and what runs may differ by.
  void set_allowances(const report::CellReport& head, DiffRow& row) const {
    row.margin = std::max(options_.margin.value_or(0), row.definition.margin);
    if (options_.same_run) return;
    if (options_.run_spread) row.spread = {*options_.run_spread, "given", 0};
    const Background& background = options_.background;
    if (background.history.empty() && background.aa_study.empty()) return;
    const HistoryLine like =
        blank_line(head_, head, row.metric, row.through_anchor ? diff_.anchor : "");
    if (!options_.run_spread) {
      row.spread = spread_for(like, background, {base_.report_id, head_.report_id});
    }
    const double floor = noise_floor_for(like, background);
    row.margin_is_noise = floor > row.margin;
    row.margin = std::max(row.margin, floor);
  }

  std::string obstacle_of(const report::CellReport& base, const report::CellReport& head,
                          const DiffRow& row) const {
    if (!diff_.conditions.blocking.empty()) return "the conditions differ";
    if (auto why = why_declared_otherwise(row.metric, base_, head_); !why.empty()) return why;
    if (!row.differences.empty()) {
      const Difference& first = row.differences.front();
      return fmt::format("{} is {} in base, {} in head", first.field, first.base, first.head);
    }
    for (const auto& [side, cell] : {std::pair{"base", &base}, std::pair{"head", &head}}) {
      const bool measured = !sample_of(*cell, row.definition).by_block.empty();
      if (cell->status == report::CellStatus::kOk ||
          (cell->status == report::CellStatus::kPlanned && measured))
        continue;
      if (cell->status != report::CellStatus::kFailed)
        return fmt::format("not measured in {}", side);
      return fmt::format("failed in {}: {}", side, cell->error.substr(0, cell->error.find('\n')));
    }
    return why_unlike(sample_of(base, row.definition), sample_of(head, row.definition));
  }

  std::optional<Effect> estimate(DiffRow& row) const {
    const auto effect = options_.same_run ? estimate_within(row) : estimate_between(row);
    if (!effect) return std::nullopt;
    row.ratio = std::exp(effect->estimate);
    if (effect->interval_95) {
      row.ci_low = std::exp(effect->interval_95->low);
      row.ci_high = std::exp(effect->interval_95->high);
    }
    return effect;
  }

  std::optional<Effect> estimate_within(DiffRow& row) const {
    const auto log_ratios = paired_log_ratios(sample_of(base_, row.cell, row.metric),
                                              sample_of(head_, row.cell, row.metric));
    if (log_ratios) return paired_effect(*log_ratios);
    row.verdict = report::Verdict::kInconclusive;
    row.reason = log_ratios.error().message;
    return std::nullopt;
  }

  std::optional<Effect> estimate_between(DiffRow& row) const {
    const auto from = logs_of(base_, row, diff_.anchor), to = logs_of(head_, row, diff_.anchor);
    if (!from || !to) {
      row.verdict = report::Verdict::kInconclusive;
      row.reason = fmt::format("{}: {}", from ? "head" : "base",
                               from ? to.error().message : from.error().message);
      return std::nullopt;
    }
    if (!row.through_anchor && row.spread.source == "default") {
      row.spread = spread_of_blocks(*from, *to);
    }
    return run_effect(*from, *to, row.spread.relative, row.spread.runs);
  }

  void judge_row(DiffRow& row, const Effect& effect, double p_adjusted) const {
    row.p_adjusted = p_adjusted;
    row.reason = noise_of_either(base_, head_);
    row.verdict = report::Verdict::kInconclusive;
    if (!row.reason.empty()) return;
    row.verdict = judge(effect, p_adjusted, row.margin, row.definition.better);
    const bool changed =
        row.verdict == report::Verdict::kImproved || row.verdict == report::Verdict::kRegressed;
    row.strict = changed && is_strict(effect, row.margin);
    if (row.verdict != report::Verdict::kInconclusive) return;
    const bool lacks_direction = is_clear(effect, p_adjusted, row.margin);
    if (options_.same_run || effect.n < kFewestBlocks || lacks_direction) {
      row.reason = why_inconclusive(effect, p_adjusted, row.margin);
    } else if (std::abs(effect.estimate) <= std::log1p(row.spread.relative)) {
      row.reason = fmt::format("within the run spread of ±{:.3g} %", 100 * row.spread.relative);
    } else {
      row.reason = "the noise within the runs hides it";
    }
  }

  const report::Report& base_;
  const report::Report& head_;
  const DiffOptions& options_;
  Diff& diff_;
  std::vector<std::optional<Effect>> effects_;  // beside diff_.rows
};

void add_means(Diff& diff, const std::vector<report::Metric>& metrics) {
  for (const report::Metric& metric : metrics) {
    double sum = 0;
    int cells = 0;
    for (const DiffRow& row : diff.rows) {
      if (row.metric != metric.name || row.verdict == report::Verdict::kIncomparable) continue;
      if (row.base.median.value_or(0) <= 0 || row.head.median.value_or(0) <= 0) continue;
      sum += std::log(*row.head.median) - std::log(*row.base.median);
      ++cells;
    }
    if (cells > 0) diff.means.push_back({metric.name, metric.label, std::exp(sum / cells), cells});
  }
}

std::vector<std::string> default_metrics(const report::Report& base) {
  std::vector<std::string> metrics = {"throughput_requests_per_second"};
  for (const report::CellReport& cell : base.cells) {
    for (const report::Trial& trial : cell.trials) {
      if (!trial.measurement || trial.measurement->loop != "open") continue;
      metrics.emplace_back("latency_p99_us");  // what an open loop finds out
      return metrics;
    }
  }
  return metrics;
}

}  // namespace

int Diff::count(report::Verdict verdict) const {
  return static_cast<int>(std::count_if(
      rows.begin(), rows.end(), [&](const DiffRow& row) { return row.verdict == verdict; }));
}

base::Result<Diff> compare_reports(const report::Report& base, const report::Report& head,
                                   const DiffOptions& options) {
  const auto names = options.metrics.empty() ? default_metrics(base) : options.metrics;
  const auto declared = declared_in_either(base, head);
  POOLBENCH_TRY(check_metrics(names, declared));
  POOLBENCH_TRY(check_factors(base, head, options.factors));
  std::vector<report::Metric> metrics;
  for (const std::string& name : names) metrics.push_back(*report::find_metric(name, declared));
  const auto anchor = choose_anchor(
      base, head, options.same_run ? std::optional<std::string>("none") : options.anchor);
  if (!anchor) return tl::unexpected(anchor.error());
  const auto selection = select_cells(base, head, options.only, *anchor);
  if (!selection) return tl::unexpected(selection.error());
  Diff diff;
  diff.same_run = options.same_run;
  diff.base_id = base.report_id;
  diff.head_id = head.report_id;
  diff.scenario = base.scenario.name;
  diff.conditions = compare_conditions(base, head, options.same_run);
  diff.anchor = *anchor;
  diff.only_in_base = selection->only_in_base;
  diff.only_in_head = selection->only_in_head;
  for (const auto& [side, report] : {std::pair{"base", &base}, std::pair{"head", &head}}) {
    const std::string text = report::disturbance_text(*report);
    if (!text.empty()) diff.disturbances.push_back(fmt::format("{}: {}", side, text));
  }
  Comparer comparer(base, head, options, diff);
  for (const report::Metric& metric : metrics) {
    for (const auto& [from, to] : selection->matched) comparer.add(*from, *to, metric);
  }
  comparer.judge_all();
  add_means(diff, metrics);
  return diff;
}

}  // namespace poolbench::compare
