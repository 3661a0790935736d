#include "report/measurement.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

#include "report/look_up.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr const char* kUntold = "the generator does not tell";
constexpr const char* kLatency = "latency_us";
constexpr const char* kFirstByte = "time_to_first_byte_us";

std::string quantity(const char* of, const std::string& quantile) {
  return std::string(of) + "." + quantile;
}

void add_optional(Json& json, Json& missing, const std::string& prefix, const char* name,
                  std::optional<double> value, std::uint64_t count, std::uint64_t needs) {
  if (value) {
    json[name] = *value;
    return;
  }
  json[name] = nullptr;
  missing[prefix + "." + name] = count == 0 ? std::string("nothing was recorded")
                                 : count < needs
                                     ? fmt::format("{} requests; {} needs {}", count, name, needs)
                                     : std::string(kUntold);
}

/// p95 came with the rule that ten answers beyond a quantile are enough.
bool is_unknown_to(const Quantiles& quantiles, const NamedQuantile& quantile) {
  return quantile.member == &Quantiles::p95 && quantiles.answers_beyond != kAnswersBeyond;
}

Json quantiles_to_json(const Quantiles& quantiles, const std::string& name, Json& missing) {
  Json json = {{"count", quantiles.count}};
  add_optional(json, missing, name, "mean", quantiles.mean, quantiles.count, 1);
  for (const NamedQuantile& quantile : named_quantiles()) {
    if (is_unknown_to(quantiles, quantile)) continue;
    add_optional(json, missing, name, quantile.name, quantiles.*quantile.member, quantiles.count,
                 quantile.needs(quantiles.answers_beyond));
  }
  add_optional(json, missing, name, "max", quantiles.max, quantiles.count, 1);
  return json;
}

template <typename Value>
Json or_null(const std::optional<Value>& value, const char* name, Json& missing) {
  if (value) return *value;
  missing[name] = kUntold;
  return nullptr;
}

// Takes members out of a JSON object and remembers the first one that is absent or wrong.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json_.is_object()) fail("", "is not an object");
  }

  template <typename Value>
  void read(const char* name, Value& value) {
    const Json* member = find(name);
    if (member != nullptr) assign(*member, name, value);
  }

  template <typename Value>
  void read_nullable(const char* name, std::optional<Value>& value) {
    const Json* member = find(name);
    if (member == nullptr || member->is_null()) return;
    assign(*member, name, value.emplace());
  }

  [[nodiscard]] bool has(const char* name) const {
    return json_.is_object() && json_.contains(name);
  }

  // Reads a nested object with its own function.
  template <typename Function>
  void nest(const char* name, Function function) {
    const Json* member = find(name);
    if (member == nullptr) return;
    Reader inner(*member, path_ + name + ".");
    if (inner.error_.empty()) function(inner);
    if (error_.empty()) error_ = inner.error_;
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  const Json* find(const char* name) {
    if (!json_.is_object()) return nullptr;
    const auto member = json_.find(name);
    if (member == json_.end()) fail(name, "is missing");
    return member == json_.end() ? nullptr : &*member;
  }

  // Whole numbers that were not parsed but set from an int are signed in the library's eyes.
  static bool is_count(const Json& member) {
    return member.is_number_unsigned() ||
           (member.is_number_integer() && member.get<std::int64_t>() >= 0);
  }
  void assign(const Json& member, const char* name, std::uint64_t& value) {
    if (!is_count(member)) return fail(name, "is not a whole number from 0");
    value = member.get<std::uint64_t>();
  }
  void assign(const Json& member, const char* name, int& value) {
    if (!is_count(member) || member.get<std::uint64_t>() > std::numeric_limits<int>::max()) {
      return fail(name, "is not a small whole number from 0");
    }
    value = member.get<int>();
  }
  void assign(const Json& member, const char* name, double& value) {
    if (!member.is_number()) return fail(name, "is not a number");
    value = member.get<double>();
  }
  void assign(const Json& member, const char* name, bool& value) {
    if (!member.is_boolean()) return fail(name, "is neither true nor false");
    value = member.get<bool>();
  }
  void assign(const Json& member, const char* name, std::string& value) {
    if (!member.is_string()) return fail(name, "is not a text");
    value = member.get<std::string>();
  }
  void assign(const Json& member, const char*, Json& value) { value = member; }

  template <typename Item>
  void assign(const Json& member, const char* name, std::vector<Item>& value) {
    if (!member.is_array()) return fail(name, "is not a list");
    value.clear();
    for (const Json& item : member) assign(item, name, value.emplace_back());
  }
  void assign(const Json& member, const char* name, std::map<std::string, std::uint64_t>& value) {
    if (!member.is_object()) return fail(name, "is not an object");
    value.clear();
    for (const auto& [key, item] : member.items()) {
      assign(item, (name + ("." + key)).c_str(), value[key]);
    }
  }

  void fail(const char* name, const char* why) {
    if (error_.empty()) error_ = fmt::format("\"{}{}\" {}", path_, name, why);
  }

  const Json& json_;
  std::string path_;
  std::string error_;
};

void read_quantiles(Reader& reader, const char* name, Quantiles& quantiles) {
  reader.nest(name, [&](Reader& inner) {
    inner.read("count", quantiles.count);
    inner.read_nullable("mean", quantiles.mean);
    if (!inner.has("p95")) quantiles.answers_beyond = kAnswersBeyondBefore12;
    for (const NamedQuantile& quantile : named_quantiles()) {
      if (is_unknown_to(quantiles, quantile)) continue;
      inner.read_nullable(quantile.name, quantiles.*quantile.member);
    }
    inner.read_nullable("max", quantiles.max);
  });
}

