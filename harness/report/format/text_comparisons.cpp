#include <fmt/format.h>

#include <algorithm>

#include "report/format/paint.h"
#include "report/format/text.h"
#include "report/json_place.h"
#include "report/metric.h"

namespace poolbench::report {
Contrast contrast(const Report& report, const std::string& baseline, const std::string& candidate) {
  const auto* const from = find_cell(report, baseline);
  const auto* const to = find_cell(report, candidate);
  Contrast whole{{}, printable(baseline) + " → " + printable(candidate)};
  if (from == nullptr || to == nullptr) return whole;
  if (!from->factors.is_object() || !to->factors.is_object()) return whole;
  std::vector<std::string> shared, different;
  for (const auto& [axis, value] : from->factors.items()) {
    const auto other = to->factors.find(axis);
    if (other == to->factors.end()) return whole;
    if (*other == value) {
      shared.push_back(printable(axis) + "=" + value_text(value));
    } else {
      different.push_back(
          fmt::format("{}: {} → {}", printable(axis), value_text(value), value_text(*other)));
    }
  }
  if (to->factors.size() != from->factors.size()) return whole;
  return {fmt::format("{}", fmt::join(shared, ",")), fmt::format("{}", fmt::join(different, ", "))};
}

std::string interval_text(const std::optional<double>& low, const std::optional<double>& high) {
  if (!low || !high) return {};
  return fmt::format("[{}, {}]", format_number(*low), format_number(*high));
}

namespace {

constexpr std::size_t kIndent = 2;

/// `told` is the reason that was told last; the same one is not told again.
Table::Row row_of(const Report& report, const ComparisonResult& comparison,
                  const std::string& label, std::string& told) {
  std::vector<std::string> notes;
  if (comparison.published_ratio) {
    notes.push_back("published ×" + format_number(*comparison.published_ratio));
  }
  if (!comparison.reason.empty()) {
    notes.push_back(comparison.reason == told ? "as above" : printable(comparison.reason));
    told = comparison.reason;
  }
  return {{"  " + label},
          {metric_label(comparison.metric, report.metrics)},
          {comparison.ratio ? "×" + format_number(*comparison.ratio) : "–", Colour::kBold},
          {interval_text(comparison.ci_low, comparison.ci_high)},
          verdict_cell(comparison.verdict),
          {fmt::format("{}", fmt::join(notes, "; ")), Colour::kDim}};
}

/// What makes the differences, each once.
std::string explanations_text(const Report& report, const TextStyle& style) {
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  std::vector<std::string> told;
  std::string text;
  for (const ComparisonResult& comparison : report.comparisons) {
    if (!comparison.explanation || comparison.explanation->text.empty()) continue;
    const std::string& why = comparison.explanation->text;
    if (std::ranges::find(told, why) != told.end()) continue;
    told.push_back(why);
    text += wrap("Why: " + printable(why), width, kIndent) + "\n";
  }
  return text;
}

}  // namespace

std::string claim_text(const Evidence& evidence, const DeclaredMetrics& declared) {
  if (!evidence.fails_with.empty()) {
    return fmt::format("fails with \"{}\"", printable(evidence.fails_with));
  }
  const bool pairs = !evidence.pairs.empty();
  const auto metric = pairs ? std::nullopt : find_metric(evidence.metric, declared);
  const auto shown = [&](double value) {
    return fmt::format("{:.6g}", metric ? value * metric->display_factor : value);
  };
  const auto& least = evidence.at_least;
  const auto& most = evidence.at_most;
  std::string bounds;
  if (least && most) {
    bounds = fmt::format("between {} and {}", shown(*least), shown(*most));
  } else if (least) {
    bounds = fmt::format("≥ {}", shown(*least));
  } else if (most) {
    bounds = fmt::format("≤ {}", shown(*most));
  }
  return fmt::format("{}{} {}", metric_label(evidence.metric, declared), pairs ? " ratio" : "",
                     bounds);
}

namespace {

EvidenceTexts evidence_of(const CellEvidence& found, const std::optional<Metric>& metric) {
  const auto shown = [&](double value) {
    return metric ? format_value(*metric, value) : format_number(value);
  };
  const bool has_interval = found.ci_low && found.ci_high;
  return {printable(found.cell), found.estimate ? shown(*found.estimate) : "–",
          has_interval ? fmt::format("[{}, {}]", shown(*found.ci_low), shown(*found.ci_high)) : "",
          printable(found.note)};
}

EvidenceTexts evidence_of(const Report& report, const PairEvidence& found) {
  const Contrast both = contrast(report, found.baseline, found.candidate);
  return {both.different + (both.shared.empty() ? "" : " (" + both.shared + ")"),
          found.ratio ? "×" + format_number(*found.ratio) : "–",
          interval_text(found.ci_low, found.ci_high), printable(found.note)};
}

std::string evidence_text(const Report& report, const Evidence& evidence, const TextStyle& style,
                          std::size_t indent) {
  using enum Table::Align;
  Table table({kLeft, kRight, kLeft, kLeft});
  for (const EvidenceTexts& found : evidence_texts(report, evidence)) {
    table.add({{found.where}, {found.estimate}, {found.interval}, {found.note, Colour::kDim}});
  }
  return std::string(indent, ' ') +
         paint("claimed: " + claim_text(evidence, report.metrics), Colour::kDim, style.colour) +
         "\n" + table.to_text(style.colour, indent);
}

}  // namespace

std::vector<EvidenceTexts> evidence_texts(const Report& report, const Evidence& evidence) {
  const auto metric = find_metric(evidence.metric, report.metrics);
  std::vector<EvidenceTexts> texts;
  for (const auto& found : evidence.pairs) texts.push_back(evidence_of(report, found));
  for (const auto& found : evidence.cells) texts.push_back(evidence_of(found, metric));
  return texts;
}

Table::Cell verdict_cell(Decision verdict) {
  if (verdict == Decision::kConfirmed) return {"✓ confirmed", Colour::kGreen};
  if (verdict == Decision::kRefuted) return {"✗ refuted", Colour::kRed};
  return {"? inconclusive", Colour::kYellow};
}

std::string comparisons_text(const Report& report, const TextStyle& style) {
  if (report.comparisons.empty()) return {};
  std::string text = fmt::format(
      "{}{}\n", paint("Comparisons", Colour::kBold, style.colour),
      paint("  candidate ÷ baseline, paired by block, 95 % interval", Colour::kDim, style.colour));
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kLeft, kLeft, kLeft});
  std::string group, told;
  for (const ComparisonResult& comparison : report.comparisons) {
    const Contrast both = contrast(report, comparison.baseline, comparison.candidate);
    const std::string title = fmt::format("{}  {}", printable(comparison.name),
                                          paint(both.different, Colour::kDim, style.colour));
    if (title != group) table.add_line(title);
    group = title;
    table.add(row_of(report, comparison, both.shared, told));
  }
  return text + table.to_text(style.colour, kIndent) + explanations_text(report, style);
}

