#include "generator/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "console/output.h"
#include "report/measurement.h"
#include "report/validity.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

constexpr int kBins = 11;
constexpr std::size_t kNameColumns = 12;
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

std::string endpoint_rows(const report::Measurement& m) {
  std::string text;
  for (const auto& [name, figures] : m.endpoints) {
    text += fmt::format("{:>12.1f} requests/s of {}: {} good, {} errors\n",
                        figures.throughput_requests_per_second, base::printable(name), figures.ok,
                        figures.failed());
  }
  return text;
}

std::string quantile_table(const report::Measurement& m) {
  std::string rows;
  for (const auto& [name, figures] : m.endpoints) {
    const std::string short_name = base::printable(name).substr(0, kNameColumns);
    rows += quantile_row(short_name.c_str(), figures.latency_us);
  }
  rows += quantile_row("latency", m.latency_us) +
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
  std::string text = totals(m) + endpoint_rows(m) + window(m);
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

namespace {

constexpr int kGaugeWidth = 30;
constexpr std::size_t kRates = 40;

std::string gauge(double share) {
  const int full = static_cast<int>(std::lround(kGaugeWidth * std::clamp(share, 0.0, 1.0)));
  std::string text;
  for (int i = 0; i < kGaugeWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

std::string LiveView::progress_line(const Progress& progress) const {
  const auto name = fmt::format("{:<11} ", name_of(progress.phase));
  const double elapsed = base::to_seconds(progress.elapsed);
  if (progress.phase == Phase::kDrain) return name + gauge(1) + "  waiting for the last answers";
  if (progress.phase == Phase::kMeasure && options_.request_count > 0) {
    const double share =
        static_cast<double>(progress.ended) / static_cast<double>(options_.request_count);
    std::string text = name + gauge(share) +
                       fmt::format("  {} of {} requests", progress.ended, options_.request_count);
    if (progress.ended == 0) return text;
    return text + fmt::format(", about {:.1f} s left", elapsed / share * (1 - share));
  }
  const double whole =
      base::to_seconds(progress.phase == Phase::kWarmUp ? options_.warmup : options_.measure);
  if (elapsed >= whole) return name + gauge(1) + "  waiting for the last answers";
  return name + gauge(elapsed / whole) +
         fmt::format("  {:.1f} of {:.1f} s, {:.1f} s left", elapsed, whole, whole - elapsed);
}

std::string LiveView::rate_line(const Progress& progress) const {
  const double elapsed = base::to_seconds(progress.elapsed);
  const double average = elapsed > 0 ? static_cast<double>(progress.ended) / elapsed : 0;
  std::string text = fmt::format("requests/s  {:<8.0f} {}  {:.0f} on average", progress.rate_hz,
                                 columns(rates_), average);
  if (options_.rate_hz > 0) text += fmt::format(", {:g} asked for", options_.rate_hz);
  return text;
}

std::vector<std::string> LiveView::lines(const Progress& progress) {
  rates_.push_back(progress.rate_hz);
  if (rates_.size() > kRates) rates_.erase(rates_.begin());
  return {progress_line(progress), rate_line(progress),
          "latency ms  " + quantiles_text(progress.latency_us),
          fmt::format("requests    {} ended, {} errors", progress.ended, progress.errors)};
}

void LiveView::draw(const Progress& progress) {
  // Without wrapping, so that a line stays one on a narrow terminal.
  std::string text = "\x1b[?7l";
  if (drawn_ > 0) text += fmt::format("\x1b[{}A", drawn_);
  const auto all = lines(progress);
  for (const std::string& line : all) text += "\r\x1b[K" + line + "\n";
  drawn_ = all.size();
  console::steer("{}\x1b[?7h", text);
}

void LiveView::erase() {
  if (drawn_ == 0) return;
  console::steer("\x1b[{}A\x1b[J", drawn_);
  drawn_ = 0;
}

}  // namespace poolbench::generator
