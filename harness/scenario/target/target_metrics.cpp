#include "scenario/target/target_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/regex.hpp>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

#include "report/metric.h"
#include "scenario/target/target_requests.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

using report::MetricKind;
using report::MetricSource;

/// The keys that go with one source alone.
struct SourceKey {
  const char* key;
  MetricSource source;
  bool is_http;  ///< it goes with both sources that are asked over HTTP
};
constexpr std::array kSourceKeys = {SourceKey{"column", MetricSource::kSql, false},
                                    SourceKey{"pointer", MetricSource::kHttpJson, false},
                                    SourceKey{"metric", MetricSource::kPrometheus, false},
                                    SourceKey{"labels", MetricSource::kPrometheus, false},
                                    SourceKey{"database", MetricSource::kSql, false},
                                    SourceKey{"port", MetricSource::kHttpJson, true}};

template <typename Word>
std::vector<std::string> all_words() {
  return {report::Words<Word>::kAll.begin(), report::Words<Word>::kAll.end()};
}

template <typename Word>
std::optional<Word> read_word(TableReader& reader, const char* key) {
  const auto chosen = reader.choice(key, all_words<Word>());
  return chosen ? report::word_from<Word>(*chosen) : std::nullopt;
}

bool is_metric_name(std::string_view name) {
  const auto is_lower = [](unsigned char c) { return std::islower(c) != 0; };
  return !name.empty() && is_lower(static_cast<unsigned char>(name.front())) &&
         std::ranges::all_of(name, [&](unsigned char c) {
           return is_lower(c) || std::isdigit(c) != 0 || c == '_';
         });
}

/// The names that a metric goes by, without the prefix of its owner.
std::vector<std::string> names_given(const std::string& name, MetricKind kind) {
  if (kind == MetricKind::kCounter) return {name};
  return {name + "_mean", name + "_max"};
}

void check_name(TableReader& reader, const std::string& name, MetricKind kind,
                const MetricOwner& owner, std::set<std::string>& taken) {
  if (!is_metric_name(name)) {
    reader.refuse("name", fmt::format("cannot be {}", in_quotes(name)),
                  "use lower-case letters, digits and '_', a letter first");
    return;
  }
  auto built_in = report::metric_names({});
  if (owner.is_service) built_in.emplace_back(report::kServiceCpu);
  for (const std::string& given : names_given(name, kind)) {
    for (const std::string& word : {name, given}) {
      if (std::ranges::find(built_in, word) == built_in.end()) continue;
      reader.refuse("name", fmt::format("is that of a built-in metric: {}", in_quotes(word)),
                    "choose another one");
      return;
    }
    if (taken.insert(given).second) continue;
    reader.refuse("name", fmt::format("gives a metric that there is already: {}", in_quotes(given)),
                  "choose another one");
    return;
  }
}

/// The source, by the one key that names it. None, and a mistake, where there is none, or several.
std::optional<MetricSource> read_source(TableReader& reader) {
  std::optional<MetricSource> source;
  for (const std::string& word : all_words<MetricSource>()) {
    if (!reader.has(word)) continue;
    if (source) {
      reader.refuse(word, fmt::format("is a second source beside {}", report::word_of(*source)),
                    "leave one out");
      return std::nullopt;
    }
    source = report::word_from<MetricSource>(word);
  }
  if (!source) {
    reader.refuse_missing("sql",
                          "say where the values come from: sql = \"SELECT …\", http_json = "
                          "\"/stats\", prometheus = \"/metrics\" or log = \"(regex)\"");
  }
  return source;
}

void read_sql(TableReader& reader, const MetricOwner& owner, MetricSpec& metric) {
  metric.sql = reader.required_text("sql");
  metric.column = reader.text("column").value_or("");
  if (owner.is_service) metric.database = reader.text("database").value_or("");
}

std::string read_path(TableReader& reader, std::string_view key) {
  std::string path = reader.required_text(key);
  if (!path.starts_with('/') || path.find_first_of(" \t\r\n") != std::string::npos) {
    reader.refuse(key, fmt::format("is no path: {}", in_quotes(path)),
                  "write what the target is asked for: \"/stats\"");
  }
  return path;
}

void read_http_json(TableReader& reader, MetricSpec& metric) {
  metric.path = read_path(reader, "http_json");
  if (!reader.has("pointer")) {
    reader.refuse_missing("pointer", "write where the number stands in the answer: \"/pool/size\"");
    return;
  }
  metric.pointer = reader.text("pointer").value_or("");
  if (const auto wrong = wrong_pointer(metric.pointer); !wrong.empty()) {
    reader.refuse("pointer", wrong);
  }
}

void read_prometheus(TableReader& reader, MetricSpec& metric) {
  metric.path = read_path(reader, "prometheus");
  metric.series = reader.required_text("metric");
  metric.labels = reader.text_by_name("labels");
}

