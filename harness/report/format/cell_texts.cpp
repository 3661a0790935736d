#include "report/format/cell_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/format/text.h"
#include "report/metric.h"
#include "report/summary.h"
#include "report/validity.h"

namespace poolbench::report {
namespace {

/// Half the interval's width in per cent of the estimate, or how many trials there are when they
/// are too few for an interval.
std::string precision_of(const Summary& rate) {
  if (!rate.ci_low || !rate.ci_high || *rate.median <= 0) {
    return base::counted(rate.n, "trial");
  }
  return half_width_text(*rate.median, *rate.ci_low, *rate.ci_high);
}

/// The cell's p99, or that of all its answers together, marked with the star that a note explains,
/// or "≤9.30" where that holds too much of the generator's own waiting.
std::string tail_of(const CellReport& cell) {
  const Metric& metric = built_in_metric(kTail);
  const NamedQuantile& tail = *quantile_of(metric);
  if (find_summary(cell, kTail) != nullptr) return value_of(cell, kTail);
  const Pooled pooled = pooled_instead(cell, tail, pooled_quantiles(cell));
  if (pooled.value_us) return format_value(metric, *pooled.value_us) + "*";
  return pooled.at_most_us ? "≤" + format_value(metric, *pooled.at_most_us) : kUnknown;
}

/// CPU ms per request of all services of the cell together; unknown if that of one is.
std::string service_cpu_of(const CellReport& cell) {
  double sum = 0;
  for (const std::string& service : services_in(cell)) {
    for (const std::string& metric : service_metric_names(service)) {
      const auto* const summary = find_summary(cell, metric);
      if (summary == nullptr) return kUnknown;
      sum += *summary->median * kMillisecondsPerMicrosecond;
    }
  }
  return fmt::format("{:.2f}", sum);
}

/// "0.63+0.12+0.05": CPU ms per request of target, PostgreSQL and generator; and of the services,
/// where a cell of the report has some.
std::string cpu_of(const CellReport& cell, bool with_services) {
  std::string text;
  for (const char* metric : {"target_cpu_us_per_request", "postgres_cpu_us_per_request",
                             "generator_cpu_us_per_request"}) {
    const auto* const summary = find_summary(cell, metric);
    if (!text.empty()) text += "+";
    text += summary == nullptr
                ? kUnknown
                : fmt::format("{:.2f}", *summary->median * kMillisecondsPerMicrosecond);
  }
  if (with_services) text += "+" + service_cpu_of(cell);
  return text;
}

/// "≥5" where there may have been more between samples.
std::string peak_text(const CellReport& cell) {
  const auto peak = peak_of(cell);
  return peak ? fmt::format("{}{}", peak->sampled ? "≥" : "", peak->connections) : kUnknown;
}

/// The throughput ratio of the first comparison in which the cell is the candidate.
std::string ratio_of(const Report& report, const CellReport& cell) {
  for (const ComparisonResult& comparison : report.comparisons) {
    if (comparison.metric != kRate || comparison.candidate != cell.id) continue;
    return comparison.ratio ? "×" + format_number(*comparison.ratio) : kUnknown;
  }
  for (const ComparisonResult& comparison : report.comparisons) {
    if (comparison.metric == kRate && comparison.baseline == cell.id) return "base";
  }
  return {};
}

}  // namespace

const Summary* find_summary(const CellReport& cell, const std::string& metric) {
  for (const Summary& summary : cell.summary) {
    if (summary.metric == metric && summary.median) return &summary;
  }
  return nullptr;
}

std::string value_of(const CellReport& cell, const std::string& metric) {
  const auto* const summary = find_summary(cell, metric);
  return summary == nullptr ? kUnknown : format_value(*find_metric(metric, {}), *summary->median);
}

Fate fate_of(const CellReport& cell) {
  Fate fate;
  for (const Trial& trial : cell.trials) {
    if (!is_told_of(trial)) continue;
    ++fate.all;
    if (trial.disturbed) {
      ++fate.disturbed;
    } else if (trial.status != TrialStatus::kOk) {
      ++fate.bad;
    }
  }
  return fate;
}

std::string errors_text(const CellReport& cell) {
  if (cell.status == CellStatus::kFailed) return {};  // said below the table
  std::uint64_t errors = 0;
  for (const Trial& trial : cell.trials) {
    if (trial.measurement) errors += trial.measurement->requests.failed();
  }
  const Fate fate = fate_of(cell);
  std::vector<std::string> parts;
  if (errors > 0) parts.push_back(base::counted(errors, "error"));
  if (fate.bad > 0) parts.push_back(fmt::format("{} of {} do not count", fate.bad, fate.all));
  if (fate.disturbed > 0)
    parts.push_back(fmt::format("{} of {} disturbed", fate.disturbed, fate.all));
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool has_services(const Report& report) {
  return std::ranges::any_of(report.cells,
                             [](const CellReport& cell) { return !services_in(cell).empty(); });
}

CellTexts cell_texts(const Report& report, const CellReport& cell) {
  CellTexts texts;
  texts.errors = errors_text(cell);
  const auto* const rate = find_summary(cell, kRate);
  texts.has_rate = rate != nullptr && cell.status != CellStatus::kFailed;
  if (texts.has_rate) {
    texts.rate = format_number(*rate->median);
    texts.precision = precision_of(*rate);
    texts.ratio = ratio_of(report, cell);
    texts.p50 = value_of(cell, "latency_p50_us");
    texts.p99 = tail_of(cell);
    texts.cpu = cpu_of(cell, has_services(report));
  } else if (cell.status == CellStatus::kFailed) {
    texts.rate = "failed";
    return texts;
  } else {
    texts.rate = cell.trials.empty() ? "not run" : "no rate";
    if (cell.trials.empty()) return texts;
  }
  texts.sessions = value_of(cell, "sessions_per_request");
  texts.peak = peak_text(cell);
  return texts;
}

}  // namespace poolbench::report
