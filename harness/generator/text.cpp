#include "generator/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/time.h"
#include "report/explained.h"
#include "report/validity.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

constexpr int kBins = 11;
constexpr int kBarWidth = 40;  // of the distribution

std::string milliseconds(double microseconds) {
  const double ms = microseconds / 1000;
  if (ms < 10) return fmt::format("{:.3f}", ms);
  return ms < 100 ? fmt::format("{:.2f}", ms) : fmt::format("{:.1f}", ms);
}

std::string bytes_text(double amount) {
  for (const char* unit : {"B", "kB", "MB", "GB"}) {
    if (amount < 1000) return fmt::format("{:.{}f} {}", amount, *unit == 'B' ? 0 : 1, unit);
    amount /= 1000;
  }
  return fmt::format("{:.1f} TB", amount);
}

using Column = std::pair<const char*, std::optional<double> report::Quantiles::*>;

const std::vector<Column>& quantile_columns() {
  static const std::vector<Column> columns = [] {
    std::vector<Column> all{{"mean", &report::Quantiles::mean}};
    for (const auto& quantile : report::named_quantiles()) {
      all.emplace_back(quantile.label, quantile.member);
    }
    all.emplace_back("max", &report::Quantiles::max);
    return all;
  }();
  return columns;
}

std::string quantile_row(const char* name, const report::Quantiles& quantiles) {
  if (quantiles.count == 0) return {};
  std::string text = fmt::format("{:>12}", name);
  for (const auto& [label, member] : quantile_columns()) {
    const auto& value = quantiles.*member;
    text += fmt::format(" {:>7}", value ? milliseconds(*value) : "–");
  }
  return text + "\n";
}

std::string quantile_table(const report::Measurement& m) {
  const std::string rows = quantile_row("latency", m.latency_us) +
                           quantile_row("first byte", m.time_to_first_byte_us) +
                           quantile_row("connect", m.connect_us);
  if (rows.empty()) return {};
  std::string text = fmt::format("\n{:>12}", "ms");
  for (const auto& [label, member] : quantile_columns()) text += fmt::format(" {:>7}", label);
  text += "\n" + rows;
  if (rows.find("–") != std::string::npos) {
    text += fmt::format("{:>12} fewer than {} values beyond it\n", "–", report::kAnswersBeyond);
  }
  return text;
}

std::string totals(const report::Measurement& m) {
  std::string text = fmt::format("{} loop, {} connections, {:.2f} s measured\n\n", m.loop,
                                 m.details.value("connections", 0), m.measured_seconds);
  text += fmt::format("{:>12.1f} requests/s\n{:>12} requests: {} good, {} errors\n",
                      m.throughput_requests_per_second, m.requests.sent, m.requests.ok,
                      m.requests.failed());
  text += fmt::format("{:>12} received", bytes_text(static_cast<double>(m.bytes_received)));
  if (m.measured_seconds > 0) {
    text += fmt::format(", {}/s",
                        bytes_text(static_cast<double>(m.bytes_received) / m.measured_seconds));
  }
  text += "\n";
  const auto retried = m.requests.retried_on_fresh_connection.value_or(0);
  if (retried > 0) {
    text +=
        fmt::format("{:>12} sent again: the server had closed their kept connection\n", retried);
  }
  const auto dropped = m.details.value("dropped", std::uint64_t{0});
  if (dropped > 0) text += fmt::format("{:>12} dropped from the queue\n", dropped);
  return text;
}

