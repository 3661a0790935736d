#include "base/time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace poolbench::base {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 6> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};
constexpr double kLongestNanoseconds = 9.0e18;

}  // namespace

std::string rfc3339(UtcTime time) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (since_epoch - seconds).count());
}

Result<Duration> parse_duration(std::string_view text) {
  const auto refuse = [&] {
    return bad_input(fmt::format("\"{}\" is not a duration", text), {},
                     R"(write a number and a unit (us, ms, s, m, h), such as "500ms" or "2s")");
  };
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return refuse();
  const std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const Unit& unit : kUnits) {
    if (unit.suffix != suffix) continue;
    const double nanoseconds = number * static_cast<double>(unit.nanoseconds);
    if (nanoseconds > kLongestNanoseconds) return refuse();
    return Duration(std::llround(nanoseconds));
  }
  return refuse();
}

std::string format_duration(Duration duration) {
  for (const std::string_view wanted : {"s", "ms", "us"}) {
    for (const Unit& unit : kUnits) {
      if (unit.suffix == wanted && duration.count() % unit.nanoseconds == 0) {
        return fmt::format("{}{}", duration.count() / unit.nanoseconds, unit.suffix);
      }
    }
  }
  return fmt::format("{}ns", duration.count());
}

Result<double> parse_percentage(std::string_view text) {
  double percent = 0;
  const auto [after, problem] = std::from_chars(text.data(), text.data() + text.size(), percent);
  const std::string_view unit = text.substr(static_cast<std::size_t>(after - text.data()));
  if (problem == std::errc() && (unit == "%" || unit == " %") && percent >= 0 && percent <= 100) {
    return percent / 100;
  }
  return bad_input(fmt::format("\"{}\" is not a percentage", text), {}, "write it as 3% or 0.5%");
}

std::string approximate_duration(Duration duration) {
  const double seconds = to_seconds(duration);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace poolbench::base