std::string hypotheses_text(const Report& report, const TextStyle& style) {
  if (report.hypotheses.empty()) return {};
  std::string text = paint("Hypotheses", Colour::kBold, style.colour) + "\n";
  for (const HypothesisResult& hypothesis : report.hypotheses) {
    const Table::Cell verdict = verdict_cell(hypothesis.verdict);
    constexpr std::size_t kWidest = 14;  // "? inconclusive"
    constexpr std::size_t kClaimIndent = kIndent + kWidest + 2;
    const auto width = static_cast<std::size_t>(std::max(style.width, 40));
    const std::string claim = wrap(printable(hypothesis.claim), width, kClaimIndent);
    text += "  " + paint(verdict.text, verdict.colour, style.colour) +
            std::string(kWidest - display_width(verdict.text) + 2, ' ') +
            claim.substr(std::min(kClaimIndent, claim.size())) + "\n";
    text += evidence_text(report, hypothesis.evidence, style, kClaimIndent);
  }
  return text;
}

namespace {

Table::Row generator_row(const Measurement& m, const base::Json& tags) {
  const auto text = [&](std::string_view key) {
    return printable(look_up<std::string>(tags, {key}).value_or("?"));
  };
  const auto is = [&](std::string_view key) { return look_up<bool>(tags, {key}).value_or(false); };
  const auto resolution = look_up<double>(tags, {"resolution_us"});
  std::string errors = is("errors_in_latency") ? "included" : "left out";
  if (const auto cap = look_up<double>(tags, {"sample_cap"})) {
    errors += fmt::format(", {:.0f} samples at most", *cap);
  }
  return {{printable(m.generator + " " + m.generator_version)},
          {is("includes_connect") ? "included" : "left out"},
          {text("coordinated_omission")},
          {resolution ? format_number(*resolution) : "?"},
          {errors},
          {text("checks")}};
}

}  // namespace

std::string generators_text(const Report& report, const TextStyle& style) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kLeft, kRight, kLeft, kLeft});
  Table::Row titles;
  for (const char* title : {"", "connecting", "waits behind a stall", "to µs", "failed requests",
                            "checked of an answer"}) {
    titles.push_back({title, Colour::kDim});
  }
  table.add(std::move(titles));
  std::vector<std::string> seen;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (!trial.measurement) continue;
      const Measurement& m = *trial.measurement;
      const auto tags = m.details.is_object() ? m.details.find("tags") : m.details.end();
      if (tags == m.details.end()) continue;
      if (std::find(seen.begin(), seen.end(), m.generator) != seen.end()) continue;
      seen.push_back(m.generator);
      table.add(generator_row(m, *tags));
    }
  }
  if (seen.size() < 2) return {};
  return fmt::format(
      "{}  {}\n{}", paint("Generators", Colour::kBold, style.colour),
      paint("what their latencies hold: compare them only where these agree, and no finer than the "
            "coarser resolution",
            Colour::kDim, style.colour),
      table.to_text(style.colour, 2));
}

std::string published_text(const Report& report, const TextStyle& style) {
  using enum Table::Align;
  std::string text;
  for (const Reference& reference : report.scenario.references) {
    const auto metric = find_metric(reference.metric, report.metrics);
    if (!metric) continue;
    Table table({kLeft, kRight, kRight, kRight});
    table.add({{}, {"published", Colour::kDim}, {"here", Colour::kDim}, {"ratio", Colour::kDim}});
    for (const CellReport& cell : report.cells) {
      const auto found = reference.values.find(cell.id);
      if (found == reference.values.end()) continue;
      const double value = found->second;
      Table::Row row = {{printable(cell.id)}, {format_value(*metric, value)}};
      for (const Summary& summary : cell.summary) {
        if (summary.metric != reference.metric || !summary.median || value == 0) continue;
        row.push_back({format_value(*metric, *summary.median)});
        row.push_back({"×" + format_number(*summary.median / value)});
      }
      table.add(std::move(row));
    }
    text += fmt::format("{}  {}\n", paint("Published", Colour::kBold, style.colour),
                        paint(fmt::format("{}: {}; another machine, so compare ratios, not rates",
                                          metric->label, printable(reference.source)),
                              Colour::kDim, style.colour));
    text += table.to_text(style.colour, 2);
  }
  return text;
}

}  // namespace poolbench::report
