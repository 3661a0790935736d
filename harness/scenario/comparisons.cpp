#include "scenario/comparisons.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/json.h"
#include "report/metric.h"
#include "scenario/matrix/matrix.h"

namespace poolbench::scenario {
namespace {

constexpr std::size_t kMostPairs = 10'000;

std::optional<Selector> read_member(TableReader& reader, std::string_view key, const Field& field) {
  if (!reader.has(key)) {
    reader.refuse_missing(key, "write { AXIS = VALUE }");
    return std::nullopt;
  }
  const Setting* table = reader.any(key);
  if (!field.matrix.usable) return std::nullopt;
  return read_selector(*table, field.matrix, reader.mistakes());
}

/// Positions of the chosen cells.
std::vector<std::size_t> choose(TableReader& reader, std::string_view key, const Selector& selector,
                                const Field& field) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < field.cells.size(); ++i) {
    if (matches(selector, field.matrix.combinations[i])) chosen.push_back(i);
  }
  if (chosen.empty()) reader.refuse(key, "chooses no cell of the matrix");
  return chosen;
}

/// The setting at a dotted path of a cell's configuration, or null.
base::Json setting_at(const base::Json& config, const std::string& path) {
  const base::Json* at = &config;
  for (const std::string& part : split_path(path)) {
    const auto next = at->find(part);
    if (!at->is_object() || next == at->end()) return nullptr;
    at = &*next;
  }
  return *at;
}

/// What a cell has on the given axes; two cells agree there if these are equal.
std::string settings_on(const std::vector<std::size_t>& axes, std::size_t cell,
                        const Field& field) {
  base::Json settings = base::Json::array();
  for (const std::size_t axis : axes) {
    const std::string& path = field.matrix.axes[axis].path;
    base::Json value;
    if (path == kVariantAxis) {
      for (const Factor& factor : field.cells[cell].factors) {
        if (factor.path == path) value = factor.value;
      }
    } else {
      value = setting_at(field.cells[cell].config, path);
    }
    settings.push_back(std::move(value));
  }
  return base::json_dump(settings);
}

/// The ids of the cells that the selector under `key` chooses. None is a mistake.
std::vector<std::string> read_cells(TableReader& reader, std::string_view key, const Field& field) {
  std::vector<std::string> ids;
  if (!reader.has(key)) return ids;
  const auto selector = read_member(reader, key, field);
  if (!selector) return ids;
  for (const std::size_t cell : choose(reader, key, *selector, field)) {
    ids.push_back(field.cells[cell].id);
  }
  return ids;
}

/// {baseline id, candidate id} for the selectors under `baseline` and `candidate`: each candidate
/// with each baseline that has the same settings on every axis which neither selector names. An
/// axis that a cell does not vary counts with the setting the cell has, defaults filled in. No pair
/// is a mistake.
std::vector<std::pair<std::string, std::string>> read_pairs(TableReader& reader,
                                                            const Field& field) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto baseline = read_member(reader, "baseline", field);
  const auto candidate = read_member(reader, "candidate", field);
  if (!baseline || !candidate) return pairs;
  std::vector<std::size_t> other_axes;
  for (std::size_t axis = 0; axis < field.matrix.axes.size(); ++axis) {
    if (!names_axis(*baseline, axis) && !names_axis(*candidate, axis)) other_axes.push_back(axis);
  }
  std::multimap<std::string, std::size_t> baselines;
  for (const std::size_t cell : choose(reader, "baseline", *baseline, field)) {
    baselines.emplace(settings_on(other_axes, cell, field), cell);
  }
  const std::vector<std::size_t> candidates = choose(reader, "candidate", *candidate, field);
  for (const std::size_t cell : candidates) {
    const auto [begin, end] = baselines.equal_range(settings_on(other_axes, cell, field));
    for (auto at = begin; at != end && pairs.size() <= kMostPairs; ++at) {
      if (at->second != cell) pairs.emplace_back(field.cells[at->second].id, field.cells[cell].id);
    }
  }
  if (pairs.size() > kMostPairs) {
    reader.refuse("candidate", fmt::format("makes more than {} pairs", kMostPairs));
  } else if (pairs.empty() && !baselines.empty() && !candidates.empty()) {
    reader.refuse("candidate", "agrees with no baseline cell on the axes that neither names",
                  "name the differing axes in both");
  }
  return pairs;
}

struct Bounds {
  std::optional<double> at_least, at_most;
};

/// `name = [low, high]`.
Bounds read_between(TableReader& reader, const std::string& name) {
  const Setting* list = reader.list(name);
  if (list == nullptr) return {};
  const auto is_number = [](const Setting& item) { return item.scalar.is_number(); };
  if (list->items.size() == 2 && std::ranges::all_of(list->items, is_number)) {
    const double low = list->items[0].scalar.get<double>();
    const double high = list->items[1].scalar.get<double>();
    if (low <= high) return {low, high};
  }
  reader.refuse(name, "must be two numbers, the lower first", "write [0.9, 1.1], for example");
  return {};
}

