#include "scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/file.h"
#include "scenario/target/target_file.h"

namespace poolbench::scenario {
namespace {

/// Why this cell cannot take turns with the first one; empty if it can.
std::string hindrance(const Cell& cell, const Cell& first) {
  const LoadSettings& load = cell.load;
  if (load.generator != "native") return fmt::format("has load.generator {}", load.generator);
  if (load.rate_hz) return "has load.rate";
  if (load.requests) return "has load.requests";
  const auto differs = [&](const char* key) {
    return fmt::format("has another {} than {}", key, first.id);
  };
  if (load.warmup != first.load.warmup || load.warmup_by_pilots != first.load.warmup_by_pilots) {
    return differs("load.warmup");
  }
  if (load.measure != first.load.measure) return differs("load.measure");
  if (load.slice != first.load.slice) return differs("design.slice");
  if (load.slice && *load.slice > load.measure) return "has a load.measure shorter than a slice";
  if (cell.postgres != first.postgres) return differs("postgres");
  return {};
}

constexpr int kHighestCpu = 4095;

std::optional<int> parse_cpu(std::string_view text) {
  int cpu = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  const bool whole = error == std::errc{} && rest == text.data() + text.size();
  if (!whole || cpu < 0 || cpu > kHighestCpu) return std::nullopt;
  return cpu;
}

}  // namespace

tl::expected<Scenario, std::vector<Diagnostic>> load_file(const std::filesystem::path& file,
                                                          const Generators& generators,
                                                          const Overrides& overrides) {
  base::Result<std::string> text = base::read_file(file);
  if (!text) {
    Diagnostic unreadable;
    unreadable.file = file.string();
    unreadable.message = text.error().message;
    unreadable.next = text.error().next;
    return tl::unexpected(std::vector<Diagnostic>{std::move(unreadable)});
  }
  const auto source =
      std::make_shared<const Source>(Source{file.string(), *std::move(text), false});
  TargetLookup targets(file.parent_path());
  ServiceLookup services(file.parent_path());
  return expand(
      source, generators, overrides,
      [&](const Setting& use, Mistakes& mistakes) { return targets.find(use, mistakes); },
      [&](const NamedService& named, Mistakes& mistakes) {
        return services.find(named, mistakes);
      });
}

std::string hindrance_to_turns(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    const std::string why = hindrance(cell, cells.front());
    if (!why.empty()) return fmt::format("{} {}", cell.id, why);
  }
  return {};
}

std::optional<std::vector<int>> parse_cpu_list(std::string_view text) {
  std::set<int> cpus;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, comma - begin);
    const std::size_t dash = part.find('-');
    const auto first = parse_cpu(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_cpu(part.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.insert(cpu);
    begin = comma + 1;
  }
  return std::vector<int>(cpus.begin(), cpus.end());
}

std::string format_cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += last == i ? fmt::format("{}", cpus[i]) : fmt::format("{}-{}", cpus[i], cpus[last]);
    i = last + 1;
  }
  return text;
}

bool Cell::logs_in() const {
  if (target.spec == nullptr || target.spec->logins.empty()) return false;
  return std::ranges::any_of(endpoints(), [&](const MixPart& part) {
    return target.spec->endpoints.at(part.endpoint).login;
  });
}

bool Cell::uses_database() const {
  return std::ranges::any_of(endpoints(), [&](const MixPart& part) {
    return target.spec->endpoints.at(part.endpoint).database;
  });
}

}  // namespace poolbench::scenario
