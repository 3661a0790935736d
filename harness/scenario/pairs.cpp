#include "scenario/pairs.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/json.h"
#include "scenario/matrix/selector.h"

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

}  // namespace

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

}  // namespace poolbench::scenario
