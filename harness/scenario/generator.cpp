#include "scenario/generator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/placeholder.h"

namespace poolbench::scenario {
namespace {

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

}  // namespace poolbench::scenario
