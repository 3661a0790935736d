#include "report/measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "report/json_fields.h"
#include "report/json_place.h"
#include "report/measurement_fields.h"
#include "stats/histogram.h"

namespace poolbench::report {
namespace {

constexpr std::array<NamedQuantile, 7> kQuantiles{
    {{"p50", "p50", 0.5, 2, &Quantiles::p50},
     {"p75", "p75", 0.75, 4, &Quantiles::p75},
     {"p90", "p90", 0.9, 10, &Quantiles::p90},
     {"p95", "p95", 0.95, 20, &Quantiles::p95},
     {"p99", "p99", 0.99, 100, &Quantiles::p99},
     {"p999", "p99.9", 0.999, 1'000, &Quantiles::p999},
     {"p9999", "p99.99", 0.9999, 10'000, &Quantiles::p9999}}};

}  // namespace

std::span<const NamedQuantile> named_quantiles() { return kQuantiles; }

void drop_unsupported(Quantiles& quantiles) {
  const bool has_p95 = quantiles.answers_beyond == kAnswersBeyond;
  if (!has_p95) quantiles.p95.reset();
  for (const NamedQuantile& quantile : kQuantiles) {
    if (quantiles.count < quantile.needs(quantiles.answers_beyond)) {
      (quantiles.*quantile.member).reset();
    }
  }
  if (quantiles.count == 0) quantiles.mean = quantiles.max = std::nullopt;
}

Quantiles quantiles_of(const stats::Histogram& histogram, std::uint64_t answers_beyond) {
  Quantiles quantiles;
  quantiles.count = histogram.count();
  quantiles.answers_beyond = answers_beyond;
  if (quantiles.count == 0) return quantiles;
  quantiles.mean = histogram.mean();
  quantiles.max = static_cast<double>(histogram.max());
  for (const NamedQuantile& quantile : kQuantiles) {
    quantiles.*quantile.member = static_cast<double>(histogram.value_at_quantile(quantile.q));
  }
  drop_unsupported(quantiles);
  return quantiles;
}

namespace {

using base::Json;

constexpr const char* kUntold = "the generator does not tell";
constexpr const char* kWarnings = "warnings";

/// Collects why what is null is.
class MissingLister {
 public:
  static constexpr bool kWrites = true;

  explicit MissingLister(Reasons& reasons, std::string prefix = {})
      : reasons_(reasons), prefix_(std::move(prefix)) {}

  template <typename T>
  void operator()(const Field& field, const T& value) {
    if constexpr (std::is_same_v<T, Quantiles>) {
      add_quantiles(std::string(field.name) + ".", value);
    } else if constexpr (kinds::kIsOptional<T>) {
      if (!value) reasons_.emplace_back(prefix_ + std::string(field.name), kUntold);
    } else if constexpr (kinds::HasFields<T>) {
      MissingLister inner(reasons_, std::string(field.name) + ".");
      fields(inner, value);
    }
  }
  template <typename List>
  void group(const Field&, List) {}

 private:
  void add_quantiles(const std::string& prefix, const Quantiles& quantiles) {
    const auto add = [&](const char* name, const std::optional<double>& value,
                         std::uint64_t needs) {
      if (value) return;
      reasons_.emplace_back(prefix + name, why_none(name, quantiles.count, needs));
    };
    add("mean", quantiles.mean, 1);
    for (const NamedQuantile& each : named_quantiles()) {
      if (is_unknown_to(quantiles, each)) continue;
      add(each.name, quantiles.*each.member, each.needs(quantiles.answers_beyond));
    }
    add("max", quantiles.max, 1);
  }
  static std::string why_none(const char* name, std::uint64_t count, std::uint64_t needs) {
    if (count == 0) return "nothing was recorded";
    return count < needs ? fmt::format("{} requests; {} needs {}", count, name, needs) : kUntold;
  }

  Reasons& reasons_;
  std::string prefix_;
};

constexpr const char* kLatency = "latency_us.";
constexpr const char* kFirstByte = "time_to_first_byte_us.";

void tell_better(Reasons& reasons, const char* prefix,
                 const std::map<std::string, std::string>& withheld) {
  for (const auto& [name, reason] : withheld) {
    const auto found = std::ranges::find(reasons, prefix + name, &Reasons::value_type::first);
    if (found == reasons.end()) {
      reasons.emplace_back(prefix + name, reason);
    } else {
      found->second = reason;
    }
  }
}

/// What is missing of them although there are answers enough for it.
std::map<std::string, std::string> read_withheld(const Json& json, const char* prefix,
                                                 const Quantiles& quantiles) {
  std::map<std::string, std::string> withheld;
  for (const NamedQuantile& each : named_quantiles()) {
    if (quantiles.*each.member || quantiles.count < each.needs(quantiles.answers_beyond)) continue;
    const auto reason = look_up<std::string>(json, {"missing", std::string(prefix) + each.name});
    if (reason && *reason != kUntold) withheld[each.name] = *reason;
  }
  return withheld;
}

}  // namespace

std::uint64_t Requests::failed() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& error) { return sum + error.second; });
}

Reasons missing_of(const Measurement& measurement) {
  Reasons reasons;
  MissingLister lister(reasons);
  fields(lister, measurement, kWarnings);
  tell_better(reasons, kLatency, measurement.withheld);
  tell_better(reasons, kFirstByte, measurement.withheld_first_byte);
  return reasons;
}

Json to_json(const Measurement& measurement) {
  Writer writer;
  fields(writer, measurement, kWarnings);
  Json missing = Json::object();
  for (const auto& [name, reason] : missing_of(measurement)) missing[name] = reason;
  writer.put("missing", std::move(missing));
  return writer.take();
}

void read_fields(Reader& reader, Quantiles& quantiles) {
  if (!reader.place()["p95"].exists()) quantiles.answers_beyond = kAnswersBeyondBefore12;
  fields(reader, quantiles);
}

void read_measurement(const JsonPlace& place, Measurement& measurement, std::string_view warnings) {
  Reader reader(place, true);
  fields(reader, measurement, warnings);
  measurement.withheld = read_withheld(place.json(), kLatency, measurement.latency_us);
  measurement.withheld_first_byte =
      read_withheld(place.json(), kFirstByte, measurement.time_to_first_byte_us);
}

base::Result<Measurement> measurement_from_json(const Json& json) {
  std::optional<base::Error> failure;
  Measurement measurement;
  read_measurement(JsonPlace(json, failure), measurement, kWarnings);
  if (!failure) return measurement;
  return base::bad_input("not a measurement: " + failure->message, {},
                         "give what poolbench load --json wrote");
}

namespace {

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
