#include "scenario/load_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/placeholder.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""s;

void read_warmup(TableReader& reader, const char* key, LoadSettings& load) {
  if (const auto warmup = reader.duration(key)) load.warmup = *warmup;
  load.warmup_by_pilots = !reader.has(key);
}

base::Json show_warmup(const LoadSettings& load) {
  return load.warmup_by_pilots ? base::Json() : json_of(load.warmup);
}

/// How long is measured, and how many requests: the one has another default with the other.
void read_extent(TableReader& reader, const char* key, LoadSettings& load) {
  const auto requests = reader.integer("requests", kRequestsRange.least, kRequestsRange.most);
  if (requests) load.requests = static_cast<std::uint64_t>(*requests);
  load.measure = reader.duration(key, kMeasureRange.least).value_or(load.requests ? 60s : 5s);
}

void read_rate(TableReader& reader, const char* key, LoadSettings& load) {
  load.rate_hz = reader.number(key, kRateRange.least, kRateRange.most);
}

void read_timeout(TableReader& reader, const char* key, LoadSettings& load) {
  load.timeout = reader.duration(key, kTimeoutRange.least).value_or(10s);
}

void read_tolerance(TableReader& reader, const char* key, LoadSettings& load) {
  load.tolerated_error_ratio = reader.number(key, 0, 1).value_or(0);
}

base::Json show_load_slice(const LoadSettings& load) {
  return load.slice ? json_of(load.slice) : base::Json(kLeftOut);
}

const Row<LoadSettings> kLoadRows[] = {
    {"generator", nullptr, &show<&LoadSettings::generator>},
    {"connections", &read_count<&LoadSettings::connections, kConnectionsRange>,
     &show<&LoadSettings::connections>},
    {"threads", &read_count<&LoadSettings::threads, kThreadsRange>, &show<&LoadSettings::threads>},
    {"keep_alive", &read_boolean<&LoadSettings::keep_alive>, &show<&LoadSettings::keep_alive>},
    {"warmup", &read_warmup, &show_warmup},
    {"measure", &read_extent, &show<&LoadSettings::measure>},
    {"requests", nullptr, &show<&LoadSettings::requests>},
    {"rate", &read_rate, &show<&LoadSettings::rate_hz>},
    {"timeout", &read_timeout, &show<&LoadSettings::timeout>},
    {"tolerated_error_ratio", &read_tolerance, &show<&LoadSettings::tolerated_error_ratio>},
    {"slice", nullptr, &show_load_slice},  // set by [design]
};

std::string those_that_can(const Generators& generators, bool Generator::* ability) {
  std::vector<std::string_view> names;
  for (const Generator& generator : generators) {
    if (generator.*ability) names.push_back(generator.name);
  }
  return fmt::format("use {}", fmt::join(names, ", "));
}

bool asks_for_template(const TargetSettings& target) {
  if (target.spec == nullptr) return false;
  const auto endpoint = target.spec->endpoints.find(target.endpoint);
  if (endpoint == target.spec->endpoints.end()) return false;
  const EndpointSpec& asked = endpoint->second;
  return !base::Template(asked.path).placeholders.empty() ||
         !base::Template(asked.expect.contains.value_or("")).placeholders.empty();
}

}  // namespace

LoadSettings read_load(TableReader& load, const Generators& generators) {
  LoadSettings settings;
  std::vector<std::string> names;
  for (const Generator& generator : generators) names.emplace_back(generator.name);
  settings.generator = load.choice("generator", names).value_or(settings.generator);
  read_rows(kLoadRows, load, settings);
  load.refuse_unknown();
  return settings;
}

void check_generator(TableReader& load, const LoadSettings& settings, const TargetSettings& target,
                     const Generators& generators) {
  const auto found = std::ranges::find(generators, settings.generator, &Generator::name);
  if (found == generators.end()) return;
  const auto lacks = [&](bool asked, bool Generator::* ability, const char* key, const char* what) {
    if (!asked || (*found).*ability) return;
    load.refuse(key, fmt::format("asks for what {} cannot do: {}", found->name, what),
                those_that_can(generators, ability));
  };
  lacks(settings.rate_hz.has_value(), &Generator::open_loop, "rate",
        "offer requests at a rate (open loop)");
  lacks(settings.requests.has_value(), &Generator::exact_count, "requests",
        "send a given number of requests");
  lacks(!settings.keep_alive, &Generator::close, "keep_alive",
        "use a new connection for each request");
  lacks(settings.threads > 1, &Generator::threads, "threads", "run with a given number of threads");
  const bool whole_seconds = settings.measure % std::chrono::seconds(1) == base::Duration{};
  lacks(!whole_seconds && !settings.requests, &Generator::any_time, "measure",
        "measure anything but whole seconds");
  lacks(asks_for_template(target), &Generator::templates, "generator",
        "put {nonce} or {seq} into requests");
  const auto connections = static_cast<std::uint64_t>(settings.connections);
  if (found->shared_equally && settings.requests && *settings.requests % connections != 0) {
    load.refuse("requests",
                fmt::format("= {} cannot be shared out among {} connections; {} would send fewer",
                            *settings.requests, connections, found->name),
                "ask for a multiple of load.connections");
  }
  if (found->name != "native" && settings.threads > settings.connections) {
    load.refuse("threads", fmt::format("= {} are more than the {} connections", settings.threads,
                                       settings.connections));
  }
}

base::Json to_json(const LoadSettings& load) { return show_rows(kLoadRows, load); }

}  // namespace poolbench::scenario