/// at_least, at_most and between, or the same with "ratio_" before them for pairs of cells.
Bounds read_bounds(TableReader& reader, bool for_pairs) {
  const auto named = [](bool ratio, const char* name) {
    return (ratio ? "ratio_" : "") + std::string(name);
  };
  bool wrong_kind = false;
  for (const char* name : {"at_least", "at_most", "between"}) {
    const std::string wrong = named(!for_pairs, name);
    if (reader.any(wrong) == nullptr) continue;
    wrong_kind = true;
    reader.refuse(wrong,
                  for_pairs ? "is a bound on a value, but baseline and candidate make a ratio"
                            : "is a bound on a ratio, but there is no baseline and candidate",
                  fmt::format("write {}", named(for_pairs, name)));
  }
  const std::string low = named(for_pairs, "at_least");
  const std::string high = named(for_pairs, "at_most");
  const std::string both = named(for_pairs, "between");
  Bounds bounds{reader.number(low), reader.number(high)};
  const Bounds between = read_between(reader, both);
  if (reader.has(both)) {
    if (reader.has(low) || reader.has(high)) {
      reader.refuse(both, fmt::format("says what {} and {} say", low, high),
                    "write one or the other");
    }
    return between;
  }
  if (bounds.at_least && bounds.at_most && *bounds.at_least > *bounds.at_most) {
    reader.refuse(high, fmt::format("is less than {}", low));
  }
  if (!reader.has(low) && !reader.has(high) && !wrong_kind) {
    reader.refuse_missing(both,
                          fmt::format("a hypothesis needs a bound: {}, {} or {}", low, high, both));
  }
  return bounds;
}

/// All metrics, with those of the endpoints that cells mix, and of the services that they have.
std::vector<std::string> known_metrics(const Field& field) {
  std::vector<std::string> names = report::metric_names(field.metrics);
  std::set<std::string> endpoints, services;
  for (const Cell& cell : field.cells) {
    for (const ServiceUse& service : cell.services.all()) services.insert(service.name);
    if (cell.load.mix.size() < 2) continue;
    for (const MixPart& part : cell.load.mix) endpoints.insert(part.endpoint);
  }
  for (const std::string& endpoint : endpoints) {
    std::ranges::move(report::endpoint_metric_names(endpoint), std::back_inserter(names));
  }
  for (const std::string& service : services) {
    std::ranges::move(report::service_metric_names(service), std::back_inserter(names));
  }
  return names;
}

/// Refuses the metric of an endpoint where a cell's generator has no figures of endpoints.
void check_generators(TableReader& reader, const std::string& key, const std::string& metric,
                      const Field& field) {
  const auto known = report::find_metric(metric, field.metrics);
  if (!known || known->endpoint.empty()) return;
  for (const Cell& cell : field.cells) {
    const auto generator =
        std::ranges::find(field.generators, cell.load.generator, &Generator::name);
    if (generator == field.generators.end() || generator->tells_endpoints) continue;
    reader.refuse(
        key,
        fmt::format("asks for what {} cannot do: have figures for each endpoint", generator->name),
        "use native, or a metric of the whole load");
    return;
  }
}

std::vector<std::string> read_metrics(TableReader& reader, const Field& field) {
  if (!reader.has("metrics")) return {report::metrics().front().name};
  std::vector<std::string> metrics = reader.texts("metrics");
  const std::vector<std::string> known = known_metrics(field);
  const Setting* list = reader.any("metrics");
  for (const Setting& item : list->items) {
    if (!item.is_string()) continue;
    if (std::ranges::find(known, item.text()) != known.end()) {
      check_generators(reader, "metrics", item.text(), field);
      continue;
    }
    reader.mistakes().add(
        item.place,
        fmt::format("{}: there is no metric {}", reader.path("metrics"), in_quotes(item.text())),
        suggestion(item.text(), known));
  }
  if (list->is_list() && list->items.empty()) reader.refuse("metrics", "names no metric");
  return metrics;
}

std::string read_metric(TableReader& reader, const Field& field) {
  const std::vector<std::string> known = known_metrics(field);
  if (!reader.has("metric")) reader.refuse_missing("metric", suggestion("", known));
  std::string metric = reader.choice("metric", known).value_or("");
  check_generators(reader, "metric", metric, field);
  return metric;
}

constexpr const char* kFailsWith = "fails_with";

