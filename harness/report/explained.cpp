#include "report/explained.h"

#include <fmt/format.h>

#include <array>

#include "report/look_up.h"

namespace poolbench::report {
namespace {

using base::Json;

/// Of a quantile; beyond it, the quantile is withheld.
constexpr double kMostExplained = 0.10;
constexpr double kMsPerMicrosecond = 0.001;
constexpr const char* kMember = "own_delays_us";

Json quantiles_json(const Quantiles& quantiles) {
  Json json = {{"count", quantiles.count}};
  if (quantiles.mean) json["mean"] = *quantiles.mean;
  for (const NamedQuantile& each : named_quantiles()) {
    if (const auto& value = quantiles.*each.member) json[each.name] = *value;
  }
  if (quantiles.max) json["max"] = *quantiles.max;
  return json;
}

Quantiles read_quantiles(const Json& details, const char* name) {
  Quantiles quantiles;
  quantiles.count = look_up<std::uint64_t>(details, {kMember, name, "count"}).value_or(0);
  quantiles.mean = look_up<double>(details, {kMember, name, "mean"});
  for (const NamedQuantile& each : named_quantiles()) {
    quantiles.*each.member = look_up<double>(details, {kMember, name, each.name});
  }
  quantiles.max = look_up<double>(details, {kMember, name, "max"});
  return quantiles;
}

}  // namespace

Json to_json(const OwnDelays& delays) {
  Json json = {{"run_delay", quantiles_json(delays.run_delay)}};
  if (delays.lateness.count > 0) json["lateness"] = quantiles_json(delays.lateness);
  return {{kMember, std::move(json)}};
}

OwnDelays own_delays_of(const Measurement& measurement) {
  return {read_quantiles(measurement.details, "lateness"),
          read_quantiles(measurement.details, "run_delay")};
}

std::map<std::string, std::string> withhold_explained(Quantiles& times, const OwnDelays& delays) {
  const std::array kinds{
      std::pair{&delays.lateness, "the generator took requests up late by {:.1f} ms"},
      std::pair{&delays.run_delay, "the generator waited for a processor for {:.1f} ms"}};
  std::map<std::string, std::string> withheld;
  for (const NamedQuantile& each : named_quantiles()) {
    for (const auto& [kind, words] : kinds) {
      auto& value = times.*each.member;
      const auto& delay = kind->*each.member;
      if (!value || !delay || *delay <= kMostExplained * *value) continue;
      withheld[each.name] =
          fmt::format("{} at {}, more than a tenth of the {:.1f} ms that it measured there",
                      fmt::format(fmt::runtime(words), *delay * kMsPerMicrosecond), each.name,
                      *value * kMsPerMicrosecond);
      value.reset();
    }
  }
  return withheld;
}

}  // namespace poolbench::report
