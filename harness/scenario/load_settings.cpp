#include "scenario/load_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/placeholder.h"
#include "scenario/target/target_data.h"
#include "scenario/target/target_params.h"

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

void read_mix(TableReader& reader, const char* key, LoadSettings& load) {
  for (const Setting* table : reader.tables(key)) {
    TableReader part(table, reader.path(key), table->place, reader.mistakes());
    MixPart read{part.required_text("endpoint"),
                 part.number("weight", kWeightRange.least, kWeightRange.most).value_or(1)};
    part.refuse_unknown();
    const bool is_there =
        std::ranges::find(load.mix, read.endpoint, &MixPart::endpoint) != load.mix.end();
    if (is_there && !read.endpoint.empty()) {
      part.refuse("endpoint", fmt::format("names {} a second time", in_quotes(read.endpoint)),
                  "give it one entry with the sum of the weights");
    }
    load.mix.push_back(std::move(read));
  }
}

base::Json show_mix(const LoadSettings& load) {
  if (load.mix.empty()) return kLeftOut;
  base::Json parts = base::Json::array();
  for (const MixPart& part : load.mix) {
    parts.push_back({{"endpoint", part.endpoint}, {"weight", part.weight}});
  }
  return parts;
}

const Row<LoadSettings> kLoadRows[] = {
    {"generator", nullptr, &show<&LoadSettings::generator>},
    {"mix", &read_mix, &show_mix},
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

/// What the endpoints under load ask of a generator.
struct Demands {
  bool templates = false;
  bool requests = false;
  bool expects_headers = false;
  bool clients = false;
  bool unix_socket = false;
  bool verified_tls = false;
};

void add_templates(const std::string& text, const TargetSpec& target, Demands& demands) {
  for (const base::Placeholder& found : base::Template(text).placeholders) {
    // What is kept once for all is plain text when the load begins, and so are parameters of data.
    const bool is_kept = std::ranges::any_of(target.logins, [&](const LoginSpec& login) {
      return !login.for_each_client &&
             std::ranges::find(login.keep, found.word, &KeptValue::name) != login.keep.end();
    });
    demands.templates = demands.templates || !(is_kept || is_data_word(found.word));
  }
}

Demands demands_of(const LoadSettings& load, const TargetSettings& target) {
  Demands demands;
  if (target.spec == nullptr) return demands;
  const TargetSpec::Serve& serve = target.spec->serve;
  demands.unix_socket = serve.unix_socket;
  demands.verified_tls = serve.tls || (serve.running && serve.running->tls);
  const std::vector<MixPart> parts =
      load.mix.empty() ? std::vector{MixPart{target.endpoint, 1}} : load.mix;
  for (const MixPart& part : parts) {
    const auto endpoint = target.spec->endpoints.find(part.endpoint);
    if (endpoint == target.spec->endpoints.end()) continue;
    const EndpointSpec& asked = endpoint->second;
    add_templates(asked.path, *target.spec, demands);
    if (!asked.body_is_plain) add_templates(asked.body, *target.spec, demands);
    add_templates(asked.expect.contains.value_or(""), *target.spec, demands);
    for (const auto& [name, value] : asked.headers) add_templates(value, *target.spec, demands);
    const bool logs_in = asked.login && !target.spec->logins.empty();  // cookies are headers
    demands.requests = demands.requests || asked.method != "GET" || !asked.headers.empty() ||
                       !asked.body.empty() || logs_in;
    demands.clients =
        demands.clients ||
        (logs_in && std::ranges::any_of(target.spec->logins, &LoginSpec::for_each_client));
    demands.expects_headers = demands.expects_headers || !asked.expect.headers.empty();
  }
  return demands;
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

void check_mix(TableReader& load, const TargetSettings& target) {
  if (target.spec == nullptr) return;
  for (const Setting* table : load.tables("mix")) {
    TableReader part(table, load.path("mix"), table->place, load.mistakes());
    const std::string name = part.text("endpoint").value_or("");
    if (name.empty() || target.spec->endpoints.contains(name)) continue;
    part.refuse(
        "endpoint",
        fmt::format("names no endpoint of target {}: {}", target.spec->name, in_quotes(name)),
        suggestion(name, names_of(target.spec->endpoints)));
  }
}

namespace {

/// What the numbers of connections, requests and threads ask of each other.
void check_connections(TableReader& load, const LoadSettings& settings,
                       const Generator& generator) {
  const auto connections = static_cast<std::uint64_t>(settings.connections);
  if (generator.shared_equally && settings.requests && *settings.requests % connections != 0) {
    load.refuse("requests",
                fmt::format("= {} cannot be shared out among {} connections; {} would send fewer",
                            *settings.requests, connections, generator.name),
                "ask for a multiple of load.connections");
  }
  if (generator.name != "native" && settings.threads > settings.connections) {
    load.refuse("threads", fmt::format("= {} are more than the {} connections", settings.threads,
                                       settings.connections));
  }
}

}  // namespace

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
  const bool is_short = settings.measure < std::chrono::seconds(1) && found->any_time;
  lacks(is_short && !settings.requests, &Generator::short_time, "measure",
        "measure less than a second");
  const Demands demands = demands_of(settings, target);
  lacks(demands.templates, &Generator::templates, "generator",
        "put {nonce}, {seq} and the like into requests");
  lacks(demands.requests, &Generator::requests, "generator",
        "send a method, headers, cookies or a body");
  lacks(demands.expects_headers, &Generator::expects_headers, "generator",
        "look at the headers of answers");
  lacks(settings.mix.size() > 1, &Generator::mixes, "mix", "send several kinds of request");
  lacks(demands.clients, &Generator::clients, "generator",
        "send requests of clients that logged in one by one");
  lacks(demands.unix_socket, &Generator::unix_sockets, "generator",
        "connect to a unix socket (serve.listen)");
  lacks(demands.verified_tls, &Generator::verified_tls, "generator",
        "verify the certificate of an https server");
  check_connections(load, settings, *found);
}

base::Json to_json(const LoadSettings& load) { return show_rows(kLoadRows, load); }

}  // namespace poolbench::scenario