void read_log(TableReader& reader, MetricSpec& metric) {
  metric.pattern = reader.required_text("log");
  try {
    const auto groups = boost::regex(metric.pattern).mark_count();
    if (groups > 1) {
      reader.refuse("log", fmt::format("has {} groups", groups),
                    "keep the one around the number, and write the others as (?:…)");
    } else if (groups == 0 && metric.kind == MetricKind::kGauge) {
      reader.refuse("log", "has no group, and a gauge needs a number",
                    "put ( ) around the number in the line");
    }
  } catch (const boost::regex_error& error) {
    reader.refuse("log", fmt::format("is no regular expression: {}", error.what()));
  }
}

/// The name of one of the service's ports; empty: the one that it listens on.
std::string read_port(TableReader& reader, const MetricOwner& owner) {
  if (!reader.has("port")) return {};
  if (owner.ports.empty()) {
    reader.refuse("port", "names none: the service has no port beside the one it listens on",
                  "leave it out, or declare one with serve.more_ports");
    static_cast<void>(reader.any("port"));
    return {};
  }
  return reader.choice("port", owner.ports).value_or("");
}

void read_source_members(TableReader& reader, const MetricOwner& owner, MetricSpec& metric) {
  switch (metric.source) {
    case MetricSource::kSql:
      read_sql(reader, owner, metric);
      break;
    case MetricSource::kHttpJson:
      read_http_json(reader, metric);
      break;
    case MetricSource::kPrometheus:
      read_prometheus(reader, metric);
      break;
    case MetricSource::kLog:
      read_log(reader, metric);
      break;
  }
  if (metric.source == MetricSource::kLog && reader.has("combine")) {
    static_cast<void>(reader.any("combine"));
    reader.refuse("combine", "does not go with log", "leave it out");
  }
  metric.has_combine = reader.has("combine");
  metric.takes_largest = reader.choice("combine", {"sum", "max"}) == "max";
  if (metric.is_http()) {
    if (owner.is_service) metric.port = read_port(reader, owner);
    if (metric.kind == MetricKind::kGauge && !owner.is_service) {
      reader.refuse("kind",
                    "= \"gauge\" would have the measured server asked every 100 ms, which is load "
                    "of its own",
                    "declare a counter, or take the gauge from sql or log");
    }
  }
  for (const auto& [key, source, is_http] : kSourceKeys) {
    if (source == metric.source || (is_http && metric.is_http()) || !reader.has(key)) continue;
    const auto* const with = is_http ? "http_json and prometheus" : report::word_of(source).data();
    static_cast<void>(reader.any(key));
    reader.refuse(key, fmt::format("goes with {} alone", with), "leave it out");
  }
}

MetricSpec read_metric(TableReader& reader, const MetricOwner& owner,
                       std::set<std::string>& taken) {
  constexpr double kMostMargin = 1;
  MetricSpec metric;
  const std::string name = reader.required_text("name");
  metric.name = owner.prefix + name;
  metric.unit = reader.required_text("unit");
  metric.better = read_word<report::Better>(reader, "better").value_or(metric.better);
  metric.margin = reader.number("margin", 0, kMostMargin).value_or(metric.margin);
  if (!reader.has("kind")) reader.refuse_missing("kind", "write \"counter\" or \"gauge\"");
  metric.kind = read_word<MetricKind>(reader, "kind").value_or(metric.kind);
  if (reader.has("name")) check_name(reader, name, metric.kind, owner, taken);
  metric.per = read_word<report::Per>(reader, "per");
  const bool is_counter = metric.kind == MetricKind::kCounter;
  if (is_counter && !reader.has("per")) {
    reader.refuse_missing("per",
                          "say what the growth of the counter is divided by: \"request\" or "
                          "\"second\"");
  } else if (!is_counter && metric.per) {
    reader.refuse("per", "goes with a counter alone", "leave it out");
  }
  if (const auto source = read_source(reader)) {
    metric.source = *source;
    read_source_members(reader, owner, metric);
    reader.refuse_unknown();
  }
  return metric;
}

}  // namespace

std::vector<MetricSpec> read_metrics(TableReader& top, const MetricOwner& owner) {
  std::vector<MetricSpec> metrics;
  std::set<std::string> taken;
  for (const Setting* table : top.tables("metric")) {
    TableReader reader(table, "metric", table->place, top.mistakes());
    metrics.push_back(read_metric(reader, owner, taken));
  }
  return metrics;
}

std::optional<double> us_per_request(const MetricSpec& spec) {
  constexpr std::array<std::pair<std::string_view, double>, 4> kTimeUnits{
      {{"us", 1}, {"µs", 1}, {"ms", 1e3}, {"s", 1e6}}};
  const auto* const unit =
      std::ranges::find(kTimeUnits, spec.unit, [](const auto& known) { return known.first; });
  if (unit == kTimeUnits.end() || spec.per != report::Per::kRequest) return std::nullopt;
  return unit->second;
}

report::DeclaredMetrics declared_by(const MetricSpec& spec) {
  report::DeclaredMetrics declared;
  for (std::string& name : names_given(spec.name, spec.kind)) {
    declared.push_back(
        {std::move(name), spec.unit, spec.better, spec.margin, spec.kind, spec.per, spec.source});
  }
  return declared;
}

}  // namespace poolbench::scenario
