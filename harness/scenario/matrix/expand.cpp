
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/file.h"
#include "scenario/cell_settings.h"
#include "scenario/comparisons.h"
#include "scenario/matrix/installed_check.h"
#include "scenario/matrix/matrix.h"
#include "scenario/matrix/overrides.h"
#include "scenario/matrix/server_check.h"
#include "scenario/scenario.h"
#include "scenario/service/service_check.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

// Every cell holds its settings; a small file with a huge matrix is fine, a huge one is not.
constexpr std::size_t kMostBytes = 256UL * 1024 * 1024;

bool is_name(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// Cells that cannot share a block in turns are a mistake of design.slice, which `design` sets.
void check_turns(const Setting* design, const std::vector<Cell>& cells, Mistakes& mistakes) {
  const std::string why = hindrance_to_turns(cells);
  if (why.empty()) return;
  mistakes.add(design->find("slice")->place, "design.slice: the cells cannot take turns: " + why,
               "turns need the native generator in a closed loop, and the same load.warmup, "
               "load.measure and postgres in all cells; or leave design.slice out");
}

class Expansion {
 public:
  Expansion(std::shared_ptr<const Source> source, const Generators& generators,
            const Overrides& overrides, const Loaders& loaders)
      : source_(std::move(source)),
        generators_(generators),
        overrides_(overrides),
        loaders_(loaders) {}

  tl::expected<Scenario, std::vector<Diagnostic>> run() {
    const std::vector<SetOverride> changes = read_set(overrides_.set, mistakes_);
    std::optional<Setting> root = parse_toml(source_->text, source_, mistakes_);
    if (root) {
      for (const SetOverride& change : changes) apply(*root, change, mistakes_);
      if (overrides_.quick) quicken(*root, changes);
      read(*root, changes);
    }
    if (!mistakes_.empty()) return tl::unexpected(mistakes_.in_order());
    if (chosen_.empty()) {
      installed_check_.refuse_all({source_, 1, 1});
      return tl::unexpected(mistakes_.in_order());
    }
    if (chosen_.size() < scenario_.cells.size()) keep_cells(scenario_, chosen_);
    return std::move(scenario_);
  }

 private:
  void read(const Setting& root, const std::vector<SetOverride>& changes) {
    TableReader top(&root, "", root.place, mistakes_);
    if (!read_header(top)) return;
    scenario_.design = read_design(top.any("design"), root.place, mistakes_);
    for (const std::string& name : cell_tables()) {
      const Setting* table = top.any(name);
      if (table != nullptr) base_.members.push_back({name, table->place, *table});
    }
    base_.place = root.place;
    const Variants variants(top.any("variant"), mistakes_);
    const Matrix matrix = read_matrix(top.any("matrix"), mistakes_);
    for (const SetOverride& change : changes) refuse_varied(change, matrix, mistakes_);
    build_cells(matrix, variants);
    read_base(matrix, variants, root);
    const Field field{matrix, scenario_.cells, generators_, scenario_.metrics};
    scenario_.comparisons = read_comparisons(top, field);
    scenario_.hypotheses = read_hypotheses(top, field);
    scenario_.references = read_references(top, field);
    choose_cells(matrix);
    server_check_.check(scenario_.cells, chosen_);
    if (scenario_.design.slice) check_turns(top.any("design"), scenario_.cells, mistakes_);
    top.refuse_unknown();
  }

  /// False if the file is of another schema, so that nothing else it says can be judged.
  bool read_header(TableReader& top) {
    if (!top.has("schema")) top.refuse_missing("schema", "write schema = 1");
    const std::optional<std::int64_t> schema = top.integer("schema");
    if (schema && *schema != 1) {
      top.refuse("schema",
                 fmt::format("= {} is not known; this poolbench reads schema 1", *schema));
      return false;
    }
    scenario_.file = source_->name;
    scenario_.sha256 = base::sha256_hex(source_->text);
    scenario_.name = top.required_text("name");
    if (top.has("name") && !is_name(scenario_.name)) {
      top.refuse("name", fmt::format("cannot be {}", in_quotes(scenario_.name)),
                 "use lower-case letters, digits and hyphens");
    }
    refuse_long_name(top);
    scenario_.summary = top.text("summary").value_or("");
    return true;
  }

  void build_cells(const Matrix& matrix, const Variants& variants) {
    name_scenario_axes(matrix);
    if (matrix.combinations.size() * source_->text.size() > kMostBytes) {
      mistakes_.add({source_, 1, 1},
                    fmt::format("{} cells are too many for a file of {} bytes",
                                matrix.combinations.size(), source_->text.size()),
                    "vary less in one scenario");
      return;
    }
    RuleCheck rules;
    std::set<std::string> ids;
    for (const Combination& combination : matrix.combinations) {
      build_cell(matrix, combination, variants, rules);
      const std::string& id = scenario_.cells.back().id;
      if (!ids.insert(id).second) {
        mistakes_.add(place_of(matrix, combination), fmt::format("two cells are called {}", id),
                      "write axis values that do not look alike");
      }
    }
    if (!matrix.usable) return;
    rules.report(mistakes_);
    service_check_.check_base(base_, scenario_.cells);
    variants.refuse_unused(matrix, mistakes_);
  }

  void name_scenario_axes(const Matrix& matrix) {
    for (const MatrixAxis& axis : matrix.axes) {
      Axis named{axis.name, axis.path, {}};
      for (const Setting& value : axis.values) named.values.push_back(to_json(value));
      scenario_.axes.push_back(std::move(named));
    }
  }

  static Place place_of(const Matrix& matrix, const Combination& combination) {
    return matrix.value(combination.front()).place;
  }

  void build_cell(const Matrix& matrix, const Combination& combination, const Variants& variants,
                  RuleCheck& rules) {
    Setting tree = base_;
    Cell cell;
    cell.id = cell_id(matrix, combination);
    const Setting* bundle = nullptr;
    for (const Choice& choice : combination) {
      const MatrixAxis& axis = matrix.axes[choice.axis];
      const Setting& value = matrix.value(choice);
      cell.factors.push_back({axis.name, axis.path, to_json(value)});
      if (axis.path != kVariantAxis) continue;
      bundle = variants.find(value, mistakes_);
      if (bundle == nullptr) continue;
      variants.refuse_overlap(value.text(), matrix, combination, mistakes_);
      overlay(tree, *bundle);
    }
    for (const Choice& choice : combination) {
      const MatrixAxis& axis = matrix.axes[choice.axis];
      if (axis.path == kVariantAxis) continue;
      put(tree, split_path(axis.path), matrix.value(choice), axis.place);
    }
    CellSettings settings =
        read_cell_settings(tree, Completeness::kCell, generators_, loaders_, mistakes_);
    settings.load.slice = scenario_.design.slice;
    cell.config = to_json(settings);
    cell.target = std::move(settings.target);
    cell.postgres = std::move(settings.postgres);
    cell.services = std::move(settings.services);
    cell.load = std::move(settings.load);
    cell.placement = std::move(settings.placement);
    rules.check(cell, tree);
    service_check_.check(cell, matrix, combination);
    if (bundle != nullptr) service_check_.check(cell, *bundle);
    installed_check_.note(cell, tree, scenario_.design);
    server_check_.note(cell, tree);
    declare_metrics(cell, tree);
    scenario_.cells.push_back(std::move(cell));
  }

  /// The metrics of what a cell has. Two targets, or two services of one name, may declare the same
  /// one, but not differently.
  void declare_metrics(const Cell& cell, const Setting& tree) {
    const TargetSpec* const target = cell.target.spec.get();
    if (target != nullptr && declarers_.insert(target).second) {
      const Setting* const table = tree.find("target");
      const Setting* const use = table == nullptr ? nullptr : table->find("use");
      add_metrics(target->metrics, "target " + target->name,
                  use == nullptr ? tree.place : use->place);
    }
    for (const ServiceUse& service : cell.services.all()) {
      add_metrics(service.metrics, "service " + service.name, service.named_at);
    }
  }

  void add_metrics(const std::vector<MetricSpec>& specs, const std::string& declarer,
                   const Place& place) {
    for (const MetricSpec& spec : specs) {
      for (report::DeclaredMetric& metric : declared_by(spec)) {
        const auto known =
            std::ranges::find(scenario_.metrics, metric.name, &report::DeclaredMetric::name);
        if (known == scenario_.metrics.end()) {
          scenario_.metrics.push_back(std::move(metric));
        } else if (*known != metric) {
          mistakes_.add(place,
                        fmt::format("the {} declares the metric {} otherwise than another one of "
                                    "the scenario",
                                    declarer, metric.name),
                        "give one of them another name, or declare both alike");
        }
      }
    }
  }

  /// Decodes the tables as they are before the axes: for `effective`, and to find what is wrong in
  /// settings that every cell overwrites.
  void read_base(const Matrix& matrix, const Variants& variants, const Setting& root) {
    const auto is_use = [](const MatrixAxis& axis) { return axis.path == "target.use"; };
    const bool varies_target =
        variants.touch("target.use") || std::ranges::any_of(matrix.axes, is_use);
    const TargetLoader none = [](const Setting&, Mistakes&) { return nullptr; };
    const CellSettings settings =
        read_cell_settings(base_, Completeness::kBase, generators_,
                           {varies_target ? none : loaders_.target, loaders_.service}, mistakes_);
    base::Json& effective = scenario_.effective;
    effective["schema"] = 1;
    effective["name"] = scenario_.name;
    effective["summary"] = scenario_.summary;
    const base::Json tables = to_json(settings);
    for (const auto& [name, table] : tables.items()) effective[name] = table;
    effective["design"] = to_json(scenario_.design);
    for (const char* name :
         {"service", "variant", "matrix", "compare", "hypothesis", "reference"}) {
      const Setting* table = root.find(name);
      if (table != nullptr) effective[name] = to_json(*table);
    }
  }

  void choose_cells(const Matrix& matrix) {
    if (!matrix.usable) return;
    const std::vector<Selector> selectors = read_only(overrides_.only, matrix, mistakes_);
    for (std::size_t i = 0; i < scenario_.cells.size(); ++i) {
      const Cell& cell = scenario_.cells[i];
      const auto chooses = [&](const Selector& s) { return matches(s, matrix.combinations[i]); };
      const bool wanted = overrides_.only.empty() || std::ranges::any_of(selectors, chooses);
      if (wanted && installed_check_.passes(cell, scenario_.skipped_cells)) chosen_.insert(cell.id);
    }
  }

  std::shared_ptr<const Source> source_;
  const Generators& generators_;
  const Overrides& overrides_;
  const Loaders loaders_;
  Mistakes mistakes_;
  Setting base_;
  Scenario scenario_;
  ServiceCheck service_check_{mistakes_};
  InstalledCheck installed_check_{generators_, mistakes_};
  ServerCheck server_check_{mistakes_};
  std::set<std::string> chosen_;
  std::set<const TargetSpec*> declarers_;  ///< whose metrics are known
};

}  // namespace

tl::expected<Scenario, std::vector<Diagnostic>> expand(const std::shared_ptr<const Source>& source,
                                                       const Generators& generators,
                                                       const Overrides& overrides,
                                                       const TargetLoader& loader,
                                                       const ServiceLoader& services) {
  return Expansion(source, generators, overrides, {loader, services}).run();
}

}  // namespace poolbench::scenario