// The series in at most so many columns; the last interval is left out if it was cut short.
std::string window(const report::Measurement& m) {
  constexpr std::size_t kMost = 40;
  const double interval = m.series_interval_ms / 1000.0;
  const auto whole = std::min(m.series_requests.size(),
                              static_cast<std::size_t>(m.measured_seconds / interval + 1e-9));
  const std::size_t each = (whole + kMost - 1) / kMost;
  std::vector<double> rates;
  for (std::size_t i = 0; each > 0 && i + each <= whole; i += each) {
    double sum = 0;
    for (std::size_t k = i; k < i + each; ++k) sum += static_cast<double>(m.series_requests[k]);
    rates.push_back(sum / (static_cast<double>(each) * interval));
  }
  if (rates.size() < 2 || m.requests.ok == 0) return {};
  const auto [low, high] = std::ranges::minmax(rates);
  return fmt::format("{:>12} {}  {:.0f} to {:.0f} requests/s, each {:g} s\n", "over time",
                     columns(rates), low, high, static_cast<double>(each) * interval);
}

std::string own_use(const report::Measurement& m) {
  constexpr double kLongEnough = 0.1;
  if (!m.generator_cpu_seconds || m.requests.sent == 0 || m.measured_seconds < kLongEnough) {
    return {};
  }
  const double processors = *m.generator_cpu_seconds / m.measured_seconds;
  return fmt::format(
      "\nthe generator used {}, {:.1f} µs a request{}\n",
      processors < 1 ? fmt::format("{:.0f} % of a processor", 100 * processors)
                     : fmt::format("{:.2f} processors", processors),
      1e6 * *m.generator_cpu_seconds / static_cast<double>(m.requests.sent),
      m.generator_peak_rss_bytes
          ? ", and " + bytes_text(static_cast<double>(*m.generator_peak_rss_bytes)) + " of memory"
          : "");
}

// Bins of equal ratio, since latencies spread over orders of magnitude.
std::string distribution(const stats::Histogram& latencies) {
  if (latencies.count() == 0) return {};
  const double low = std::max<double>(1, static_cast<double>(latencies.min()));
  const double high = std::max(static_cast<double>(latencies.max()), low + 1);
  const double ratio = std::pow(high / low, 1.0 / kBins);
  std::vector<std::uint64_t> edges = {latencies.min() -
                                      std::min<std::uint64_t>(1, latencies.min())};
  std::vector<std::uint64_t> counts;
  std::uint64_t seen = 0;
  for (int bin = 1; bin <= kBins; ++bin) {
    const double edge = bin == kBins ? high : std::floor(low * std::pow(ratio, bin));
    if (static_cast<std::uint64_t>(edge) <= edges.back()) continue;
    edges.push_back(static_cast<std::uint64_t>(edge));
    const std::uint64_t up_to = latencies.count_up_to(edges.back());
    counts.push_back(up_to - seen);
    seen = up_to;
  }
  const auto most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  std::string text = "\nlatency of good answers, ms\n";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto count = static_cast<double>(counts[i]);
    const auto length = static_cast<std::size_t>(std::ceil(kBarWidth * count / most));
    text += fmt::format(
        "{:>12} {:<{}} {:>5.1f} %\n", "≤ " + milliseconds(static_cast<double>(edges[i + 1])),
        std::string(length, '#'), kBarWidth, 100 * count / static_cast<double>(latencies.count()));
  }
  return text;
}

std::string errors(const report::Measurement& m) {
  std::string text;
  for (const auto& [name, count] : m.requests.errors) {
    text += fmt::format("{:>12} {}\n", count, name);
  }
  if (!m.first_error.empty()) text += fmt::format("  the first: {}\n", m.first_error);
  return text.empty() ? text : "\nerrors\n" + text;
}

std::string limits_text(const std::vector<std::string>& limited) {
  std::string text;
  for (const std::string& reason : limited) {
    text += fmt::format("{:>12} the server was not the limit: {}\n", "", reason);
  }
  return text;
}

std::string words_of(Attempt outcome) {
  switch (outcome) {
    case Attempt::kMet:
      return {};
    case Attempt::kMissed:
      return ", too few";
    case Attempt::kUnclear:
      break;
  }
  return ", which says nothing of the server";
}

}  // namespace

