#include "scenario/matrix/variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "scenario/cell_settings.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

bool is_at_or_below(const std::string& path, const std::string& top) {
  return path == top || path.starts_with(top + ".");
}

}  // namespace

Variants::Variants(const Setting* table, Mistakes& mistakes) {
  if (table == nullptr) return;
  const TableReader all(table, "variant", table->place, mistakes);
  for (const Setting::Member& member : table->members) {
    const std::string path = all.path(member.key);
    if (!member.value.is_table()) {
      mistakes.add(member.value.place,
                   fmt::format("{} must be a table, found {}", path, describe(member.value)));
    }
    Bundle bundle{member.key_place, with_dotted_keys_as_paths(member.value), {}};
    TableReader tables(&bundle.settings, path, member.key_place, mistakes);
    for (const std::string& name : cell_tables()) tables.table(name);
    tables.refuse_unknown();
    collect_leaves(bundle.settings, "", bundle.leaves);
    bundles_.emplace(member.key, std::move(bundle));
  }
}

void Variants::collect_leaves(const Setting& table, const std::string& prefix,
                              std::vector<Leaf>& leaves) {
  for (const Setting::Member& member : table.members) {
    const std::string path = prefix.empty() ? member.key : prefix + "." + member.key;
    if (member.value.is_table()) {
      collect_leaves(member.value, path, leaves);
    } else {
      leaves.push_back({path, member.key_place});
    }
  }
}

const Setting* Variants::find(const Setting& name, Mistakes& mistakes) const {
  const auto found = bundles_.find(name.text());
  if (found != bundles_.end()) return &found->second.settings;
  mistakes.add(name.place, fmt::format("there is no [variant.{}]", name.text()),
               suggestion(name.text(), names_of(bundles_)));
  return nullptr;
}

void Variants::refuse_overlap(const std::string& name, const Matrix& matrix,
                              const Combination& combination, Mistakes& mistakes) const {
  for (const Leaf& leaf : bundles_.at(name).leaves) {
    for (const Choice& choice : combination) {
      const std::string& axis = matrix.axes[choice.axis].path;
      if (!is_at_or_below(leaf.path, axis)) continue;
      mistakes.add(
          leaf.place,
          fmt::format("variant {} sets {}, which the matrix varies", in_quotes(name), axis),
          "leave it out here, or drop the axis");
    }
  }
}

void Variants::refuse_unused(const Matrix& matrix, Mistakes& mistakes) const {
  std::set<std::string> used;
  for (const Combination& combination : matrix.combinations) {
    for (const Choice& choice : combination) {
      if (matrix.axes[choice.axis].path == kVariantAxis) used.insert(matrix.value(choice).text());
    }
  }
  for (const auto& [name, bundle] : bundles_) {
    if (used.contains(name)) continue;
    mistakes.add(bundle.place, fmt::format("no cell uses variant {}", in_quotes(name)),
                 fmt::format("add it in [matrix]: variant = [\"{}\", …], or remove it", name));
  }
}

bool Variants::touch(const std::string& path) const {
  return std::ranges::any_of(bundles_, [&](const auto& entry) {
    return std::ranges::any_of(entry.second.leaves,
                               [&](const Leaf& leaf) { return is_at_or_below(leaf.path, path); });
  });
}

}  // namespace poolbench::scenario