/// What is missing of them although there are answers enough for it.
std::map<std::string, std::string> read_withheld(const Json& json, const char* name,
                                                 const Quantiles& quantiles) {
  std::map<std::string, std::string> withheld;
  for (const NamedQuantile& each : named_quantiles()) {
    if (quantiles.*each.member || quantiles.count < each.needs(quantiles.answers_beyond)) continue;
    const auto reason = look_up<std::string>(json, {"missing", quantity(name, each.name)});
    if (reason && *reason != kUntold) withheld[each.name] = *reason;
  }
  return withheld;
}

}  // namespace

std::uint64_t Requests::failed() const {
  return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& error) { return sum + error.second; });
}

Json to_json(const Measurement& m) {
  Json missing = Json::object();
  Json json;
  json["generator"] = {{"name", m.generator}, {"version", m.generator_version}};
  json["loop"] = m.loop;
  json["measured_seconds"] = m.measured_seconds;
  json["requests"] = {{"sent", m.requests.sent},
                      {"ok", m.requests.ok},
                      {"errors", Json(m.requests.errors)},
                      {"carried_over", m.requests.carried_over}};
  json["requests"]["retried_on_fresh_connection"] = or_null(
      m.requests.retried_on_fresh_connection, "requests.retried_on_fresh_connection", missing);
  json["requests"]["ended_in_window"] =
      or_null(m.requests.ended_in_window, "requests.ended_in_window", missing);
  json["throughput_requests_per_second"] = m.throughput_requests_per_second;
  json[kLatency] = quantiles_to_json(m.latency_us, kLatency, missing);
  for (const auto& [name, reason] : m.withheld) missing[quantity(kLatency, name)] = reason;
  json["latency_hdr_v2_base64"] = m.latency_hdr_v2_base64;
  json["connect_us"] = quantiles_to_json(m.connect_us, "connect_us", missing);
  json[kFirstByte] = quantiles_to_json(m.time_to_first_byte_us, kFirstByte, missing);
  for (const auto& [name, reason] : m.withheld_first_byte) {
    missing[quantity(kFirstByte, name)] = reason;
  }
  json["series"] = {{"interval_ms", m.series_interval_ms}, {"requests", m.series_requests}};
  json["statuses"] = Json(m.statuses);
  json["bytes_received"] = m.bytes_received;
  json["generator_cpu_seconds"] =
      or_null(m.generator_cpu_seconds, "generator_cpu_seconds", missing);
  json["generator_peak_rss_bytes"] =
      or_null(m.generator_peak_rss_bytes, "generator_peak_rss_bytes", missing);
  json["generator_delay_ratio"] =
      or_null(m.generator_delay_ratio, "generator_delay_ratio", missing);
  json["generator_limited"] = m.generator_limited;
  json["generator_limited_reasons"] = m.generator_limited_reasons;
  json["warnings"] = m.warnings;
  json["first_error"] = m.first_error;
  json["details"] = m.details;
  json["missing"] = std::move(missing);
  return json;
}

base::Result<Measurement> measurement_from_json(const Json& json) {
  Measurement m;
  Reader reader(json, "");
  reader.nest("generator", [&](Reader& inner) {
    inner.read("name", m.generator);
    inner.read("version", m.generator_version);
  });
  reader.read("loop", m.loop);
  reader.read("measured_seconds", m.measured_seconds);
  reader.nest("requests", [&](Reader& inner) {
    inner.read("sent", m.requests.sent);
    inner.read("carried_over", m.requests.carried_over);
    inner.read("ok", m.requests.ok);
    inner.read("errors", m.requests.errors);
    if (inner.has("retried_on_fresh_connection")) {
      inner.read_nullable("retried_on_fresh_connection", m.requests.retried_on_fresh_connection);
    }
    if (inner.has("ended_in_window")) {
      inner.read_nullable("ended_in_window", m.requests.ended_in_window);
    }
  });
  reader.read("throughput_requests_per_second", m.throughput_requests_per_second);
  read_quantiles(reader, kLatency, m.latency_us);
  reader.read("latency_hdr_v2_base64", m.latency_hdr_v2_base64);
  read_quantiles(reader, "connect_us", m.connect_us);
  read_quantiles(reader, kFirstByte, m.time_to_first_byte_us);
  reader.nest("series", [&](Reader& inner) {
    inner.read("interval_ms", m.series_interval_ms);
    inner.read("requests", m.series_requests);
  });
  reader.read("statuses", m.statuses);
  reader.read("bytes_received", m.bytes_received);
  reader.read_nullable("generator_cpu_seconds", m.generator_cpu_seconds);
  reader.read_nullable("generator_peak_rss_bytes", m.generator_peak_rss_bytes);
  if (json.contains("generator_delay_ratio")) {  // since 1.2
    reader.read_nullable("generator_delay_ratio", m.generator_delay_ratio);
  }
  reader.read("generator_limited", m.generator_limited);
  reader.read("generator_limited_reasons", m.generator_limited_reasons);
  reader.read("warnings", m.warnings);
  reader.read("first_error", m.first_error);
  reader.read("details", m.details);
  m.withheld = read_withheld(json, kLatency, m.latency_us);
  m.withheld_first_byte = read_withheld(json, kFirstByte, m.time_to_first_byte_us);
  if (reader.error().empty()) return m;
  return base::bad_input(fmt::format("not a measurement: {}", reader.error()), {},
                         "give what poolbench load --json wrote");
}

}  // namespace poolbench::report