std::string columns(const std::vector<double>& values) {
  constexpr std::array kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = values.empty() ? 0 : std::ranges::max(values);
  std::string text;
  for (const double value : values) {
    const double part = most > 0 ? value / most * kHeights.size() : 0;
    text += kHeights[std::min(static_cast<std::size_t>(part), kHeights.size() - 1)];
  }
  return text;
}

std::string quantiles_text(const report::Quantiles& quantiles) {
  std::string text;
  for (const auto& [label, member] : quantile_columns()) {
    if (const auto& value = quantiles.*member) {
      text += fmt::format("{}{} {}", text.empty() ? "" : "  ", label, milliseconds(*value));
    }
  }
  return text;
}

std::string load_text(const report::Measurement& m) {
  std::string text = totals(m) + window(m);
  if (const auto latencies = stats::Histogram::decode(m.latency_hdr_v2_base64)) {
    text += distribution(*latencies);
  }
  text += quantile_table(m);
  if (!m.statuses.empty()) text += "\nanswers by status\n";
  for (const auto& [status, count] : m.statuses) text += fmt::format("{:>12} {}\n", count, status);
  text += errors(m) + own_use(m);
  if (m.generator_limited) {
    text += "\nThe generator was the limit, so this tells little about the server:\n";
    for (const auto& reason : m.generator_limited_reasons) text += fmt::format("  {}\n", reason);
  }
  if (report::busy_machine(m) == report::Busy::kTooMuch) {
    text += "\nThis tells little about the server: " + report::busy_machine_text(m) + "\n";
  }
  for (const auto& [name, reason] : m.withheld) text += fmt::format("\nno {}: {}\n", name, reason);
  for (const auto& warning : m.warnings) text += fmt::format("\nwarning: {}\n", warning);
  return text;
}

std::string found_rate_text(const FoundRate& found, const Objective& objective) {
  std::string text = fmt::format("closed loop: {:.1f} requests/s\n", found.capacity_hz) +
                     limits_text(found.closed_loop_limited);
  for (const RateStep& step : found.steps) {
    text +=
        fmt::format("{:>12.1f} requests/s: {:.2f} % within {}{}\n", step.rate_hz, 100 * step.share,
                    base::format_duration(objective.within), words_of(step.outcome)) +
        limits_text(step.limited);
  }
  if (!found.refusal.empty()) return text + "no answer: " + found.refusal + "\n";
  if (found.rate_hz <= 0) return text + "no rate met the objective\n";
  return text +
         fmt::format("highest rate with {:g} % within {}: {:.1f} requests/s; {}\n",
                     100 * objective.share, base::format_duration(objective.within), found.rate_hz,
                     found.missed_hz ? fmt::format("lowest without: {:.1f}", *found.missed_hz)
                                     : "none was without up to what the closed loop gave");
}

base::Json found_rate_json(const FoundRate& found, const Objective& objective) {
  base::Json steps = base::Json::array();
  for (const RateStep& step : found.steps) {
    steps.push_back({{"rate_requests_per_second", step.rate_hz},
                     {"share_within", step.share},
                     {"outcome", name_of(step.outcome)},
                     {"requests", step.requests},
                     {"generator_limited_reasons", step.limited}});
  }
  return {{"objective",
           {{"share", objective.share}, {"within_us", base::to_seconds(objective.within) * 1e6}}},
          {"closed_loop_requests_per_second", found.capacity_hz},
          {"rate_requests_per_second", found.rate_hz > 0 && found.refusal.empty()
                                           ? base::Json(found.rate_hz)
                                           : base::Json(nullptr)},
          {"missed_requests_per_second",
           found.refusal.empty() ? base::or_null(found.missed_hz) : base::Json(nullptr)},
          {"refusal", found.refusal.empty() ? base::Json(nullptr) : base::Json(found.refusal)},
          {"closed_loop_generator_limited_reasons", found.closed_loop_limited},
          {"steps", std::move(steps)}};
}

}  // namespace poolbench::generator
