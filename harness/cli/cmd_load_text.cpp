#include "cli/cmd_load_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/units.h"
#include "stats/histogram.h"

namespace poolbench::cli {
namespace {

constexpr int kBins = 11;
constexpr int kBarWidth = 40;

std::string milliseconds(double microseconds) {
  const double ms = microseconds / 1000;
  if (ms < 10) return fmt::format("{:.3f}", ms);
  return ms < 100 ? fmt::format("{:.2f}", ms) : fmt::format("{:.1f}", ms);
}

std::string bytes_text(std::uint64_t bytes) {
  double amount = static_cast<double>(bytes);
  for (const char* unit : {"B", "kB", "MB", "GB"}) {
    if (amount < 1000) return fmt::format("{:.{}f} {}", amount, *unit == 'B' ? 0 : 1, unit);
    amount /= 1000;
  }
  return fmt::format("{:.1f} TB", amount);
}

std::string totals(const report::Measurement& m) {
  std::string text = fmt::format("{} loop, {} connections, {:.2f} s measured\n\n", m.loop,
                                 m.details.value("connections", 0), m.measured_seconds);
  text += fmt::format("{:>12.1f} requests/s\n{:>12} requests: {} good, {} errors\n",
                      m.throughput_requests_per_second, m.requests.sent, m.requests.ok,
                      m.requests.failed());
  text += fmt::format("{:>12} received\n", bytes_text(m.bytes_received));
  const auto dropped = m.details.value("dropped", std::uint64_t{0});
  if (dropped > 0) text += fmt::format("{:>12} dropped from the queue\n", dropped);
  return text;
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

std::string quantile_line(const char* name, const report::Quantiles& q) {
  if (q.count == 0) return {};
  std::string text = fmt::format("{:<12}", name);
  const std::pair<const char*, std::optional<double>> all[] = {
      {"mean", q.mean}, {"p50", q.p50},    {"p75", q.p75},      {"p90", q.p90},
      {"p99", q.p99},   {"p99.9", q.p999}, {"p99.99", q.p9999}, {"max", q.max}};
  for (const auto& [label, value] : all) {
    if (value) text += fmt::format("  {} {}", label, milliseconds(*value));
  }
  return text + "\n";
}

std::string errors(const report::Measurement& m) {
  std::string text;
  for (const auto& [name, count] : m.requests.errors) {
    text += fmt::format("{:>12} {}\n", count, name);
  }
  if (!m.first_error.empty()) text += fmt::format("  the first: {}\n", m.first_error);
  return text.empty() ? text : "\nerrors\n" + text;
}

}  // namespace

std::string progress_line(const load::Progress& progress, base::Duration phase_length) {
  const double seconds = base::to_seconds(progress.elapsed);
  std::string text = fmt::format("{} {:.1f} s", load::name_of(progress.phase), seconds);
  if (phase_length > base::Duration::zero()) {
    text += " of " + base::approximate_duration(phase_length);
  }
  return text + fmt::format(", {:.0f} requests/s, {} requests, {} errors", progress.rate_hz,
                            progress.ended, progress.errors);
}

std::string load_text(const report::Measurement& m) {
  std::string text = totals(m);
  if (const auto latencies = stats::Histogram::decode(m.latency_hdr_v2_base64)) {
    text += distribution(*latencies);
  }
  text += "\n" + quantile_line("latency ms", m.latency_us);
  text += quantile_line("first byte", m.time_to_first_byte_us);
  text += quantile_line("connect", m.connect_us);
  if (!m.statuses.empty()) text += "\nanswers by status\n";
  for (const auto& [status, count] : m.statuses) text += fmt::format("{:>12} {}\n", count, status);
  text += errors(m);
  if (m.generator_limited) {
    text += "\nThe generator was the limit, so this tells little about the server:\n";
    for (const auto& reason : m.generator_limited_reasons) text += fmt::format("  {}\n", reason);
  }
  for (const auto& warning : m.warnings) text += fmt::format("\nwarning: {}\n", warning);
  return text;
}

std::string found_rate_text(const load::FoundRate& found, const load::Objective& objective) {
  std::string text = fmt::format("closed loop: {:.1f} requests/s\n", found.capacity_hz);
  for (const load::RateStep& step : found.steps) {
    text +=
        fmt::format("{:>12.1f} requests/s: {:.2f} % within {}{}\n", step.rate_hz, 100 * step.share,
                    base::format_duration(objective.within), step.met ? "" : ", too few");
  }
  if (found.rate_hz <= 0) return text + "no rate met the objective\n";
  return text + fmt::format("highest rate with {:g} % within {}: {:.1f} requests/s\n",
                            100 * objective.share, base::format_duration(objective.within),
                            found.rate_hz);
}

base::Json found_rate_json(const load::FoundRate& found, const load::Objective& objective) {
  base::Json steps = base::Json::array();
  for (const load::RateStep& step : found.steps) {
    steps.push_back({{"rate_requests_per_second", step.rate_hz},
                     {"share_within", step.share},
                     {"met", step.met}});
  }
  return {{"objective",
           {{"share", objective.share}, {"within_us", base::to_seconds(objective.within) * 1e6}}},
          {"closed_loop_requests_per_second", found.capacity_hz},
          {"rate_requests_per_second",
           found.rate_hz > 0 ? base::Json(found.rate_hz) : base::Json(nullptr)},
          {"steps", std::move(steps)}};
}

}  // namespace poolbench::cli
