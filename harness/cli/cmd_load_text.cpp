#include "cli/cmd_load_text.h"

#include <fmt/format.h>

#include "base/units.h"

namespace poolbench::cli {
namespace {

std::string milliseconds(std::optional<double> microseconds) {
  return microseconds ? fmt::format("{:.3f} ms", *microseconds / 1000) : std::string("–");
}

std::string quantile_lines(const report::Quantiles& q) {
  const std::pair<const char*, std::optional<double>> all[] = {
      {"mean", q.mean}, {"p50", q.p50},    {"p75", q.p75},      {"p90", q.p90},
      {"p99", q.p99},   {"p99.9", q.p999}, {"p99.99", q.p9999}, {"max", q.max}};
  std::string text;
  for (const auto& [name, value] : all) {
    if (value) text += fmt::format("  {:<7} {:>12}\n", name, milliseconds(value));
  }
  return text;
}

}  // namespace

std::string progress_line(const load::Progress& progress) {
  return fmt::format("{} {}: {} requests, {} errors", load::name_of(progress.phase),
                     base::approximate_duration(progress.elapsed), progress.ended, progress.errors);
}

std::string load_text(const report::Measurement& m) {
  std::string text = fmt::format("{} requests in {:.2f} s, {} good, {} errors\n{:.1f} requests/s\n",
                                 m.requests.sent, m.measured_seconds, m.requests.ok,
                                 m.requests.failed(), m.throughput_requests_per_second);
  text += "latency\n" + quantile_lines(m.latency_us);
  for (const auto& [status, count] : m.statuses)
    text += fmt::format("status {}: {}\n", status, count);
  for (const auto& [name, count] : m.requests.errors)
    text += fmt::format("error {}: {}\n", name, count);
  if (!m.first_error.empty()) text += fmt::format("first error: {}\n", m.first_error);
  for (const auto& reason : m.generator_limited_reasons) {
    text += fmt::format("warning: the generator was the limit: {}\n", reason);
  }
  for (const auto& warning : m.warnings) text += fmt::format("warning: {}\n", warning);
  return text;
}

}  // namespace poolbench::cli