/// That cells fail: no figure of theirs is claimed.
Hypothesis read_failure(TableReader& reader, Hypothesis hypothesis, const Field& field) {
  hypothesis.fails_with = reader.required_text(kFailsWith);
  if (hypothesis.fails_with.empty()) {
    reader.refuse(kFailsWith, "is empty", "write words of the failure: \"wrong answer\"");
  }
  for (const char* key : {"metric", "baseline", "candidate", "at_least", "at_most", "between",
                          "ratio_at_least", "ratio_at_most", "ratio_between"}) {
    if (reader.any(key) != nullptr) {
      reader.refuse(key, fmt::format("does not go with {}", kFailsWith),
                    "a cell that fails has no figures: claim it of a cell alone");
    }
  }
  if (!reader.has("cell")) reader.refuse_missing("cell", "say which cell fails");
  if (reader.has("cell")) hypothesis.cells = read_cells(reader, "cell", field);
  reader.refuse_unknown();
  return hypothesis;
}

/// Which of its forms a hypothesis has: a cell that fails, one with a figure, or a pair.
Hypothesis read_hypothesis(TableReader& reader, const Field& field) {
  Hypothesis hypothesis;
  hypothesis.claim = reader.required_text("claim");
  if (reader.has(kFailsWith)) return read_failure(reader, std::move(hypothesis), field);
  hypothesis.metric = read_metric(reader, field);
  const bool pair = reader.has("baseline") || reader.has("candidate");
  if (pair) {
    hypothesis.pairs = read_pairs(reader, field);
    if (reader.any("cell") != nullptr) {
      reader.refuse("cell", "does not go with baseline and candidate");
    }
  } else if (reader.has("cell")) {
    hypothesis.cells = read_cells(reader, "cell", field);
  } else {
    reader.refuse_missing("cell", "say which cell it is about, or a baseline and a candidate");
  }
  const Bounds bounds = read_bounds(reader, pair);
  hypothesis.at_least = bounds.at_least;
  hypothesis.at_most = bounds.at_most;
  reader.refuse_unknown();
  return hypothesis;
}

Reference read_reference(TableReader& reader, const Field& field) {
  Reference reference;
  reference.source = reader.required_text("source");
  reference.metric = read_metric(reader, field);
  const std::vector<const Setting*> values = reader.tables("values");
  if (!reader.has("values")) {
    reader.refuse_missing("values", "write values = [{ cell = { AXIS = VALUE }, value = NUMBER }]");
  }
  for (const Setting* table : values) {
    TableReader value(table, reader.path("values"), table->place, reader.mistakes());
    if (!value.has("cell")) value.refuse_missing("cell");
    if (!value.has("value")) value.refuse_missing("value");
    const std::optional<double> figure = value.number("value");
    for (const std::string& id : read_cells(value, "cell", field)) {
      if (figure) reference.value_by_cell[id] = *figure;
    }
    value.refuse_unknown();
  }
  reader.refuse_unknown();
  return reference;
}

}  // namespace

std::vector<Comparison> read_comparisons(TableReader& top, const Field& field) {
  std::vector<Comparison> comparisons;
  for (const Setting* table : top.tables("compare")) {
    TableReader reader(table, "compare", table->place, top.mistakes());
    Comparison comparison;
    comparison.name = reader.required_text("name");
    comparison.metrics = read_metrics(reader, field);
    comparison.pairs = read_pairs(reader, field);
    reader.refuse_unknown();
    comparisons.push_back(std::move(comparison));
  }
  return comparisons;
}

std::vector<Hypothesis> read_hypotheses(TableReader& top, const Field& field) {
  std::vector<Hypothesis> hypotheses;
  for (const Setting* table : top.tables("hypothesis")) {
    TableReader reader(table, "hypothesis", table->place, top.mistakes());
    hypotheses.push_back(read_hypothesis(reader, field));
  }
  return hypotheses;
}

std::vector<Reference> read_references(TableReader& top, const Field& field) {
  std::vector<Reference> references;
  for (const Setting* table : top.tables("reference")) {
    TableReader reader(table, "reference", table->place, top.mistakes());
    references.push_back(read_reference(reader, field));
  }
  return references;
}

void keep_cells(Scenario& scenario, const std::set<std::string>& ids) {
  const auto gone = [&](const std::string& id) { return !ids.contains(id); };
  const auto pair_gone = [&](const auto& pair) { return gone(pair.first) || gone(pair.second); };
  std::erase_if(scenario.cells, [&](const Cell& cell) { return gone(cell.id); });
  for (Comparison& c : scenario.comparisons) std::erase_if(c.pairs, pair_gone);
  std::erase_if(scenario.comparisons, [](const Comparison& c) { return c.pairs.empty(); });
  for (Hypothesis& h : scenario.hypotheses) {
    std::erase_if(h.cells, gone);
    std::erase_if(h.pairs, pair_gone);
  }
  std::erase_if(scenario.hypotheses,
                [](const Hypothesis& h) { return h.cells.empty() && h.pairs.empty(); });
  for (Reference& r : scenario.references) {
    std::erase_if(r.value_by_cell, [&](const auto& entry) { return gone(entry.first); });
  }
  std::erase_if(scenario.references, [](const Reference& r) { return r.value_by_cell.empty(); });
}

}  // namespace poolbench::scenario
