#include "generator/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/time.h"
#include "console/output.h"
#include "generator/text.h"

namespace poolbench::generator {
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

std::string LiveView::course_line(const Progress& progress) const {
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
  return {course_line(progress), rate_line(progress),
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
