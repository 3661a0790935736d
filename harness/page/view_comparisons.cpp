#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/charts.h"
#include "page/view.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::page {
namespace {

using report::ComparisonResult;
using report::Verdict;

constexpr double kCloseLow = 0.8, kCloseHigh = 1.25;
constexpr int kWholePixels = 280, kClosePixels = 170, kClaimPixels = 380;

Figure ratio_figure(const std::optional<double>& ratio, const std::string& pointer,
                    const std::string& reason) {
  if (!ratio) return unknown(reason);
  Figure figure;
  figure.text = number_text(*ratio);
  figure.before = "×";
  figure.value = *ratio;
  figure.pointer = pointer;
  return figure;
}

RatioRow picture_of(const ComparisonResult& comparison) {
  RatioRow row;
  row.margin = comparison.margin;
  if (comparison.ratio && *comparison.ratio > 0) row.ratio = comparison.ratio;
  if (row.ratio && comparison.ci_low && comparison.ci_high && *comparison.ci_low > 0) {
    row.interval = Interval{*comparison.ci_low, *comparison.ci_high};
  }
  row.is_decided =
      comparison.verdict != Verdict::kInconclusive && comparison.verdict != Verdict::kIncomparable;
  if (comparison.published_ratio && *comparison.published_ratio > 0) {
    row.published = comparison.published_ratio;
  }
  return row;
}

/// All that is drawn, with the margins about 1.
Interval range_of(const std::vector<RatioRow>& rows) {
  Interval range{1, 1};
  const auto hold = [&](double value) {
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  };
  for (const RatioRow& row : rows) {
    hold(1 + row.margin);
    hold(1 / (1 + row.margin));
    for (const auto& value : {row.ratio, row.published}) {
      if (value) hold(*value);
    }
    if (row.interval) {
      hold(row.interval->low);
      hold(row.interval->high);
    }
  }
  return range;
}

bool is_near(const RatioRow& row) {
  return row.interval && row.interval->high >= kCloseLow && row.interval->low <= kCloseHigh;
}

/// Whether a second column is worth its room: some interval lies close to 1, and the whole range is
/// too wide to see it there.
bool needs_close_view(const std::vector<RatioRow>& rows, const Interval& range) {
  constexpr double kWide = 3;
  if (range.high / range.low <= kWide) return false;
  return std::ranges::any_of(rows, is_near);
}

View comparison_view(const Source& source, std::size_t index) {
  const ComparisonResult& comparison = source.report.comparisons[index];
  const auto metric = report::find_metric(comparison.metric, source.report.metrics);
  const std::string place = fmt::format("/comparisons/{}/", index);
  const std::string why = comparison.reason.empty() ? "no blocks in which both count"
                                                    : base::printable(comparison.reason);
  View view;
  view.set("name", base::printable(comparison.name));
  set_pair(view, source, comparison.baseline, comparison.candidate);
  view.set("metric", report::metric_label(comparison.metric, source.report.metrics));
  view.set("is_rate", comparison.metric == kRate);
  view.set("more_is_better", metric && metric->better == report::Better::kHigher);
  view.set("ratio", ratio_figure(comparison.ratio, place + "ratio", why).view());
  Figure low = ratio_figure(comparison.ci_low, place + "ci_low", "too few blocks");
  Figure high = ratio_figure(comparison.ci_high, place + "ci_high", "too few blocks");
  low.before = high.before = "";
  view.set("low", low.view());
  view.set("high", high.view());
  view.set("has_interval", comparison.ci_low && comparison.ci_high);
  view.set("published",
           ratio_figure(comparison.published_ratio, place + "published_ratio", "nothing published")
               .view());
  view.set("verdict", verdict_view(word_of(comparison.verdict)));
  view.set("reason", base::printable(comparison.reason));
  view.set("has_reason", !comparison.reason.empty());
  view.set("is_open", comparison.verdict == Verdict::kInconclusive ||
                          comparison.verdict == Verdict::kIncomparable);
  view.set("has_ratio", comparison.ratio.has_value());
  view.set("blocks", std::to_string(comparison.n));
  return view;
}

/// "3 % of requests/s, 5 % of p50 ms".
std::string margins_text(const Source& source) {
  std::vector<std::string> parts;
  for (const ComparisonResult& comparison : source.report.comparisons) {
    std::string part = fmt::format("{:.3g} % of {}", 100 * comparison.margin,
                                   report::metric_label(comparison.metric, source.report.metrics));
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

void add_comparisons(View& page, const Source& source) {
  const auto& comparisons = source.report.comparisons;
  page.set("has_comparisons", !comparisons.empty());
  if (comparisons.empty()) return;
  std::vector<RatioRow> pictures;
  for (const auto& comparison : comparisons) pictures.push_back(picture_of(comparison));
  const Interval range = range_of(pictures);
  const Axis whole = Axis::logarithmic(range.low, range.high, kWholePixels, "×");
  const Axis close = Axis::logarithmic(kCloseLow, kCloseHigh, kClosePixels, "×");
  const bool is_close = needs_close_view(pictures, range);
  Views rows;
  std::string told, explained;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    View row = comparison_view(source, i);
    row.set("is_new_name", comparisons[i].name != told);
    const auto& why = comparisons[i].explanation;
    const bool is_explained = why && !why->text.empty() && why->text != explained;
    row.set("has_explanation", is_explained);
    row.set("explanation", is_explained ? base::printable(why->text) : std::string());
    if (is_explained) explained = why->text;
    told = comparisons[i].name;
    row.set("whole_picture", ratio_row(whole, pictures[i]));
    row.set("has_close", is_close);
    row.set("is_far", !is_near(pictures[i]));
    row.set("close_picture", is_close ? ratio_row_close(close, pictures[i]) : std::string());
    rows.push_back(row);
  }
  page.set("comparisons", View(rows));
  page.set("whole_axis", axis_head(whole, kRatioWidth));
  page.set("has_close", is_close);
  page.set("close_axis", axis_head(close, kCloseWidth));
  page.set("margins", margins_text(source));
  page.set("has_published_ratios", std::ranges::any_of(comparisons, [](const auto& comparison) {
             return comparison.published_ratio.has_value();
           }));
}

namespace {

using report::CellEvidence;
using report::Evidence;
using report::PairEvidence;

/// The values that the pictures of a claim must hold.
std::vector<double> values_of(const Evidence& evidence) {
  std::vector<double> values;
  const auto hold = [&](const std::optional<double>& value) {
    if (value && std::isfinite(*value)) values.push_back(*value);
  };
  hold(evidence.at_least);
  hold(evidence.at_most);
  for (const CellEvidence& found : evidence.cells) {
    for (const auto& value : {found.estimate, found.ci_low, found.ci_high}) hold(value);
  }
  for (const PairEvidence& found : evidence.pairs) {
    for (const auto& value : {found.ratio, found.ci_low, found.ci_high}) hold(value);
  }
  return values;
}

/// Of ratios about 1, of values from 0.
Axis claim_axis(const Evidence& evidence, double factor) {
  constexpr double kRoom = 1.06;
  const std::vector<double> values = values_of(evidence);
  double low = 1, high = 1;
  if (evidence.pairs.empty()) {
    high = 0;
    for (const double value : values) high = std::max(high, value * factor);
    return Axis::from_zero(high * kRoom, kClaimPixels);
  }
  for (const double value : values) {
    if (value <= 0) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return Axis::logarithmic(low / kRoom, high * kRoom, kClaimPixels, "×");
}

template <typename Found>
ClaimRow claim_picture(const Evidence& evidence, const Found& found,
                       const std::optional<double>& estimate, double factor) {
  const auto scaled = [&](const std::optional<double>& value) -> std::optional<double> {
    return value ? std::optional(*value * factor) : std::nullopt;
  };
  ClaimRow row;
  row.at_least = scaled(evidence.at_least);
  row.at_most = scaled(evidence.at_most);
  row.estimate = scaled(estimate);
  if (found.ci_low && found.ci_high) {
    row.interval = Interval{*found.ci_low * factor, *found.ci_high * factor};
  }
  row.is_decided = found.verdict != report::Decision::kInconclusive;
  return row;
}

template <typename Found>
void add_interval(View& view, const Found& found, double factor, double confidence) {
  const bool has_interval = found.ci_low && found.ci_high;
  view.set("has_interval", has_interval);
  view.set("interval", has_interval ? range_text(number_text(*found.ci_low * factor),
                                                 number_text(*found.ci_high * factor))
                                    : std::string());
  view.set("confidence", fmt::format("{:.0f}", 100 * confidence));
  view.set("n", std::to_string(found.n));
  view.set("note", base::printable(found.note));
  view.set("has_note", !found.note.empty());
  view.set("verdict", verdict_view(word_of(found.verdict)));
}

View cell_row(const Source& source, const Evidence& evidence, const CellEvidence& found,
              const Axis& axis, double factor, const std::string& pointer) {
  constexpr double kConfidence = 0.95;
  Figure figure = ratio_figure(found.estimate, pointer,
                               found.note.empty() ? "no trial that counts has it" : found.note);
  figure.before = "";
  if (found.estimate) figure.text = number_text(*found.estimate * factor);
  View row;
  row.set("is_pair", false);
  row.set("cell", source.cells.named(found.cell).view());
  row.set("measured", figure.view());
  row.set("picture", claim_row(axis, claim_picture(evidence, found, found.estimate, factor)));
  add_interval(row, found, factor, kConfidence);
  return row;
}

View pair_row(const Source& source, const Evidence& evidence, const PairEvidence& found,
              const Axis& axis, const std::string& pointer) {
  constexpr double kUsual = 0.95;
  View row;
  row.set("is_pair", true);
  set_pair(row, source, found.baseline, found.candidate);
  row.set("measured",
          ratio_figure(found.ratio, pointer,
                       found.note.empty() ? "no blocks in which both count" : found.note)
              .view());
  row.set("picture", claim_row(axis, claim_picture(evidence, found, found.ratio, 1)));
  add_interval(row, found, 1, found.confidence.value_or(kUsual));
  return row;
}

View hypothesis_view(const Source& source, std::size_t index) {
  const report::HypothesisResult& hypothesis = source.report.hypotheses[index];
  const Evidence& evidence = hypothesis.evidence;
  const auto metric = report::find_metric(evidence.metric, source.report.metrics);
  const double factor = metric && evidence.pairs.empty() ? metric->display_factor : 1;
  const Axis axis = claim_axis(evidence, factor);
  const std::string place = fmt::format("/hypotheses/{}/evidence/", index);
  Views rows;
  for (std::size_t i = 0; i < evidence.cells.size(); ++i) {
    rows.push_back(cell_row(source, evidence, evidence.cells[i], axis, factor,
                            fmt::format("{}cells/{}/estimate", place, i)));
  }
  for (std::size_t i = 0; i < evidence.pairs.size(); ++i) {
    rows.push_back(pair_row(source, evidence, evidence.pairs[i], axis,
                            fmt::format("{}pairs/{}/ratio", place, i)));
  }
  View view;
  view.set("claim", base::printable(hypothesis.claim));
  view.set("claimed", report::claim_text(evidence, source.report.metrics));
  view.set("verdict", verdict_view(word_of(hypothesis.verdict)));
  view.set("rows", View(rows));
  return view;
}

}  // namespace

void add_hypotheses(View& page, const Source& source) {
  Views views;
  for (std::size_t i = 0; i < source.report.hypotheses.size(); ++i) {
    views.push_back(hypothesis_view(source, i));
  }
  page.set("has_hypotheses", !views.empty());
  page.set("hypotheses", View(views));
}

}  // namespace poolbench::page
